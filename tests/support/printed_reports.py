"""Printed reports in each language that has fixed words, with everything that a report may print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256

from shared.records.claims.doubt import DoubtKind
from shared.records.claims.kinds import StatementKind
from shared.records.partial_date import PartialDate
from shared.records.patients.age import span_of
from shared.records.report_type import ReportType
from shared.records.reports.resolutions import ResolutionKind
from shared.records.reports.signed import Meaning
from shared.records.templates.fixed_texts import not_assessed, not_discussed
from shared.records.visits.session import SessionType
from shared.render.annexes import PrintedAddendum, PrintedFinding, Superseded
from shared.render.documents import (
    LetterheadBlock,
    PatientBlock,
    ReportDocument,
    ReportSection,
    ReportStatement,
    SignatureBlock,
)
from shared.render.words.languages import words_of


@dataclass(frozen=True)
class Texts:
    """What the people of a visit say in one language."""

    patient: str
    doctor: str
    clinic: str
    gender: str
    history: str
    complaint: str
    sleep: str
    examination: str
    pressure: str
    assessment: str
    mood: str
    plan: str
    drug: str
    scale: str
    question: str
    answer: str
    addendum: str
    reason: str


TEXTS: Mapping[str, Texts] = {
    "en": Texts(
        "Ananya Rao",
        "Dr. Meera Iyer",
        "Banyan Mind Clinic",
        "Female",
        "History",
        "Low mood for six weeks, worse in the morning, with less interest in work and in friends than before the move.",
        "Sleeps 5 hours; PHQ-9 was 14 in May.",
        "Examination",
        "BP 118/76 mmHg, pulse 72/min.",
        "Assessment",
        "Moderate depressive episode (F32.1).",
        "Plan",
        "Sertraline 50 mg once daily in the morning.",
        "PHQ-9",
        "Little interest or pleasure in doing things",
        "More than half the days",
        "The laboratory called on 5 November: TSH 2.1 mIU/L.",
        "heard in the recording",
    ),
    "hi-IN": Texts(
        "अनन्या राव",
        "डॉ. मीरा अय्यर",
        "बरगद मानसिक स्वास्थ्य क्लिनिक",
        "महिला",
        "वर्तमान बीमारी का इतिहास",
        "छह सप्ताह से मन उदास है, सुबह अधिक; काम और मित्रों में रुचि पहले से कम है। क्षमता और एकाग्रता भी घटी है।",
        "5 घंटे सोती हैं; मई में PHQ-9 14 था।",
        "परीक्षण",
        "BP 118/76 mmHg, नाड़ी 72/min.",
        "आकलन",
        "मध्यम अवसाद प्रकरण (F32.1)।",
        "योजना",
        "Sertraline 50 mg प्रतिदिन सुबह एक बार।",
        "PHQ-9",
        "काम करने में कम रुचि या आनंद",
        "आधे से अधिक दिन",
        "प्रयोगशाला ने 5 नवंबर को फ़ोन किया: TSH 2.1 mIU/L।",
        "रिकॉर्डिंग में सुना",
    ),
    "ta-IN": Texts(
        "தமிழ்ச்செல்வி ராமன்",
        "டாக்டர் மீரா ஐயர்",
        "ஆலமரம் மனநல மருத்துவமனை",
        "பெண்",
        "தற்போதைய நோயின் வரலாறு",
        "ஆறு வாரங்களாக மனச்சோர்வு, காலையில் அதிகம்; வேலையிலும் நண்பர்களிடமும் ஆர்வம் முன்பைவிடக் குறைந்துள்ளது.",
        "5 மணி நேரம் தூங்குகிறார்; மே மாதத்தில் PHQ-9 14.",
        "பரிசோதனை",
        "BP 118/76 mmHg, நாடித் துடிப்பு 72/min.",
        "மதிப்பீடு",
        "மிதமான மனச்சோர்வு நிகழ்வு (F32.1).",
        "திட்டம்",
        "Sertraline 50 mg தினமும் காலையில் ஒரு முறை.",
        "PHQ-9",
        "செயல்களில் ஆர்வம் அல்லது மகிழ்ச்சி குறைவு",
        "பாதிக்கும் மேற்பட்ட நாட்கள்",
        "ஆய்வகம் நவம்பர் 5 அன்று அழைத்தது: TSH 2.1 mIU/L.",
        "ஒலிப்பதிவில் கேட்டது",
    ),
    "ar": Texts(
        "ليلى حسن",
        "د. مريم الخطيب",
        "عيادة الأرز للصحة النفسية",
        "أنثى",
        "تاريخ المرض الحالي",
        "مزاج منخفض منذ ستة أسابيع، أسوأ في الصباح، مع اهتمام أقل بالعمل والأصدقاء مما كان قبل الانتقال إلى المدينة.",
        "تنام 5 ساعات؛ كان PHQ-9 يساوي 14 في مايو.",
        "الفحص",
        "ضغط الدم 120/80 والنبض 72 في الدقيقة.",
        "التقييم",
        "نوبة اكتئاب متوسطة (F32.1).",
        "الخطة",
        "Sertraline 50 mg مرة واحدة يوميًا في الصباح.",
        "PHQ-9",
        "قلة الاهتمام أو المتعة",
        "أكثر من نصف الأيام",
        "اتصل المختبر في 5 نوفمبر: TSH 2.1 mIU/L.",
        "سُمع في التسجيل",
    ),
}
LANGUAGES = tuple(TEXTS)
_BORN = PartialDate("1991-03-07")
SIGNED_AT = datetime(2026, 11, 4, 10, 12, tzinfo=UTC)


def document(language: str, *, logo: bytes | None = None) -> ReportDocument:
    """A draft with kinds, a doubt, a scored section and a section that nobody spoke of."""
    said, words = TEXTS[language], words_of(language)
    kinds = words.kinds
    return ReportDocument(
        letterhead=LetterheadBlock(
            said.doctor,
            "MD (Psychiatry)",
            "KMC-48213",
            said.clinic,
            "14, 3rd Cross\nBengaluru 560038",
            "+91 80 4123 9876",
            "desk@banyan.example",
            logo,
        ),
        patient=PatientBlock(said.patient, "PAT-20260001", _BORN, said.gender),
        report_number="REP-20260003",
        session_number="SESS-20260001",
        visit_started=datetime(2026, 11, 4, 9, 0, tzinfo=UTC),
        at=SIGNED_AT,
        zone="Asia/Kolkata",
        version=2,
        language=language,
        title=words.titles[ReportType.FOLLOWUP],
        age=words.age(span_of(_BORN, date(2026, 11, 4))),
        visit_kind=words.visit_kinds[SessionType.FOLLOWUP],
        visit_minutes=34,
        sections=(
            ReportSection(
                said.history,
                (
                    ReportStatement(said.complaint, kind=kinds[StatementKind.SAID_BY_PATIENT]),
                    ReportStatement(said.sleep, is_revised=True, kind=kinds[StatementKind.SAID_BY_OTHERS]),
                ),
            ),
            ReportSection(
                said.examination,
                parts=(
                    ReportSection(
                        words.facts.visit, (ReportStatement(said.pressure, kind=kinds[StatementKind.OBSERVED]),)
                    ),
                    ReportSection(words.facts.visit_kind, nothing=not_assessed(language)),
                ),
            ),
            ReportSection(said.assessment, (ReportStatement(said.mood, kind=kinds[StatementKind.ASSESSED]),)),
            ReportSection(
                said.plan,
                (
                    ReportStatement(
                        said.drug,
                        kind=kinds[StatementKind.PLANNED],
                        doubts=(words.findings.doubts[DoubtKind.HEARD_UNCERTAINLY],),
                    ),
                ),
            ),
            ReportSection(
                said.scale,
                parts=(
                    ReportSection(said.question, (ReportStatement(said.answer),)),
                    ReportSection(words.total, (ReportStatement(words.points.format(total=14, highest=27)),)),
                ),
                is_scored=True,
            ),
        ),
        no_entry=(said.scale,),
        not_discussed=not_discussed(language),
        origin=words.origin.drafted_by.format(model="gemini-3.5-flash-lite"),
    )


def signature(language: str) -> SignatureBlock:
    return SignatureBlock(
        printed_name=TEXTS[language].doctor,
        licence_number="KMC-48213",
        account_id="uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3",
        confirmed_by="kT6Rw1JfQe9Xn4ZpVb7Mc2LsGh5D",
        confirmed_at=datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
        meaning=words_of(language).meanings[Meaning.AUTHOR],
        signed_at=SIGNED_AT,
        key_version="projects/p/locations/l/keyRings/r/cryptoKeys/report-signing/cryptoKeyVersions/3",
        content_digest=sha256(b"report").hexdigest(),
        signature="MEUCIQDk" * 12,
    )


def signed(language: str, *, logo: bytes | None = None) -> ReportDocument:
    """A signed report with decided findings, an addendum and the notice of 42 CFR part 2, which a later one supersedes.

    It has no doubts beside its statements.
    """
    said, words = TEXTS[language], words_of(language)
    whole = document(language, logo=logo)
    sections = tuple(
        replace(section, statements=tuple(replace(one, doubts=()) for one in section.statements))
        for section in whole.sections
    )
    decision = words.findings.decided.format(
        how=words.findings.how[ResolutionKind.CONFIRMED], reason=said.reason, author=said.doctor, when="4.11.2026"
    )
    return replace(
        whole,
        sections=sections,
        signature=signature(language),
        findings=(PrintedFinding(said.drug, words.findings.doubts[DoubtKind.HEARD_UNCERTAINLY], decision),),
        addenda=(
            PrintedAddendum(
                (said.addendum,),
                said.doctor,
                "KMC-48213",
                "uPq4Zr7LkXa2Wm9TnBc5Yd8EvHs3",
                datetime(2026, 11, 5, 5, 30, tzinfo=UTC),
                sha256(b"addendum").hexdigest(),
            ),
        ),
        superseded=Superseded("REP-20260009", datetime(2026, 11, 9, 5, 0, tzinfo=UTC), said.reason),
        has_part_2_notice=True,
    )
