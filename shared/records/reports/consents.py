"""Statements about consent: made by code from the consent records of a patient, and nobody else's. Pure.

Each statement cites its record, in the section of the template that is about consent, or in one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from shared.records.claims.consents import is_about_consent, is_refusal, purposes_in
from shared.records.claims.doubt import Doubt, DoubtKind
from shared.records.clinic.consent_policy import ConsentPurpose
from shared.records.patients.consent import Consent, PatientConsents
from shared.records.patients.new_consent import ConsentGiver, ConsentMethod
from shared.records.reports.statements import Statement
from shared.records.templates.fixed_texts import language_of_texts
from shared.records.templates.sections import Section, leaves_of

_NAMES = ("consent", "सहमति", "ஒப்புதல்", "موافقة")
"""Words in the title of a section that is about consent."""
_IDS = ("consent", "consent_record", "recorded_consent")


@dataclass(frozen=True)
class _Texts:
    """The words of one language."""

    title: str
    statement: str
    joined: str
    purposes: Mapping[ConsentPurpose, str]
    methods: Mapping[ConsentMethod, str]
    givers: Mapping[ConsentGiver, str]


_P, _M, _G = ConsentPurpose, ConsentMethod, ConsentGiver
_TEXTS: Mapping[str, _Texts] = {
    "en": _Texts(
        "Consent",
        "Consent to {purposes}: given {method} by {giver} on {when}.",
        " and ",
        {
            _P.RECORDING: "recording",
            _P.AI_PROCESSING: "processing by AI models",
            _P.TELEHEALTH: "a visit by telephone or video",
            _P.DATA_SHARING: "sharing of data",
            _P.TREATMENT: "treatment",
        },
        {_M.VERBAL: "verbally", _M.WRITTEN: "in writing", _M.DOCUMENT: "on a signed document"},
        {_G.PATIENT: "the patient", _G.GUARDIAN: "a guardian", _G.REPRESENTATIVE: "a representative"},
    ),
    "hi": _Texts(
        "सहमति",
        "सहमति ({purposes}): {method}, {giver} द्वारा, {when}",
        ", ",
        {
            _P.RECORDING: "रिकॉर्डिंग",
            _P.AI_PROCESSING: "एआई मॉडल द्वारा प्रसंस्करण",
            _P.TELEHEALTH: "फ़ोन या वीडियो पर परामर्श",
            _P.DATA_SHARING: "डेटा साझा करना",
            _P.TREATMENT: "उपचार",
        },
        {_M.VERBAL: "मौखिक", _M.WRITTEN: "लिखित", _M.DOCUMENT: "हस्ताक्षरित दस्तावेज़"},
        {_G.PATIENT: "रोगी", _G.GUARDIAN: "अभिभावक", _G.REPRESENTATIVE: "प्रतिनिधि"},
    ),
    "ta": _Texts(
        "ஒப்புதல்",
        "ஒப்புதல் ({purposes}): {method}, அளித்தவர்: {giver}, {when}",
        ", ",
        {
            _P.RECORDING: "ஒலிப்பதிவு",
            _P.AI_PROCESSING: "ஏஐ மாதிரிகளின் செயலாக்கம்",
            _P.TELEHEALTH: "தொலைபேசி அல்லது காணொளி ஆலோசனை",
            _P.DATA_SHARING: "தரவுப் பகிர்வு",
            _P.TREATMENT: "சிகிச்சை",
        },
        {_M.VERBAL: "வாய்மொழி", _M.WRITTEN: "எழுத்து", _M.DOCUMENT: "கையொப்பமிட்ட ஆவணம்"},
        {_G.PATIENT: "நோயாளி", _G.GUARDIAN: "பாதுகாவலர்", _G.REPRESENTATIVE: "பிரதிநிதி"},
    ),
    "ar": _Texts(
        "الموافقة",
        "الموافقة على ({purposes}): {method}، من {giver}، في {when}",
        "، ",
        {
            _P.RECORDING: "التسجيل",
            _P.AI_PROCESSING: "المعالجة بنماذج الذكاء الاصطناعي",
            _P.TELEHEALTH: "زيارة بالهاتف أو الفيديو",
            _P.DATA_SHARING: "مشاركة البيانات",
            _P.TREATMENT: "العلاج",
        },
        {_M.VERBAL: "شفهيًا", _M.WRITTEN: "كتابيًا", _M.DOCUMENT: "بوثيقة موقّعة"},
        {_G.PATIENT: "المريض", _G.GUARDIAN: "الوصي", _G.REPRESENTATIVE: "الممثل"},
    ),
}


@dataclass(frozen=True)
class VisitConsents:
    """The consents that are live for a visit: of each purpose the newest."""

    by_purpose: Mapping[ConsentPurpose, Consent]

    @classmethod
    def of(cls, consents: PatientConsents | None, session_id: str, now: datetime) -> VisitConsents:
        """The live consents; none if no consent was ever recorded."""
        return cls(consents.live_by_purpose(session_id, now) if consents else {})

    def doubts(self, text: str) -> list[Doubt]:
        """The doubt of a person's statement about consent that the records do not have."""
        if not is_about_consent(text):
            return []
        named = purposes_in(text) or set(ConsentPurpose)
        live = [purpose for purpose in ConsentPurpose if purpose in named and purpose in self.by_purpose]
        agrees = not live if is_refusal(text) else bool(live) and (named == set(ConsentPurpose) or named == set(live))
        if agrees:
            return []
        return [Doubt.of(DoubtKind.CONSENT_NOT_IN_RECORD, recorded=[purpose.value for purpose in live])]


