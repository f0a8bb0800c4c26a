"""English: lay and clinical words for the same thing. The first of a line names the concept."""

from shared.records.claims.wordlists import lines, listed

SYMPTOMS = lines(
    """
    dyspnea, shortness of breath, short of breath, breathless, breathlessness, sob, winded, trouble breathing,
    difficulty breathing, catch your breath, hard to breathe, out of breath, gasping
    hypertension, high blood pressure, htn, hypertensive, elevated blood pressure
    diabetes, diabetic, dm, sugar disease, high sugar, मधुमेह, शुगर, डायबिटीज, நீரிழிவு, சர்க்கரை நோய், சர்க்கரை
    suicid, suicide, suicidal, kill myself, killing myself, end my life, ending my life, want to die,
    better off dead, si, आत्महत्या, खुदकुशी, தற்கொலை
    self-harm, self harm, hurt myself, harm myself, cut myself, cutting myself, hurting yourself
    homicid, hurt someone, kill someone, harming others, hi ideation
    fever, febrile, feverish, pyrexia, fevers, बुखार, काய்ச்சல், காய்ச்சல்
    pain, ache, aching, achy, hurt, hurts, hurting, sore, soreness, painful, pains, aches, tender, tenderness,
    discomfort, दर्द, வலி
    headache, head hurts, head ache, cephalalgia, सिरदर्द, सिर में दर्द, सर दर्द, தலைவலி
    nausea, nauseous, nauseated, queasy, sick to your stomach, sick to my stomach, मतली, उबकाई, குமட்டல்
    vomit, vomiting, vomited, throw up, throwing up, threw up, emesis, being sick, उल्टी, வாந்தி
    diarrhea, diarrhoea, loose stool, loose stools, watery stool, runny poo, दस्त, வயிற்றுப்போக்கு
    constipation, constipated, कब्ज, மலச்சிக்கல்
    abdomen, abdominal, belly, stomach, tummy, gut, पेट, வயிறு, வயிற்று
    dizzy, dizziness, lightheaded, light-headed, light headed, lightheadedness, vertigo, woozy, चक्कर,
    தலைச்சுற்றல், மயக்கம்
    faint, syncope, pass out, passed out, passing out, blackout, blacked out, loss of consciousness,
    lose consciousness, fainting
    fatigue, tired, tiredness, exhausted, worn out, lethargy, lethargic, no energy, low energy, थकान, थकावट,
    சோர்வு
    swelling, swollen, edema, oedema, swell, puffy, puffiness, सूजन, வீக்கம்
    cough, coughing, coughs, खांसी, खाँसी, இருமல்
    sputum, phlegm, mucus, bring up, coughing up, productive, बलगम, சளி
    palpitation, palpitations, heart racing, heart flutter, racing heart, fluttering, skipping beats, धड़कन,
    படபடப்பு
    chest pain, angina, chest tightness, tightness in my chest, सीने में दर्द, छाती में दर्द, நெஞ்சு வலி,
    மார்பு வலி
    myocardial infarction, heart attack, mi, infarction, दिल का दौरा, மாரடைப்பு
    stroke, cva, cerebrovascular accident, लकवा, பக்கவாதம்
    numb, numbness, paresthesia, paresthesias, tingling, pins and needles, tingle, सुन्न, உணர்வின்மை, மரத்து
    weak, weakness, कमजोरी, कमज़ोरी, பலவீனம்
    itch, itching, itchy, itchiness, pruritus, pruritic, खुजली, அரிப்பு
    rash, rashes, hives, skin eruption, dermatitis, eczema, दाने, சொறி
    redness, red, erythema, erythematous
    bruise, bruising, ecchymosis, black and blue
    bleed, bleeding, hemorrhage, bled, blood, bloody, खून, रक्तस्राव, இரத்தம், ரத்தம்
    urinat, urinate, urinating, urination, urinary, urine, pee, peeing, passing water, waterworks, void, पेशाब,
    சிறுநீர்
    dysuria, burning when you pee, painful urination, burn when i pee, sting
    stool, stools, bowel, bowels, poo, poop, bowel movement, bowel movements, मल, மலம்
    hematochezia, blood in stool, blood in your stool, melena, black stool
    sleep, insomnia, sleeping, asleep, slept, नींद, தூக்கம்
    appetite, hungry, eating, भूख, பசி
    weight, heavier, pounds, lbs, वजन, எடை
    depress, depression, depressed, depressive, low mood, feeling down, feeling low, sad, sadness, उदास, अवसाद,
    மனச்சோர்வு
    anxiety, anxious, worry, worried, worries, nervous, nervousness, घबराहट, चिंता, பதட்டம், கவலை
    panic attack, panic, panic attacks
    hallucinat, hallucination, hallucinations, hearing voices, seeing things, hear voices
    smoke, smoking, smoker, cigarette, cigarettes, tobacco, nicotine, packs, vape, vaping, धूम्रपान, सिगरेट, बीड़ी,
    புகை
    alcohol, drink, drinks, drinking, beer, wine, liquor, beers, etoh, शराब, மது
    drug use, recreational drugs, illicit drugs, marijuana, cannabis, weed, cocaine, heroin, substance
    asthma, asthmatic, अस्थमा, दमा, ஆஸ்துமா
    copd, emphysema, chronic obstructive pulmonary disease
    ckd, chronic kidney disease, kidney disease, renal disease, kidney failure, renal insufficiency
    renal, kidney, kidneys, nephro, गुर्दा, किडनी, சிறுநீரகம்
    hepat, liver, hepatic, यकृत, கல்லீரல்
    cardiac, heart, cardio, cardiovascular, दिल, हृदय, இதயம்
    pulmonary, lung, lungs, respiratory, फेफड़े, நுரையீரல்
    chf, congestive heart failure, heart failure
    cad, coronary artery disease, coronary disease, coronary
    afib, atrial fibrillation, a-fib, a fib
    gerd, acid reflux, reflux, heartburn, gastroesophageal reflux, एसिडिटी, நெஞ்செரிச்சல்
    uti, urinary tract infection, bladder infection
    uri, upper respiratory infection, common cold, cold, colds, जुकाम, சளி
    hyperlipidemia, high cholesterol, cholesterol, hypercholesterolemia, dyslipidemia, lipid, lipids, कोलेस्ट्रॉल
    hypothyroid, hypothyroidism, underactive thyroid, low thyroid, थायराइड, தைராய்டு
    osteoarthritis, wear and tear, degenerative joint disease, degenerative arthritis, degenerative, arthritis,
    गठिया
    fracture, broken, break, broke, fractured, हड्डी टूट
    sprain, sprained, twist, twisted, strain, strained
    cancer, malignancy, tumor, tumour, carcinoma, malignant, कैंसर, புற்றுநோய்
    tb, tuberculosis, tuberculous, टीबी, क्षय, காசநோய்
    hiv, human immunodeficiency, एचआईवी, எச்ஐவி
    """
)
"""Symptoms, substances and conditions."""

