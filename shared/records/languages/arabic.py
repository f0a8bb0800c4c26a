"""Arabic: the texts of a report that code writes. It has no word lists, so statements in Arabic are not checked."""

from __future__ import annotations

from shared.records.languages.language import ConsentTexts

CONSENT_TEXTS = ConsentTexts(
    title="الموافقة",
    names=("موافقة",),
    statement="الموافقة على ({purposes}): {method}، من {giver}، في {when}",
    joined="، ",
    purposes={
        "recording": "التسجيل",
        "ai_processing": "المعالجة بنماذج الذكاء الاصطناعي",
        "telehealth": "زيارة بالهاتف أو الفيديو",
        "data_sharing": "مشاركة البيانات",
        "treatment": "العلاج",
    },
    methods={"verbal": "شفهيًا", "written": "كتابيًا", "document": "بوثيقة موقّعة"},
    givers={"patient": "المريض", "guardian": "الوصي", "representative": "الممثل"},
)
