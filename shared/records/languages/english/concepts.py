"""English: lay and clinical words for the same thing. The first of a line names the concept."""

from shared.records.languages.writing import lines, listed

SYMPTOMS = lines(
    """
    dyspnea, shortness of breath, short of breath, breathless, breathlessness, sob, winded, trouble breathing,
    difficulty breathing, catch your breath, hard to breathe, out of breath, gasping
    hypertension, high blood pressure, htn, hypertensive, elevated blood pressure
    diabetes, diabetic, dm, sugar disease, high sugar
    suicid, suicide, suicidal, kill myself, killing myself, end my life, ending my life, want to die, better off dead,
    si
    self-harm, self harm, hurt myself, harm myself, cut myself, cutting myself, hurting yourself
    homicid, hurt someone, kill someone, harming others, hi ideation
    fever, febrile, feverish, pyrexia, fevers
    pain, ache, aching, achy, hurt, hurts, hurting, sore, soreness, painful, pains, aches, tender, tenderness,
    discomfort
    headache, head hurts, head ache, cephalalgia
    nausea, nauseous, nauseated, queasy, sick to your stomach, sick to my stomach
    vomit, vomiting, vomited, throw up, throwing up, threw up, thrown up, emesis, being sick
    diarrhea, diarrhoea, loose stool, loose stools, watery stool, runny poo
    constipation, constipated
    abdomen, abdominal, belly, stomach, tummy, gut
    dizzy, dizziness, lightheaded, light-headed, light headed, lightheadedness, vertigo, woozy
    faint, syncope, pass out, passed out, passing out, blackout, blacked out, loss of consciousness,
    lose consciousness, fainting
    fatigue, tired, tiredness, exhausted, worn out, lethargy, lethargic, no energy, low energy
    swelling, swollen, edema, oedema, swell, puffy, puffiness
    cough, coughing, coughs
    sputum, phlegm, mucus, bring up, coughing up, productive
    palpitation, palpitations, heart racing, heart flutter, racing heart, fluttering, skipping beats
    chest pain, angina, chest tightness, tightness in my chest
    myocardial infarction, heart attack, mi, infarction
    stroke, cva, cerebrovascular accident
    numb, numbness, paresthesia, paresthesias, tingling, pins and needles, tingle
    weak, weakness
    itch, itching, itchy, itchiness, pruritus, pruritic
    rash, rashes, hives, skin eruption, dermatitis, eczema
    redness, red, erythema, erythematous
    bruise, bruising, ecchymosis, black and blue
    bleed, bleeding, hemorrhage, bled, blood, bloody
    urinat, urinate, urinating, urination, urinary, urine, pee, peeing, passing water, waterworks, void
    dysuria, burning when you pee, painful urination, burn when i pee, sting
    stool, stools, bowel, bowels, poo, poop, bowel movement, bowel movements
    hematochezia, blood in stool, blood in your stool, melena, black stool
    sleep, insomnia, sleeping, asleep, slept
    appetite, hungry, eating
    weight, heavier, pounds, lbs
    depress, depression, depressed, depressive, low mood, feeling down, feeling low, sad, sadness
    anxiety, anxious, worry, worried, worries, nervous, nervousness
    panic attack, panic, panic attacks
    hallucinat, hallucination, hallucinations, hearing voices, seeing things, hear voices
    smoke, smoking, smoker, cigarette, cigarettes, tobacco, nicotine, packs, vape, vaping
    alcohol, drink, drinks, drinking, beer, wine, liquor, beers, etoh
    drug use, recreational drugs, illicit drugs, marijuana, cannabis, weed, cocaine, heroin, substance
    asthma, asthmatic
    copd, emphysema, chronic obstructive pulmonary disease
    ckd, chronic kidney disease, kidney disease, renal disease, kidney failure, renal insufficiency
    renal, kidney, kidneys, nephro
    hepat, liver, hepatic
    cardiac, heart, cardio, cardiovascular
    pulmonary, lung, lungs, respiratory
    chf, congestive heart failure, heart failure
    cad, coronary artery disease, coronary disease, coronary
    afib, atrial fibrillation, a-fib, a fib
    gerd, acid reflux, reflux, heartburn, gastroesophageal reflux
    uti, urinary tract infection, bladder infection
    uri, upper respiratory infection, common cold, cold, colds
    hyperlipidemia, high cholesterol, cholesterol, hypercholesterolemia, dyslipidemia, lipid, lipids
    hypothyroid, hypothyroidism, underactive thyroid, low thyroid
    osteoarthritis, wear and tear, degenerative joint disease, degenerative arthritis, degenerative, arthritis
    fracture, broken, break, broke, fractured
    sprain, sprained, twist, twisted, strain, strained
    cancer, malignancy, tumor, tumour, carcinoma, malignant
    tb, tuberculosis, tuberculous
    hiv, human immunodeficiency
    """
)
"""Symptoms, substances and conditions."""

