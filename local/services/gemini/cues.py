"""The writer's vocabulary: words of clinicians and patients for each topic of a note."""

from __future__ import annotations

from local.services.gemini.patterns import any_of, pattern

FIRST_PERSON = any_of(r"i, i'm, i've, my, me, myself")
SECOND_PERSON = any_of(r"you, you're, you've, your, yourself")
QUESTION_START = any_of(r"""
    (?:do|did|have|are|were|can|could|would|has|is|was|will) (?:you|it|that|this|there|your), how(?:'s| is| are|
    has| have| long| many| much| often| about| bad| severe| well), what(?:'s| is| are| was| were| do| did| does|
    about| brings| kind| sort| time), when (?:did|do|does|is|was|were), (?:where|whereabouts)
    (?:is|are|do|does|did|was), why (?:do|did|are|is), who (?:do|is|are), which
    (?:side|one|arm|leg|hand|foot|eye|ear)
""")
OPENING_QUESTION = any_of(r"""
    what (?:brings|brought|has brought), (?:how|what) can i (?:help|do), what(?:'s| is| has)(?: been)? (?:going
    on|happening|the (?:problem|matter|trouble|issue)), tell me, how (?:have|has|are) (?:you|things|it)
    (?:been|doing|feeling|going), what(?:'s| is) (?:bothering|troubling), what seems to be
""")
YES = pattern(
    r"^(?:(?:yes|yeah|yep|yup|mm-hmm|mhm|uh-huh|correct|that's (?:right|correct|true)|exactly|definitely|absolutely"
    r"|of course|i (?:do|have|am|was|did)(?=[,.]|$))\b(?! not)[,.]?\s*)+"
)
NO = pattern(
    r"^(?:(?:no|nope|nah|none|never|absolutely not|definitely not|not at all|nothing like that|none whatsoever"
    r"|none at all|nothing at all|i (?:don't|haven't|didn't|wasn't|am not)(?=[,.]|$)|i'm not(?=[,.]|$))\b"
    r"(?! (?:longer|more|idea|\w+ing))[,.]?\s*)+"
)
HEDGED = any_of(r"""
    but, except, apart, other than, unless, only, just, sometimes, occasionally, maybe, perhaps, although,
    though, a (?:little|bit), once, not (?:really|much|often|usually|always|quite|exactly|sure|that
    i|lately|recently), probably, might, used to, until, well, think, guess, kind of, sort of, yes and no
""")
NEGATED = pattern(r"\b(?:no|not|never|without|nothing|none|neither|nor|cannot|denies)\b|n't\b")
SMALL_TALK = pattern(
    r"\b(?:thank|thanks|nice to (?:see|meet)|good to (?:see|meet|hear)|take care|bye|goodbye|hello|weather|welcome"
    r"|have a (?:good|nice|great|seat)|sit down|good (?:morning|afternoon|evening)|date of birth|hear me|see me"
    r"|first line of|full name|private place|any questions|question for|no problem|makes? sense|bear with me"
    r"|sounds (?:good|great|like a plan)|that's (?:great|good|fine|perfect|okay|ok|helpful)|sorry to hear|catch that"
    r"|(?:can|let) you (?:hear|know what)|how does that sound)\b|^(?:hi|hey|dear)\b"
)
NUMBER = pattern(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|half|once|twice|couple)\b"
)
DURATION = any_of(r"""
    (?:second|minute|hour|day|night|week|month|year)s?, yesterday, today, tonight, morning, evening, afternoon,
    since, ago, every, daily, weekly, always, often, all the time, lately, recently, after, before
""")