OTHERS = lines(
    """
    ecg, ekg, electrocardiogram, heart tracing, ईसीजी, ஈசிஜி
    echocardiogram, echo, cardiac ultrasound
    ultrasound, sonogram, sonography
    x-ray, xray, x-rays, radiograph, radiographs, एक्सरे, एक्स-रे, எக்ஸ்ரே
    ct, cat scan, ct scan, computed tomography
    mri, magnetic resonance
    blood test, blood tests, blood work, bloodwork, labs, lab work, laboratory, cbc, खून की जांच, இரத்த பரிசோதனை
    hba1c, a1c, hemoglobin a1c, glycated
    glucose, sugar, sugars, blood sugar, blood sugars, blood glucose
    spo2, saturation, oxygen saturation, sats, sat, o2
    bp, blood pressure, pressure, pressures, बीपी, रक्तचाप, இரத்த அழுத்தம்
    pulse, heart rate, hr, नाड़ी, நாடித்துடிப்பு
    surgery, operation, surgical, operated, procedure, ऑपरेशन, அறுவை
    hysterectomy, uterus removed, womb removed
    cholecystectomy, gallbladder removed, gallbladder out
    appendectomy, appendix removed, appendix out
    physical therapy, physiotherapy, pt exercises, physio, rehab
    medication, medicine, medicines, meds, med, pill, pills, tablet, tablets, दवा, दवाई, மருந்து
    allerg, allergy, allergies, allergic, एलर्जी, ஒவ்வாமை, அலர்ஜி
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
    pregnan, pregnant, pregnancy, expecting, गर्भवती, கர்ப்பம்
    menses, period, periods, menstrual, menstruation, cycle, माहवारी, மாதவிடாய்
    vaccine, vaccinated, vaccination, vaccines, shot, immunization, immunized, टीका, தடுப்பூசி
    father, dad, पिता, அப்பா
    mother, mom, mum, माँ, मां, அம்மா
    children, kids, child, son, daughter, बच्चे
    wife, husband, spouse, married, partner
    physician, doctor, gp, provider, pcp
    emergency department, er, emergency room, ed, a&e, hospital
    chill, chills, shivering, shiver, rigors, कंपकंपी, ठंड
    sweat, sweats, sweating, diaphoresis, sweaty, पसीना, வியர்வை
    travel, travelled, traveled, trip
    increase, increased, up, higher, raise, bump, increasing, बढ़
    decrease, decreased, reduce, reduced, lower, lowered, cut, decreasing
    elevat, high, elevated, raised
    worsen, worse, worsening, worsened, aggravated, aggravates, exacerbated, aggravating
    improve, better, improved, improving, relieve, relieves, relief, helps, alleviate, alleviates
    unremarkable, normal, fine, good, clear, within normal limits, सामान्य
    occupation, job, work, works, working, employed
    lower extremity, leg, legs, lower extremities, पैर, கால்
    upper extremity, arm, arms, upper extremities, हाथ, கை
    neck, cervical, गर्दन, கழுத்து
    lumbar, low back, lower back, lumbosacral
    back, spine, spinal, पीठ, कमर, முதுகு
    foot, feet, பாதம்
    knee, knees, patella, patellar, घुटना, घुटने, முழங்கால்
    shoulder, shoulders, कंधा, कंधे, தோள்
    eye, eyes, ocular, आंख, आँख, கண்
    ear, ears, कान, காது
    head, सिर, सर, தலை
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
