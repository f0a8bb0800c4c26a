"""English: everyday and clinical words."""

from shared.records.claims.languages.english_concepts import CONDITIONS, OTHERS, SYMPTOMS
from shared.records.claims.wordlists import Words, listed, phrases
from shared.records.visits.risky_words import FUNCTION_WORDS

_MORE = """
    i'm i've i'd i'll you're you've you'd we're we've we'll it's that's there's he's she's they're don't doesn't didn't
    isn't aren't wasn't weren't haven't hasn't hadn't won't can't couldn't wouldn't shouldn't let's what's what when
    where why how whether while because since until during after before again both each other another any some all no
    not none nor neither never without ever only even still yet too more most much many few less least such same own
    up down out off over under back through between now today going go goes went gone get got getting make makes made
    take takes took taken taking put want wants thing things something anything nothing stuff kind sort lot like know
    think guess mean say says said tell see look looks feel feels feeling felt really actually maybe probably right
    good fine great sure sorry thanks thank please hi hello uh-huh mm-hmm mhm hmm yep nope gonna wanna kinda bit little
    come comes came way let us also else around about one two used use using been being having doing done able am pm
    need needs needed try trying keep give given start started
"""

WORDS = Words(
    function=FUNCTION_WORDS | listed(_MORE),
    frame=listed(
        """
        patient patients pt reports reported report denies denied deny states stated state complains complained
        complaint complaining presents presented presenting presentation history past present current currently
        previous previously prior noted notes note mentions mentioned describes described endorses endorsed positive
        negative associated significant assessment plan impression exam examination review systems today visit follow
        following continue continued will would recommend recommended advised discussed discuss evaluation evaluated
        male female man woman year years old year-old mr mrs ms dr well regarding due secondary consistent likely
        reviewed results result findings finding showed shows revealed demonstrates demonstrated including include
        includes per asked answered confirms confirmed states status condition medical symptoms symptom treatment
        treated medication medications ongoing approximately time times day days week weeks month months daily use
        experiencing experienced experience experiences improved improvement related initial initially
        """
    ),
    negations=listed(
        """
        no not never without none nor neither cannot can't don't doesn't didn't isn't aren't wasn't weren't haven't
        hasn't hadn't won't couldn't wouldn't shouldn't denies denied deny denying absent ain't negative unable lack
        lacks nil nothing
        """
    ),
    negations_after=listed("negative absent denied none declined"),
    scope_ends=listed(
        "but however except although though because since which who so until when then just only besides yes"
    ),
    yes=listed(
        "yes yeah yep yup correct right mm-hmm uh-huh mhm sure definitely absolutely indeed occasionally sometimes"
    ),
    no=listed("no nope nah never none nothing not neither negative"),
    asks=listed(
        """
        do does did have has had are is was were can could would will any how what when where which who why whether
        anyone anything anybody
        """
    ),
    asks_after=frozenset(),
    left=listed("left left-sided leftward lt"),
    right=listed("right right-sided rightward rt"),
    both=listed("both bilateral bilaterally"),
    body=listed(
        """
        knee hip shoulder elbow wrist ankle foot feet hand arm leg finger thumb toe eye ear breast kidney lung lobe
        side sided flank groin thigh calf heel hamstring quadrant testicle ovary nostril cheek jaw temple neck chest
        abdomen stomach tummy belly back extremity limb upper lower femur tibia fibula humerus radius ulna patella
        carotid ventricle atrium atrial ventricular hemisphere buttock armpit axilla clavicle rib face eyelid ureter
        meniscus achilles bicep tricep forearm index ring middle pinky hemithorax tonsil maxillary sinus adnexa iliac
        """
    ),
    clinical=frozenset(line.partition(",")[0] for line in SYMPTOMS)
    | listed(
        """
        pain fever chill cough nausea vomit diarrhea constipation headache dizziness dizzy faint rash itch swelling
        swollen numb tingling weak fatigue tired bleed blood discharge burning palpitation wheez murmur gallop rub
        edema tender tenderness erythema effusion mass lump nodule fracture infection wound ulcer bruise cramp spasm
        stiff snore sweat thirst urinat urine stool appetite sleep insomnia anxiety anxious depress mood suicid
        homicid hallucinat delusion panic seizure tremor vision blur hearing tinnitus hoarse swallow choke
        reflux heartburn bloat gas jaundice weight smoke smoking tobacco alcohol drink drug marijuana cocaine allerg
        asthma diabetes hypertension cancer stroke thyroid anemia arthritis pregnan surgery biopsy colonoscopy
        vaccine immuniz x-ray mri scan ultrasound echocardiogram ekg pneumonia bronchitis sinusitis migraine gout
        crackle rale ronchi rhonchi lymphadenopathy hepatomegaly splenomegaly bruit cyanosis clubbing distension
        guarding rebound instability deformity crepitus laxity ecchymosis redness warm warmth drainage pus travel
        injury trauma fall sore throat runny congestion phlegm sputum sneez hiv tb dm htn ckd mi ecg copd
        cad chf gerd uti dvt art aids sti std bleeding exercise steroid insulin psychosis self-harm abuse violence
        """
    ),
    courses=listed(
        """
        improve worsen resolve control elevat increase decrease change help relief benefit stable tolerate issue
        problem difficulty trouble concern question reduce persist heal
        """
    ),
    concepts=(*SYMPTOMS, *OTHERS),
    risks=phrases(
        """
        suicid, kill myself, end my life, harm myself, hurt myself, self harm, self-harm, want to die, overdose,
        chest pain, anaphylaxis, seizure, unconscious, short of breath, better off dead, homicid, hurt someone,
        kill someone, end it all, not want to live, don't want to live, cut myself, cutting myself
        """
    ),
    allergies=listed("allergic allergy allergies"),
    conditions=CONDITIONS,
    planned=phrases("will start, prescribed, we will order, advised to, recommended, plan to start, will be referred"),
    reported=phrases("patient reports, patient states, patient denies, reports, denies, complains of, endorses"),
)