def with_consents(
    sections: Sequence[Section],
    statements: Iterable[Statement],
    consents: VisitConsents,
    *,
    language: str | None,
    zone: str,
) -> tuple[list[Section], list[Statement]]:
    """The sections and statements of a draft, with one statement for each live consent of the visit that
    has none yet."""
    texts = _TEXTS[language_of_texts(language)]
    given = list(statements)
    stated = {one.consent_id for one in given}
    grouped: dict[str, list[ConsentPurpose]] = {}
    for purpose in ConsentPurpose:
        if purpose in consents.by_purpose and consents.by_purpose[purpose].id not in stated:
            grouped.setdefault(consents.by_purpose[purpose].id, []).append(purpose)
    if not grouped:
        return list(sections), given
    taken = {one.id for one in given}
    free = (id for id in map("r{}".format, count(1)) if id not in taken)
    all_sections, place = _place(sections, texts.title)
    made = [
        Statement(
            id=next(free),
            section=place,
            text=_text(texts, purposes, consents.by_purpose[purposes[0]], zone),
            consent_id=id,
        )
        for id, purposes in grouped.items()
    ]
    order = {leaf.id: at for at, leaf in enumerate(leaves_of(all_sections))}
    return all_sections, sorted([*given, *made], key=lambda one: order[one.section])


def _place(sections: Sequence[Section], title: str) -> tuple[list[Section], str]:
    """The sections, and the id of the place for consents: the template's, or a section of its own at the end."""
    for leaf in leaves_of(sections):
        if not leaf.choices and any(name in f"{leaf.id} {leaf.title}".casefold() for name in _NAMES):
            return list(sections), leaf.id
    taken = {section.id for section in sections}
    id = next(id for id in _IDS if id not in taken)
    return [*sections, Section(id=id, title=title)], id


def _text(texts: _Texts, purposes: Sequence[ConsentPurpose], consent: Consent, zone: str) -> str:
    return texts.statement.format(
        purposes=texts.joined.join(texts.purposes[purpose] for purpose in purposes),
        method=texts.methods[consent.method],
        giver=texts.givers[consent.given_by],
        when=f"{consent.given_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
    )
