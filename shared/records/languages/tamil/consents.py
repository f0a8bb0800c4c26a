"""Tamil: how consents are spoken of, and how a report states one."""

from __future__ import annotations

from shared.records.languages.language import ConsentTexts
from shared.records.languages.words import ConsentPatterns

CONSENTS = ConsentPatterns(
    purposes={
        "recording": ("பதிவு|ரெக்கார்",),
        "ai_processing": ("ஏஐ|செயற்கை நுண்ணறிவு",),
        "telehealth": ("தொலை ?மருத்துவ|வீடியோ|காணொளி",),
        "data_sharing": ("பகிர",),
        "treatment": ("சிகிச்சை",),
    },
    consent=("ஒப்புதல்|சம்மத|சம்மதி|இசைவு",),
    agreed=("அனுமதி",),
    history=("ஆண்டுகளுக்கு முன்|வருடத்திற்கு முன்",),
    refused=("இல்லை|மறுத்த",),
)
TEXTS = ConsentTexts(
    title="ஒப்புதல்",
    names=("ஒப்புதல்",),
    statement="ஒப்புதல் ({purposes}): {method}, அளித்தவர்: {giver}, {when}",
    joined=", ",
    purposes={
        "recording": "ஒலிப்பதிவு",
        "ai_processing": "ஏஐ மாதிரிகளின் செயலாக்கம்",
        "telehealth": "தொலைபேசி அல்லது காணொளி ஆலோசனை",
        "data_sharing": "தரவுப் பகிர்வு",
        "treatment": "சிகிச்சை",
    },
    methods={"verbal": "வாய்மொழி", "written": "எழுத்து", "document": "கையொப்பமிட்ட ஆவணம்"},
    givers={"patient": "நோயாளி", "guardian": "பாதுகாவலர்", "representative": "பிரதிநிதி"},
)