OTHERS = lines(
    """
    side effects, side effect, adverse effects, adverse reactions
    ecg, ekg, electrocardiogram, heart tracing
    echocardiogram, echo, cardiac ultrasound
    ultrasound, sonogram, sonography
    x-ray, xray, x-rays, radiograph, radiographs
    ct, cat scan, ct scan, computed tomography
    mri, magnetic resonance
    blood test, blood tests, blood work, bloodwork, labs, lab work, laboratory, cbc
    hba1c, a1c, hemoglobin a1c, glycated
    glucose, sugar, sugars, blood sugar, blood sugars, blood glucose
    spo2, saturation, oxygen saturation, sats, sat, o2
    bp, blood pressure, pressure, pressures
    pulse, heart rate, hr
    surgery, operation, surgical, operated, procedure
    hysterectomy, uterus removed, womb removed
    cholecystectomy, gallbladder removed, gallbladder out
    appendectomy, appendix removed, appendix out
    physical therapy, physiotherapy, pt exercises, physio, rehab
    medication, medicine, medicines, meds, med, pill, pills, tablet, tablets
    allerg, allergy, allergies, allergic, drug allergy, drug allergies, medication allergy, medication allergies
    nasal congestion, stuffy nose, blocked nose, stuffy, congested, congestion
    rhinorrhea, runny nose, nose running, nasal discharge
    sore throat, pharyngitis, throat hurts, throat pain, throat
    dysphagia, difficulty swallowing, trouble swallowing, hard to swallow, swallow
    vision, see, sight, eyesight, visual, blurry, blurred
    hearing loss, deaf, hard of hearing, trouble hearing
    wheez, wheezing, wheeze, wheezy, whistling
    rhonchi, ronchi, crackles, rales, crackle
    auscultation, listen, listening, listened
    palpation, press, pressing, touch, push
    exertion, exercise, exertional, activity, active, climbing, walking
    pregnan, pregnant, pregnancy, expecting
    menses, period, periods, menstrual, menstruation, cycle
    vaccine, vaccinated, vaccination, vaccines, shot, immunization, immunized
    father, dad
    mother, mom, mum
    children, kids, child, son, daughter
    wife, husband, spouse, married, partner
    physician, doctor, gp, provider, pcp
    emergency department, er, emergency room, ed, a&e, hospital
    chill, chills, shivering, shiver, rigors
    sweat, sweats, sweating, diaphoresis, sweaty
    travel, travelled, traveled, trip
    increase, increased, up, higher, raise, bump, increasing
    decrease, decreased, reduce, reduced, lower, lowered, cut, decreasing
    elevat, high, elevated, raised
    worsen, worse, worsening, worsened, aggravated, aggravates, exacerbated, aggravating
    improve, better, improved, improving, relieve, relieves, relief, helps, alleviate, alleviates
    unremarkable, normal, fine, good, clear, within normal limits
    occupation, job, work, works, working, employed
    lower extremity, leg, legs, lower extremities
    upper extremity, arm, arms, upper extremities
    neck, cervical
    lumbar, low back, lower back, lumbosacral
    back, spine, spinal
    foot, feet
    knee, knees, patella, patellar
    shoulder, shoulders
    eye, eyes, ocular
    ear, ears
    head
    """
)
"""Tests, measures, parts of the body, people and courses."""

CONDITIONS = listed(
    """
    hypertension diabetes asthma copd ckd chf cad afib gerd uti stroke cancer tb hiv hyperlipidemia hypothyroid
    depress osteoarthritis pneumonia bronchitis sinusitis migraine gout anemia epilepsy schizophrenia bipolar
    dementia arthritis lupus psoriasis eczema
    """
)
