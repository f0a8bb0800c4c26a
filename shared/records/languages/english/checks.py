"""English: sides, normal findings, medication, and who says or plans what."""

from __future__ import annotations

from shared.records.languages.words import Findings, Medication, Sides, Speech
from shared.records.languages.writing import lines, listed, phrases

SIDES = Sides(
    left=listed("left left-sided leftward leftmost lt l"),
    right=listed("right right-sided rightward rightmost rt r"),
    both=listed("both bilateral bilaterally"),
    body=listed(
        """
        knee hip shoulder elbow wrist ankle foot feet hand arm leg finger thumb toe eye ear breast kidney lung lobe
        side sided flank groin thigh calf heel hamstring quadrant testicle ovary nostril cheek jaw temple neck chest
        abdomen stomach tummy belly back extremity limb upper lower femur tibia fibula humerus radius ulna patella
        carotid ventricle atrium atrial ventricular hemisphere buttock armpit axilla clavicle rib face eyelid ureter
        cuff rotator femoral temporal ureteral
        meniscus achilles bicep tricep forearm index ring middle pinky hemithorax tonsil maxillary sinus adnexa iliac
        adnexal ovarian testicle testicular scrotum inguinal renal parotid midfoot hindfoot forefoot

        """
    ),
    regions=lines(
        """
        hand finger thumb index ring middle pinky wrist arm elbow forearm bicep tricep shoulder armpit rotator cuff
        foot toe heel ankle achilles leg thigh knee calf hamstring meniscus patella femur tibia fibula
        face cheek jaw temple
        """
    ),
    any_part=listed("side sided"),
    no_side_before=listed(
        """
        the my his her for now away after before work it in here there at around about over below above and

        """
    ),
    determiners=listed("the my your his her their on to a or and left than"),
    which=listed("which what"),
    compared=listed("than vs versus"),
    leaving=listed("has have had having i he she they we who just already i've he's she's they've we've"),
    also_good=listed("right l r"),
)
FINDINGS = Findings(
    normal=listed(
        """
        normal normally unremarkable euthymic congruent intact nontender nondistended supple wnl nad perrla rrr ctab
        """
    ),
    phrases=phrases(
        """
        within normal limits, no acute distress, alert and oriented, oriented to person, oriented to time, oriented x3,
        clear to auscultation, regular rate and rhythm, no abnormalities, no abnormality, no abnormal findings,
        good eye contact, well groomed, well appearing, well nourished, well kempt, non tender, non distended,
        goal directed, affect appropriate, affect is appropriate,
        appropriate affect, linear thought, thought process linear, thought process is linear, good insight,
        insight is good, insight good, judgement good, judgment good, soft and non, lungs clear, lungs are clear,
        chest clear, chest is clear, equal round and reactive, round and reactive, full range of motion, gait steady,
        gait is steady, steady gait, pulses palpable, pulses are palpable

        """
    ),
    all_well=listed(
        """
        fine good great clear well perfect okay ok negative stable healthy regular soft beautiful excellent alright
        appropriate oriented calm symmetric symmetrical equal round full strong steady no not don't doesn't isn't
        nothing without
        """
    ),
    casual=listed("good great well okay ok alright no not don't doesn't isn't nothing without"),
    compared=listed("than like as"),
    reassuring=listed(
        """
        normal normally unremarkable intact clear steady regular symmetric symmetrical soft equal round reactive linear
        oriented alert afebrile apyrexial palpable stable negative present full limits nourished appropriate
        consent consents consented agrees agreed permission permitted authorised authorized accepts accepted signed
        """
    ),
    functions=listed("bowels waterworks urine appetite eating sleep breathing weight vision hearing mood"),
    well=listed("ok okay fine good well normal normally regular alright great"),
    neutral=listed(
        """
        unremarkable bowel bladder skin heart lung kidney liver tongue lip head scalp nose mouth spine joint bone muscle
        tendon ligament thyroid spleen prostate uterus pelvis gum tooth teeth chin forehead extremity lower upper
        question questions sound sounds
        """
    ),
)
MEDICATION = Medication(
    given=listed(
        """
        start starts started starting prescribe prescribes prescribed prescribing give gives given giving continue
        continues continued take takes taking add adds added increase increased reduce reduced switch switched restart
        restarted begin begins initiate initiated rx
        """
    ),
    not_given=listed(
        """
        allergic allergy allergies avoid avoids avoided stop stops stopped stopping discontinue discontinued not never
        no instead contraindicated reaction intolerance intolerant previously
        """
    ),
    now=listed("take takes taking currently current continues continued on daily"),
    changed=listed(
        """
        increase increased increasing reduce reduced decrease decreased change changed switch switched from to was
        were previously prior past formerly start starts started starting stop stopped began begin titrate restart
        until earlier
        """
    ),
    no_allergies=phrases("no known drug allergies, no known allergies, nil known allergies"),
    allergic_to=listed("to against"),
    no_allergen=listed("know known drug medication medicine any new significant"),
    other_than=listed("other further additional food environmental seasonal latex except besides apart"),
)
SPEECH = Speech(
    people=listed(
        """
        mother father mum mom dad wife husband son daughter brother sister partner parents family friend carer teacher
        colleague he she they his her
        """
    ),
    family=listed("father mother brother sister family aunt uncle cousin friend"),
    reported=phrases("patient reports, patient states, patient denies, reports, denies, complains of, endorses"),
    planned=phrases("will start, prescribed, we will order, advised to, recommended, plan to start, will be referred"),
    planning=listed("order get send do schedule refer want book going gonna gon let's need let"),
    orders=phrases(
        "x-ray, ct, mri, ultrasound, echocardiogram, ecg, blood test, physical therapy, biopsy, colonoscopy"
    ),
    results=listed("shows showed show looks looked look came appears appear reveals revealed demonstrates"),
    rejecting=listed("wouldn't won't shouldn't"),
    possible=phrases(
        """
        lead to, leads to, can cause, can also cause, also develop, to prevent, risk of, risk for, risks of,
        anything from
        """
    ),
    visits=phrases("follow up, come back, see you back, see you again, return visit"),
    past_visits=phrases(
        """
        here for a follow up, in for a follow up, here for your follow up, in for your follow up, here for follow up,
        nice to see you again, good to see you again, great to see you again, happy to see you again, welcome back,
        report to come back, results to come back, results come back, result to come back, labs to come back
        """
    ),
    noted_visits=phrases("follow up, follow - up, return, review, come back, see, appointment"),
)
