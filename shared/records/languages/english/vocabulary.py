"""English: words by what they tell."""

from __future__ import annotations

from shared.records.languages.english.abbreviations import ABBREVIATIONS
from shared.records.languages.english.concepts import CONDITIONS, OTHERS, SYMPTOMS
from shared.records.languages.words import Vocabulary
from shared.records.languages.writing import listed, phrases

_FILLERS = listed(
    """
    a an the and or but of to in on at by for from with into about as if then than so also very just
    i me my you your he him his she her it its we us our they them their this that these those there here who which
    am is are was were be been being do does did has have had will would shall should can could may might must
    oh um uh uhm erm er hmm mmm mm ah ohh well okay ok yes yeah

    """
)
_FUNCTION = listed(
    """
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
)
VOCABULARY = Vocabulary(
    function=_FILLERS | _FUNCTION,
    fillers=_FILLERS,
    between=listed(
        """
        i he she it we you they me him her us them my your his its our their the a an this that these those there
        i'm i've i'd i'll it's he's she's we're we've they're they've they'd you're you've that's there's
        is are am was were be been being uh um er erm ah oh mm hmm okay ok well so like just yeah yes patient pt reports
        reported states stated

        """
    ),
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
        sx hx dx rx sign signs evidence complaints known
        experiencing experienced experience experiences related initial initially

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
        problem difficulty trouble reduce persist heal

        """
    ),
    concepts=(*SYMPTOMS, *OTHERS),
    analytes=listed("cholesterol lipid lipids sad sadness sadly"),
    conditions=CONDITIONS,
    habits=phrases("smoke, alcohol, drug use"),
    ever=listed("never ever history hx lifelong past"),
    past=listed(
        """
        quit quitting stop stopped ceased cessation former formerly ex previous previously prior past history hx used
        until till ago was were had been smoked drank since gave given abstinent abstains sober

        """
    ),
    risks=phrases(
        """
        suicid, kill myself, end my life, harm myself, hurt myself, self harm, self-harm, want to die, overdose,
        chest pain, anaphylaxis, seizure, unconscious, short of breath, better off dead, homicid, hurt someone,
        kill someone, end it all, not want to live, don't want to live, cut myself, cutting myself

        """
    ),
    dangers=phrases(
        """
        suicide, suicidal, overdose, allergy, allergic, allergies, anaphylaxis, seizure, seizures, bleeding, pregnant,
        unconscious, chest pain, short of breath, kill myself, end my life, harm myself, hurt myself, self harm,
        want to die
        """
    ),
    abbreviations=ABBREVIATIONS,
    idioms={
        "don't worry": "okay",
        "do not worry": "okay",
        "not to worry": "okay",
        "no worries": "okay",
        "believe it or not": "really",
        "no doubt": "surely",
        "no wonder": "so",
        "why not": "okay",
        "no matter": "whether",
        "right hand side": "right side",
        "left hand side": "left side",
    },
    endings=phrases(
        """
        fulness, ations, ation, ities, ments, ment, ness, ing, ies, ied, edly, ity, ed, es, ally, ly, al, ic, ous, ive,
        s, e, y
        """
    ),
    clinical_endings=phrases("itis, emia, osis, opath, oma, algia, ectom, scop, plast, ostom, ism, uria, penia"),
)
