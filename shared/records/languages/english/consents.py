"""English: how consents are spoken of, and how a report states one."""

from __future__ import annotations

from shared.records.languages.language import ConsentTexts
from shared.records.languages.words import ConsentPatterns

_VISIT = (
    r"(?:visit|session|encounter|consult(?:ation)?|conversation|appointment|interview|discussion|meeting|interaction)"
)
CONSENTS = ConsentPatterns(
    purposes={
        "recording": (
            r"\b(?:being|be|been) (?:\w+ )?(?:audio-?|video-?|voice-?)?(?:recorded|transcribed|taped)\b",
            r"\b(?:audio|video|voice|ambient|digital)[ -]?"
            r"(?:recording|recorded|recorder|scribe|listening|taping|capture)\b",
            rf"\brecording(?:s)? (?:of )?(?:(?:the|this|today's|our|their|all) )?(?:clinical )?{_VISIT}",
            r"\b(?:to|for|of|with) (?:(?:the|this|audio|a) )*(?:recording|transcription)\b|\bto record\b",
            rf"\b{_VISIT} (?:\w+ ){{0,3}}(?:recorded|transcribed|taped|captured)\b",
        ),
        "ai_processing": (
            r"\b(?:a\.?i\.?|artificial intelligence|machine learning|language model|"
            r"automated (?:notes?|documentation)|(?:ai|digital|virtual|ambient|medical) (?:scribe|assistant)|"
            r"(?:documentation|transcription|note[- ]taking|scribing) (?:software|tool|assistant|technology|system))"
            r"(?:\b|(?<=\.))",
        ),
        "telehealth": (
            r"\btele-?(?:health|medicine|visit|consult\w*|psychiatry|therapy)\b",
            r"\b(?:video|virtual|remote|online) (?:visit|consult\w*|session|care)\b",
        ),
        "data_sharing": (
            r"\brelease of (?:\w+ )?(?:information|records)\b",
            r"\b(?:shar\w+|disclos\w+|releas\w+) (?:of )?(?:\w+ ){0,3}(?:information|records?|data|notes?|report)\b",
        ),
        "treatment": (r"\b(?:treat(?:ment|ed)?s?|procedures?|to proceed|intervention|therapy|surgery|operation)\b",),
    },
    consent=(r"(?<!age of )\bconsent(?:s|ed|ing)?\b|\bassent(?:s|ed|ing)?\b",),
    agreed=(
        r"\b(?:agree(?:s|d|able|ment|ing)?|permission|permits?|permitted|allow(?:s|ed)?|authori[sz]\w+|"
        r"approv(?:es|ed|al)|accept(?:s|ed)?|willing(?:ness)?|okay|ok|opt(?:s|ed)? in|opted out|go-ahead|"
        r"no objections?|not object\w*|declin(?:es|ed)|refus(?:es|ed|al))\b",
    ),
    agreed_to_treatment=(
        r"\b(?:agree(?:s|d|able)?|permission|authori[sz](?:es|ed|ation))\b (?:to|for|with) (?:\w+ ){0,4}?"
        r"(?:treat(?:ment|ed)s?|procedures?|proceed|intervention|surgery|operation)\b(?! (?:plan|goals?))",
        r"\baccept(?:s|ed)? (?:\w+ )?risks?\b",
    ),
    told=(
        r"\b(?:aware|informed|advised|told|notified|understands?|explained|acknowledg\w+|knows?|comfortable|happy|"
        r"fine)\b",
    ),
    history=(
        r"\b(?:19|20)\d\d\b|\b(?:years?|months?|decades?) ago\b",
        r"\blast (?:year|month|spring|summer|autumn|fall|winter)\b|\bback in\b",
    ),
    refused=(
        r"\b(?:no|not|never|without|declin\w+|refus\w+|withdr[ae]w\w*|revok\w+|den(?:y|ies|ied)|opted out)\b|n't\b",
    ),
    no_objection=(r"\bno objections?\b|\bnot object\w*|n't object",),
)
TEXTS = ConsentTexts(
    title="Consent",
    names=("consent",),
    statement="Consent to {purposes}: given {method} by {giver} on {when}.",
    joined=" and ",
    purposes={
        "recording": "recording",
        "ai_processing": "processing by AI models",
        "telehealth": "a visit by telephone or video",
        "data_sharing": "sharing of data",
        "treatment": "treatment",
    },
    methods={"verbal": "verbally", "written": "in writing", "document": "on a signed document"},
    givers={"patient": "the patient", "guardian": "a guardian", "representative": "a representative"},
)