_DRUG = r"""
    \w{3,}(?:pril|sartan|olol|statin|prazole|cillin|mycin|cycline|oxetine|traline|alopram|azepam|azolam|afaxine|dipine),
    \w{3,}(?:formin|gliptin|gliflozin|glutide|parin|setron|triptan|profen),
    \w{3,}(?:semide|thiazide|terol|asone|isone|isolone|tadine|irizine|apine|idone|piprazole|trigine|gabalin),
    \w{3,}(?:pentin|phylline|floxacin|conazole|cyclovir|barbital|codone|morphone),
    lithium, wellbutrin, bupropion, trazodone, mirtazapine, zoloft, prozac, lexapro, effexor, insulin, lantus,
    aspirin, tylenol, paracetamol, acetaminophen, advil, aleve, motrin, lasix, warfarin, thyroxine,
    levothyroxine, digoxin, allopurinol, melatonin, adderall, ritalin, valproate, depakote, haloperidol,
    buspirone, hydroxyzine, tramadol, morphine, salbutamol, ventolin, ssris?, snris?, benzodiazepines?, z-pack,
    robitussin, miralax
"""
DRUG = any_of(
    _DRUG,
    r"""
    medications?, medicines?, meds, tablets?, pills?, doses?, dosage, milligrams?, \d*mg, micrograms?,
    inhalers?, antibiotics?, antidepressants?, prescriptions?, prescribed?, prescribing, painkillers?, pain
    relievers?, steroids?, ointment, creams?, refills?, drops, injections?, nasal spray, supplements?,
    vitamins?, capsules?, patch, cough syrup
""",
)
_BODY = r"""
    heads?, eyes?, ears?, nose, throat, neck, chest, hearts?, lungs?, stomach, belly, tummy, abdomen, abdominal,
    backs?, shoulders?, elbows?, wrists?, hands?, fingers?, hips?, knees?, ankles?, foot, feet, toes?, legs?,
    arms?, thighs?, calf, calves, kidneys?, bladder, bowels?, liver, skin, joints?, muscles?, groin, jaw, spine,
    extremit(?:y|ies), thyroid, prostate, breasts?, tongue, face, scalp
"""
BODY = any_of(_BODY)
_COMPLAINT = r"""
    pains?, painful, hurt(?:s|ing)?, ach(?:e|es|ing|y), sore, soreness, stiff(?:ness)?, swelling, swollen,
    cough(?:s|ing)?, fevers?, feverish, temperature, chills, sweat(?:s|ing|y)?, nausea, nauseous, nauseated,
    queasy, vomit(?:ing|ed|s)?, throw(?:ing|n)? up, threw up, diarrh?o?ea, constipat(?:ion|ed), dizz(?:y|iness),
    lightheaded(?:ness)?, light-?headed(?:ness)?, faint(?:ed|ing)?, blackouts?, headaches?, migraines?,
    numb(?:ness)?, tingl(?:e|ing|y), weak(?:ness)?, tired(?:ness)?, fatigued?, exhaust(?:ed|ion), energy,
    breathless(?:ness)?, short(?:ness)? of breath, breath(?:e|ing)?, wheez(?:e|ing|y), palpitations?,
    rash(?:es)?, itch(?:y|ing|iness)?, bleed(?:ing|s)?, blood, bruis(?:e|es|ing), blurr(?:y|ed), vision,
    hearing, ringing, runny, congest(?:ion|ed), phlegm, mucus, discharge, urinat(?:e|ing|ion), burning, stools?,
    cramp(?:s|ing)?, bloat(?:ed|ing), heartburn, reflux, symptoms?, side effects?, tremors?, shak(?:y|ing),
    seizures?, swallow(?:ing)?, lumps?, period, periods, menses, pregnant, libido, weight, falls?, fell,
    injur(?:y|ed|ies), twisted, sprained, confus(?:ed|ion), memory, pounds, kilos?, unwell, ill(?:ness)?,
    flare(?:-?ups?)?, limp(?:ing)?, infections?, thirst(?:y)?, trouble, worse, worsening, sick, snor(?:e|ing)
"""
SYMPTOM = any_of(_COMPLAINT)
_CONDITION = r"""
    \w{3,}(?:itis|emia|aemia|osis|opathy|ectomy|plasty|algia|pnea), disorders?, syndromes?,
    depress(?:ion|ed|ive), anxiety, anxious, diabet(?:es|ic), hypertension, asthma, copd, fractures?, sprains?,
    strains?, virus, viral, bacterial, cancer, tumou?r, stroke, heart (?:attack|failure|disease), bipolar, adhd,
    ptsd, ocd, insomnia, eczema, epilepsy, transplant, surger(?:y|ies), operation, cholesterol, gout, ulcers?,
    pneumonia, psychosis, schizophrenia, episodes?, panic attacks?, remission, relapse, allerg(?:y|ies|ic),
    hypothyroidism, hyperthyroidism, covid, flu, tinnitus, grief, trauma, burnout, concussion, hernia, obesity,
    murmur, conditions?, side effects?, response, diagnosis, diagnosed
"""
CONDITION = any_of(_CONDITION)

