"""Hindi."""

from __future__ import annotations

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import OmissionKind
from shared.records.reports.resolutions import ResolutionKind
from shared.records.reports.signed import Meaning
from shared.records.reports.types import ReportType
from shared.records.visits.session import SessionType
from shared.render.words.vocabulary import (
    Counted,
    FactLabels,
    FindingWords,
    Marks,
    Origin,
    SignatureLabels,
    Words,
)

HINDI = Words(
    code="hi",
    right_to_left=False,
    months=(
        "जनवरी",
        "फ़रवरी",
        "मार्च",
        "अप्रैल",
        "मई",
        "जून",
        "जुलाई",
        "अगस्त",
        "सितंबर",
        "अक्टूबर",
        "नवंबर",
        "दिसंबर",
    ),
    listed=", ",
    titles={
        ReportType.CONSULTATION: "परामर्श रिपोर्ट",
        ReportType.FOLLOWUP: "अनुवर्ती रिपोर्ट",
        ReportType.DIAGNOSTIC: "निदान रिपोर्ट",
        ReportType.TREATMENT_PLAN: "उपचार योजना रिपोर्ट",
        ReportType.DISCHARGE: "डिस्चार्ज रिपोर्ट",
        ReportType.REFERRAL: "रेफ़रल रिपोर्ट",
    },
    visit_kinds={
        SessionType.NEW_PATIENT: "नया रोगी",
        SessionType.FOLLOWUP: "अनुवर्ती",
        SessionType.CONSULTATION: "परामर्श",
        SessionType.EMERGENCY: "आपातकालीन",
    },
    meanings={
        Meaning.AUTHOR: "लेखक: यह रिपोर्ट लिखी और इसकी सामग्री के लिए उत्तरदायी",
        Meaning.REVIEWER: "समीक्षक: यह रिपोर्ट पढ़ी और जाँची",
        Meaning.APPROVER: "अनुमोदक: इस रिपोर्ट का अनुमोदन करता है",
    },
    kinds={
        StatementKind.SAID_BY_PATIENT: "रोगी ने बताया",
        StatementKind.SAID_BY_OTHERS: "अन्य ने बताया",
        StatementKind.OBSERVED: "देखा गया",
        StatementKind.ASSESSED: "आकलन",
        StatementKind.PLANNED: "योजना",
    },
    facts=FactLabels(
        patient="रोगी",
        date_of_birth="जन्म तिथि",
        age="परामर्श के समय आयु",
        gender="लिंग",
        visit="परामर्श",
        visit_kind="परामर्श का प्रकार",
        visit_length="परामर्श की अवधि",
        session="सत्र",
        report="रिपोर्ट",
        patient_number="रोगी संख्या",
        allergies="एलर्जी",
        allergies_to_confirm="पुष्टि योग्य एलर्जी",
        not_confirmed="क्लिनिक को बताई गई, चिकित्सक द्वारा पुष्टि नहीं।",
        referred_by="रेफ़र करने वाले",
        not_recorded="दर्ज नहीं",
    ),
    signature=SignatureLabels(
        title="इलेक्ट्रॉनिक रूप से हस्ताक्षरित",
        name="नाम",
        licence="लाइसेंस सं.",
        account="खाता",
        confirmed="पुष्टि",
        confirmation="नाम और लाइसेंस की पुष्टि: {admin}, {when}",
        the_signer="हस्ताक्षरकर्ता, व्यवस्थापक के रूप में",
        meaning="अर्थ",
        signed="हस्ताक्षर का समय",
        key="कुंजी",
        key_version="{key}, संस्करण {version}",
        digest="SHA-256",
        signature="हस्ताक्षर",
        to_verify="सत्यापन",
        how_to_verify=(
            "क्लिनिक से इस रिपोर्ट की हस्ताक्षरित फ़ाइल (JSON) माँगें। उसका SHA-256 ऊपर दिए मान के समान होना "
            "चाहिए, और हस्ताक्षर क्लिनिक की प्रकाशित कुंजी से मान्य होना चाहिए। फ़ाइल के साथ मिलने वाला सत्यापक "
            "दोनों की जाँच बिना नेटवर्क के करता है।"
        ),
    ),
    marks=Marks(
        page="पृष्ठ {number} / {count}",
        born="जन्म {date}",
        draft="मसौदा",
        not_signed="हस्ताक्षरित नहीं",
        draft_title="मसौदा, हस्ताक्षरित नहीं",
        draft_advice="चिकित्सक ने इस मसौदे की समीक्षा और हस्ताक्षर नहीं किए हैं। यह चिकित्सा अभिलेख नहीं है।",
        doubts_to_check=Counted(
            one="{count} कथन में संदेह है, हस्ताक्षर से पहले जाँचें।", other="{count} कथनों में संदेह हैं, हस्ताक्षर से पहले जाँचें।"
        ),
        superseded="प्रतिस्थापित",
        superseded_by="{report} द्वारा {when} को प्रतिस्थापित। कारण: {reason}",
        superseded_advice=(
            "बाद की रिपोर्ट पढ़ें। यह रिपोर्ट हस्ताक्षर के समय जैसी थी वैसी ही रखी गई है और अब भी सत्यापित की जा सकती है।"
        ),
        copy_title="यह प्रति है, मूल नहीं",
        copy_advice="यह फ़ाइल बदली जा सकती है। मूल हस्ताक्षरित रिपोर्ट (PDF या JSON) है, जिसका SHA-256 नीचे दिया है।",
        draft_copy_advice="यह फ़ाइल बदली जा सकती है। यह ऐसे मसौदे की प्रति है जिस पर किसी ने हस्ताक्षर नहीं किए हैं।",
    ),
    origin=Origin(
        written_by="{name} द्वारा लिखित।",
        the_practitioner="चिकित्सक",
        drafted_by="एआई मॉडल द्वारा तैयार मसौदा ({model})।",
        revised_by="{names} द्वारा संशोधित: {changes}।",
        corrected_or_added=Counted(one="{count} कथन सुधारा या जोड़ा गया (†)", other="{count} कथन सुधारे या जोड़े गए (†)"),
        removed=Counted(one="{count} कथन हटाया गया", other="{count} कथन हटाए गए"),
        unchanged="मसौदे के बाद कोई कथन नहीं बदला गया।",
        measures="माप चिकित्सकीय रूप में छपे हैं, जैसे 118/76 mmHg; रिपोर्ट के पाठ में वे बोले गए रूप में हैं।",
        lacking_recordings=Counted(
            one="इस मसौदे में परामर्श की {count} रिकॉर्डिंग शामिल नहीं है।",
            other="इस मसौदे में परामर्श की {count} रिकॉर्डिंग शामिल नहीं हैं।",
        ),
        transcript_changed="इस मसौदे के लिखे जाने के बाद प्रतिलेख सुधारा गया।",
        noted="चिकित्सक का टंकित नोट",
        from_record="सहमति अभिलेख से",
    ),
    findings=FindingWords(
        title="संदेह और उन पर निर्णय",
        none="जाँच में निर्णय योग्य कुछ नहीं मिला।",
        check="जाँचें: {doubts}।",
        left_out="कहा गया, पर किसी कथन में नहीं: {words}",
        risk_answer="उत्तर जोखिम दर्शाता है",
        unresolved="निर्णय नहीं हुआ।",
        decided="{how}: {reason} ({author}, {when})",
        how={
            ResolutionKind.CONFIRMED: "पुष्टि",
            ResolutionKind.NOT_RELEVANT: "रिपोर्ट के लिए प्रासंगिक नहीं",
        },
        doubts={
            DoubtKind.NUMBER_NOT_IN_EVIDENCE: "एक संख्या साक्ष्य में नहीं है",
            DoubtKind.DOSE_NOT_OF_DRUG: "यह मात्रा इस दवा के लिए नहीं कही गई",
            DoubtKind.DRUG_NOT_IN_EVIDENCE: "वहाँ किसी ने दवा का नाम नहीं लिया",
            DoubtKind.SIDE_NOT_IN_EVIDENCE: "बायाँ/दायाँ साक्ष्य में नहीं है",
            DoubtKind.NEGATION_DIFFERS: "हाँ और ना में अंतर है",
            DoubtKind.SPEAKER_DIFFERS: "यह किसी और ने कहा",
            DoubtKind.TERM_NOT_SAID: "यह शब्द किसी ने नहीं कहा",
            DoubtKind.WORDS_NOT_IN_EVIDENCE: "इसके शब्द साक्ष्य में नहीं हैं",
            DoubtKind.TOO_MANY_CITATIONS: "बहुत अधिक अंश उद्धृत हैं",
            DoubtKind.HEARD_UNCERTAINLY: "अस्पष्ट सुना गया",
            DoubtKind.OTHER_NAME_HEARD: "किसी अन्य व्यक्ति का नाम सुना गया",
            DoubtKind.NORMAL_NOT_IN_EVIDENCE: "किसी ने नहीं कहा कि यह सामान्य है",
            DoubtKind.CONSENT_NOT_IN_RECORD: "सहमति अभिलेख में ऐसा नहीं है",
            DoubtKind.ALLERGY_IN_RECORD: "रोगी के अभिलेख में एलर्जी है",
            DoubtKind.MEDICATION_NOT_AS_IN_RECORD: "रोगी के अभिलेख में दूसरी मात्रा है",
            DoubtKind.SCORE_NOT_AS_RECORDED: "कुल अंक भिन्न है",
        },
        omissions={
            OmissionKind.DRUG: "दवा",
            OmissionKind.DOSE: "मात्रा",
            OmissionKind.ALLERGY: "एलर्जी",
            OmissionKind.RISK: "जोखिम",
            OmissionKind.DIAGNOSIS: "निदान",
            OmissionKind.FOLLOW_UP: "अनुवर्ती",
            OmissionKind.ORDER: "जाँच का आदेश",
        },
    ),
    report_version="{number}, संस्करण {version}",
    years=Counted(one="{count} वर्ष", other="{count} वर्ष"),
    age_months=Counted(one="{count} माह", other="{count} माह"),
    days=Counted(one="{count} दिन", other="{count} दिन"),
    minutes=Counted(one="{count} मिनट", other="{count} मिनट"),
    more_in_chart=Counted(one="और अभिलेख में {count} अन्य", other="और अभिलेख में {count} अन्य"),
    more=Counted(one="और {count} अन्य", other="और {count} अन्य"),
    item="प्रश्न",
    answer="उत्तर",
    total="कुल",
    points="{highest} में से {total}",
    unanswered=Counted(one="अज्ञात, {count} प्रश्न अनुत्तरित", other="अज्ञात, {count} प्रश्न अनुत्तरित"),
    addendum="परिशिष्ट {number}",
)
