"""Hindi: how consents are spoken of, and how a report states one."""

from __future__ import annotations

from shared.records.languages.language import ConsentTexts
from shared.records.languages.words import ConsentPatterns

CONSENTS = ConsentPatterns(
    purposes={
        "recording": ("रिकॉर्ड|रिकार्ड|ध्वनि",),
        "ai_processing": ("एआई|कृत्रिम बुद्धि",),
        "telehealth": ("टेली|वीडियो",),
        "data_sharing": ("साझा",),
        "treatment": ("इलाज|उपचार",),
    },
    consent=("सहमति|रज़ामंदी|रजामंदी",),
    agreed=("सहमत|अनुमति|इजाज़त|इजाजत|मंज़ूरी|मंजूरी|स्वीकृति",),
    agreed_to_treatment=("(?:सहमत|मंजूरी|मंज़ूरी|अनुमति).*(?:इलाज|उपचार)|(?:इलाज|उपचार).*(?:सहमत|मंजूरी|मंज़ूरी|अनुमति)",),
    history=("साल पहले|वर्ष पहले",),
    refused=("नहीं|इनकार|इन्कार",),
)
TEXTS = ConsentTexts(
    title="सहमति",
    names=("सहमति",),
    statement="सहमति ({purposes}): {method}, {giver} द्वारा, {when}",
    joined=", ",
    purposes={
        "recording": "रिकॉर्डिंग",
        "ai_processing": "एआई मॉडल द्वारा प्रसंस्करण",
        "telehealth": "फ़ोन या वीडियो पर परामर्श",
        "data_sharing": "डेटा साझा करना",
        "treatment": "उपचार",
    },
    methods={"verbal": "मौखिक", "written": "लिखित", "document": "हस्ताक्षरित दस्तावेज़"},
    givers={"patient": "रोगी", "guardian": "अभिभावक", "representative": "प्रतिनिधि"},
)