NAMED = any_of(_COMPLAINT, _CONDITION, _DRUG, "thoughts?, allergies, smoking, alcohol, drugs, surgeries, changes?")
RISK = any_of(r"""
    suicid(?:e|al|ality), self-?harm(?:ing)?, (?:harm|hurt|kill|cut)(?:ing)?
    (?:myself|yourself|themselves|others|anyone|someone|anybody|somebody), end(?:ing)? (?:my|your|it|things)(?:
    (?:own )?life| all)?, (?:better off|wish i (?:was|were)) dead, want(?:ed)? to die, not (?:want to
    )?(?:wake|waking|be here|being here|living)(?: up)?, dark thoughts?, (?:such|those|these|bad) thoughts,
    hopeless(?:ness)?, overdosed?, safe(?:ty)? plan, homicidal, (?:taking|taken|take) (?:my|your) (?:own )?life,
    life (?:is|isn't|is not) worth, worth living
""")
SLEEP = any_of(r"""
    sleep(?:s|ing|y)?, slept, asleep, awake, wak(?:e|es|ing)(?: up)?, woke, insomnia, nightmares?, dreams?, bed,
    bedtime, naps?, rested, restless
""")
APPETITE = any_of(r"""
    appetite, eat, eats, eating, ate, eaten, meals?, hungry, hunger, diet, food, breakfast, lunch, dinner,
    skipp(?:ed|ing) meals?, binge(?:s|ing)?
""")
MOOD = any_of(r"""
    mood, depress(?:ed|ion|ing), down, low, sad(?:ness)?, cry(?:ing)?, cried, tearful, anxi(?:ous|ety),
    worr(?:y|ies|ied|ying), panic(?:ky|king)?, nervous, irritable, irritability, angry, anger,
    stress(?:ed|ful|es)?, overwhelm(?:ed|ing), motivation, motivated, enjoy(?:ing|ed)?, interest(?:ed)?,
    pleasure, concentrat(?:e|ing|ion), focus(?:ed|ing)?, guilt(?:y)?, worthless, lonely, happy, happier,
    calm(?:er)?, on edge, empty, feel(?:ing)? (?:\w+
    )?(?:better|worse|good|bad|fine|okay|ok|great|terrible|awful|flat|heavy), mood swings, racing thoughts,
    voices, paranoid, thoughts?, coping, cope
""")
SUBSTANCES = any_of(r"""
    smok(?:e|es|ed|ing|er), cigarettes?, vap(?:e|es|ing), alcohol, drink(?:s|ing)?, drank, wine, beers?, pints?,
    units, drugs, cannabis, marijuana, weed, cocaine, opioids?, heroin, caffeine, coffee, sober, recreational
""")
SOCIAL = any_of(r"""
    work(?:s|ed|ing|load)?, jobs?, office, boss, manager, colleagues?, deadlines?, school, college, university,
    studying, student, husband, wife, partner, boyfriend, girlfriend, married, divorced?, separated, children,
    kids, son, daughter, friends?, live alone, living with, live with, lives with, home, unemployed, retired,
    exercis(?:e|ing), gym, hobbies, travell?(?:ed|ing)?, abroad, support(?:s|ive)?, rent, debt, money, lost my,
    moved
""")
FAMILY = any_of(r"""
    (?:my|your|their) (?:own
    )?(?:mother|mom|mum|father|dad|brother|sister|parents|grandmother|grandfather|aunt|uncle|cousin|family),
    family history, (?:in|runs in) (?:the|your|my) family
""")
PAST = any_of(r"""
    history of, medical history, past (?:medical|surgical|psychiatric), previously, previous, diagnosed, in the
    past, surgery, operation, years ago, hospitali[sz](?:ed|ation), admitted, medical
    (?:problems?|conditions?|issues?), as a child
""")
ALLERGIES = any_of(r"allerg(?:y|ies|ic)")

VITALS = any_of(r"""
    blood pressure, bp, pulse(?: ox)?, heart rate, temperature, temp, oxygen(?: saturation)?, saturations?,
    sats, respiratory rate, weight, bmi, height, vitals?(?: signs)?, afebrile
""")
APPEARANCE = any_of(r"""
    groomed, dressed, unkempt, disheveled, dishevelled, eye contact, distress, look(?:s|ing)? (?:\w+
    )?(?:tired|well|pale|unwell|better|thin|good|comfortable|exhausted|brighter|relaxed|anxious|sad|restless),
    well nourished, smil(?:e|ing|ed), posture, appear(?:s)? (?:\w+
    )*(?:tired|well|distress|pale|comfortable|calm|anxious), casual(?:ly)?, hygiene, tearful, alert, seem(?:s)?
    (?:\w+ )?(?:tired|well|calm|comfortable|restless|brighter|relaxed|sleepy)
""")
MENTAL_STATE = any_of(r"""
    affect, speech, speaking, mood (?:is|seems|appears|looks|today), thought (?:process|content|form), thoughts
    are, insight, judge?ment, oriented, orientation, eye contact, psychomotor, cooperative, hallucinations?,
    delusions?, cognition, groomed, flat, blunted, congruent, linear, goal[- ]directed, coherent, tearful,
    smil(?:e|ing), attention
""")
_FINDING = r"""
    normal, clear, tender(?:ness)?, swelling, swollen, edema, oedema, murmurs?, intact, soft, regular,
    irregular, bruits?, wheez(?:e|es|ing), crackles, rhonchi, rales, range of motion, reflexes, strength,
    sensation, gait, palpation, palpate, redness, erythema, warm(?:th)?, bruising, masses, lesions?, pain
    (?:to|with|on|when), no (?:signs?|evidence), enlarged, distended, guarding, bilateral(?:ly)?, rhythm,
    pupils?, lymph nodes?, adenopathy, effusion, deformity, inflam(?:ed|mation), dry, bowel sounds, good,
    decreased, limited, instability
"""
FINDING = any_of(_FINDING)
SIGN = any_of(r"""
    pain (?:to|with|on) (?:palpation|flexion|extension|movement|rotation), straight leg raise, tremor,
    murmurs?, edema, oedema, bruits?, tenderness, range of motion, reflexes, gait, rhonchi, crackles,
    rales, bowel sounds, lymph nodes?, pupils?, erythema, effusion, cranial nerves, lungs?, abdomen,
    lymphadenopathy
""")
RESULTS = any_of(r"""
    x-?rays?, mri, ct(?: scan)?, scans?, ultrasound, echo(?:cardiogram)?, ekg, ecg, labs?, blood tests?, blood
    sugars?, hemoglobin, haemoglobin, a1c, hba1c, cholesterol, creatinine, glucose, tsh, results?, urinalysis,
    biopsy, potassium, white (?:blood )?count, phq-?\s?(?:9|nine)?, gad-?\s?(?:7|seven)?, score[sd]?,
    questionnaire, endoscopy, colonoscopy, ejection fraction, imaging, levels?
""")
SCALE = any_of(r"phq.*, gad.*, score[sd]?, questionnaire")
OPINION = any_of(r"""
    i (?:do )?(?:think|believe|suspect|feel), my (?:impression|assessment|guess|diagnosis), assessment,
    impression, diagnos(?:is|ed|e), looks like, sounds like, seems like, seems to be, appears to be, consistent
    with, suggest(?:s|ive), likely, concern(?:ed|ing)? (?:for|about|that), this is, it's, it is, you have,
    you've got, due to, caused by, related to, because of, well controlled, controlled, stable,
    improv(?:ed|ing|ement), getting (?:better|worse), moderate(?:ly)?, mild(?:ly)?, severe, remission,
    responding, could be, may be, might be, rule out, in keeping with, partial, response
""")
FIRM_OPINION = any_of(r"""
    my (?:impression|assessment|guess|diagnosis), assessment, impression, diagnosis, consistent with,
    (?:looks|sounds|seems|feels) like, likely, i (?:do )?(?:think|believe|suspect)
    (?:you|it|this|that|your|what), stable, improving, well controlled, in remission, in keeping with
""")

FOLLOW_UP = any_of(r"""
    see you (?:again|back|in|next), (?:come|coming|be|have you) back, follow(?:ing)?[- ]?up, next
    (?:appointment|visit|session|time), book (?:an?|another|you), meet again, review (?:you|this|things|it|your
    \w+) in, check in (?:with you )?in, appointment, return (?:in|to|if), (?:see|meet|speak|talk)(?: to|
    with)?(?: you)? (?:again )?(?:in|next), (?:call|phone|contact|ring|reach out|message|let
    (?:me|us))\b.*\b(?:clinic|office|us|me|know|if|line|999|911|988), emergency, a and e, a&e, catch up
""")
REFERRAL = any_of(r"""
    refer(?:ral|red|ring)?, therap(?:y|ist), cbt, counsell?(?:ing|or), psychologist, psychiatrist, specialist,
    physio(?:therapy|therapist)?, physical therapy, cardiolog(?:y|ist), neurolog(?:y|ist), dermatolog(?:y|ist),
    surgeon, orthop(?:a)?edics?, dieti(?:ci|ti)an, nutritionist, \w+ologist
""")
TESTS = any_of(r"""
    x-?rays?, mri, ct, scans?, ultrasound, echo(?:cardiogram)?, ekg, ecg, labs?, blood tests?, bloods, blood
    work, tests?, hemoglobin, a1c, hba1c, samples?, swab, urinalysis, panel, screening, biopsy, lipid,
    cultures?, cbc, tsh, colonoscopy, mammogram, examination
""")
EDUCATION = any_of(r"""
    avoid, drink(?:ing)?, fluids, water, rest(?:ing)?, ice, heat(?:ing)?(?: pad)?, elevat(?:e|ed|ing),
    exercis(?:e|es|ing), walk(?:ing)?, diet, eat(?:ing)?, food, sleep(?:ing)?, bedtime, bed, bedroom, caffeine,
    coffee, alcohol, smoking, screens?, phone, routine, relax(?:ation|ing)?, breathing, mindfulness, meditation,
    diary, journal, log, read(?:ing)?, leaflet, website, side effects?, monitor, salt, sugar, weight, lifting,
    hydrated?, wash(?:ing)?, shower, brace, crutches, compress(?:ion)?, heavy, come back for a few, with food,
    weeks? to work, weigh, time off, explained, hygiene, massage
""")
RECAP = pattern(
    r"\b\d{1,3}[- ]years?[- ]old\b|\bhere (?:(?:today |this morning )?(?:for|because|complaining)|today with)\b"
    r"|\bpresents?(?:ing)? (?:today )?(?:with|for)\b|\b(?:past|medical|psychiatric) (?:\w+ )?history\b"
    r"|\bsince (?:we|you|our|i) (?:started|last|saw|began|increased|changed|met|put)"
)
MEDICINE_ACTION = any_of(r"""
    start(?:ing)?, stop(?:ping)?, increas(?:e|ing), decreas(?:e|ing), reduc(?:e|ing), continu(?:e|ing),
    keep(?:ing)?, tak(?:e|ing), add(?:ing)?, switch(?:ing)?, chang(?:e|ing), prescrib(?:e|ing), give, giving,
    put(?:ting)?, tr(?:y|ying), rais(?:e|ing), lower(?:ing)?, refill(?:ing)?, taper(?:ing)?, us(?:e|ing),
    stay(?:ing)?, hold(?:ing)?, send(?:ing)?, recommend, titrat(?:e|ing), go(?:ing)? up, go(?:ing)? down,
    restart(?:ing)?, resum(?:e|ing), bump, apply(?:ing)?, get, order, wean(?:ing)?, double, halve, renew(?:ing)?, needs?
""")
