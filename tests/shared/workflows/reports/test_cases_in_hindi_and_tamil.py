"""Answers of a writer in Hindi and Tamil: what is wrong in English is seen in them too.

Each kind of case has both languages: drafts that say nothing, loops, and statements that their evidence does not bear.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from shared.records.claims.doubt import DoubtKind, Severity
from shared.records.reports.rejections import RejectionReason
from shared.records.templates.sections import Section, SectionType
from shared.records.templates.shipped import default_sections
from shared.records.visits.segment import Segment
from shared.records.visits.speech import Speaker
from shared.workflows.reports.answer import Draft, LoopingDraft, read_draft
from shared.workflows.reports.prompt import Evidence
from tests.support.factories import segment

K = DoubtKind
SECTIONS = default_sections()
HEARD = {"hi-IN": "मुझे नींद नहीं आती।", "ta-IN": "எனக்கு தூக்கம் வரவில்லை."}
LANGUAGES = sorted(HEARD)


def item(text: str, *cited: int, section: str = "assessment") -> dict[str, Any]:
    return {"section": section, "text": text, "segments": list(cited or (1,))}


def read(language: str, *items: dict[str, Any], segments: Sequence[Segment] = (), **more: Any) -> Draft:
    heard = list(segments) or [segment(number, HEARD[language]) for number in range(1, 700)]
    answer = json.dumps({"statements": items}, ensure_ascii=False)
    sections = more.get("sections", SECTIONS)
    return read_draft([answer], sections, Evidence(heard, language=language), languages=[language])


def doubts(
    language: str, text: str, *said: str | tuple[Speaker, str], uncertain: Sequence[str] = ()
) -> dict[DoubtKind, Severity]:
    """The doubts of a statement that cites all segments; a segment without a speaker is the patient's."""
    turns = [(Speaker.PATIENT, one) if isinstance(one, str) else one for one in said]
    segments = [
        segment(number, line, speaker=speaker, language=language, uncertain_words=list(uncertain))
        for number, (speaker, line) in enumerate(turns, start=1)
    ]
    (kept,) = read(language, item(text, *range(1, len(said) + 1)), segments=segments).statements
    return {one.kind: one.severity for one in kept.doubts}


def practitioner(text: str) -> tuple[Speaker, str]:
    return Speaker.PRACTITIONER, text


# An empty draft


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "items",
    [
        [],
        [item("ईसीजी करवाएं।", section="योजना"), item("सीने में दर्द।", 9999)],
        [item("இசிஜி எடுக்கவும்.", section="திட்டம்"), item("நெஞ்சு வலி.", 9999)],
        [item("चर्चा नहीं हुई।"), item("आकलन नहीं किया गया", 2), item("कोई जानकारी नहीं।")],
        [item("பேசப்படவில்லை."), item("மதிப்பிடப்படவில்லை", 2), item("தகவல் இல்லை.")],
        [item("Not discussed."), item("NOT ASSESSED", 2), item("N/A"), item("-"), item("—", 3)],
    ],
)
def test_a_draft_that_states_nothing_has_no_statement(language: str, items: list[dict[str, Any]]) -> None:
    draft = read(language, *items)

    assert draft.statements == []
    assert [one.reason for one in draft.rejections] == ([RejectionReason.NO_EVIDENCE] if items else [])


@pytest.mark.parametrize("choice", ["लागू नहीं", "பொருந்தாது", "Not applicable"])
def test_a_choice_of_the_template_is_a_statement_though_it_says_nothing(choice: str) -> None:
    sections = [Section(id="pregnancy", title="Pregnancy", type=SectionType.CHOICE, choices=[choice, "Other"])]

    draft = read("hi-IN", item(choice, section="pregnancy"), sections=sections)

    assert [one.text for one in draft.statements] == [choice]


@pytest.mark.parametrize("text", ["बुखार की चर्चा नहीं हुई।", "காய்ச்சல் பற்றி பேசப்படவில்லை.", "बुखार नहीं है।", "காய்ச்சல் இல்லை."])
def test_what_says_something_is_a_statement(text: str) -> None:
    assert len(read("hi-IN", item(text)).statements) == 1


# A repetition loop


SAME = {
    "hi-IN": ("सीने में दर्द।", "रोगी को नींद नहीं आती", "०१२३४५६७८९", "कखगघचछजझटठडढ"),
    "ta-IN": ("நெஞ்சு வலி.", "நோயாளிக்கு தூக்கம் வரவில்லை", "௦௧௨௩௪௫௬௭௮௯", "அஆஇஈஉஊஎஏஐஒஓக"),
}


def loops(language: str) -> dict[str, list[dict[str, Any]]]:
    short, long, digits, letters = SAME[language]
    native = [str(number).translate(str.maketrans("0123456789", digits)) for number in range(1, 301)]
    return {
        "one large text": [item((short + " x" * 900)[:900])] * 600,
        "one text": [item(short)] * 300,
        "other citations": [item(short, number) for number in range(1, 50)],
        "a phrase": [item(f"{short} " * 40)],
        "numbered": [item(f"{number}. {long}।") for number in range(1, 301)],
        "numbered in its script": [item(f"{number}. {long}.") for number in native],
        "numbers in brackets": [item(f"{long} ({number})।", at) for at, number in enumerate(native, start=1)],
        "a list in one text": [item(" ".join(f"{number}. {long}।" for number in native[:24]))],
        "letters": [item(f"{letter}) {long}।") for letter in letters],
        "letters in one text": [item(" ".join(f"({letter}) {long}।" for letter in letters))],
        "other signs": [item(f"{before}{long}{end}") for before in ("", "“") for end in ("", "।", " ।", ".")],
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", loops("hi-IN"))
def test_a_repetition_loop_is_no_draft(language: str, kind: str) -> None:
    with pytest.raises(LoopingDraft):
        read(language, *loops(language)[kind])


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("hi-IN", ["सीने में दर्द।", "सीने में दर्द ", "सिर में दर्द।", "कमर में दर्द।", "पेट में दर्द।", "घुटने में दर्द।", "कंधे में दर्द।"]),
        ("ta-IN", ["நெஞ்சு வலி.", "நெஞ்சு வலி ", "தலைவலி.", "இடுப்பு வலி.", "வயிற்று வலி.", "முழங்கால் வலி.", "தோள் வலி."]),
    ],
)
def test_exact_repetitions_are_dropped_and_different_findings_stay(language: str, texts: list[str]) -> None:
    draft = read(language, *map(item, texts))

    assert (len(draft.statements), draft.rejected) == (6, 1)


# Statements that their evidence does not bear


TWO_DOSES = "मेटफॉर्मिन 500 मिलीग्राम दिन में दो बार और एस्पिरिन 75 मिलीग्राम एक बार।"
TWO_DOSES_TA = "மெட்ஃபார்மின் 500 மில்லிகிராம் தினமும் இரண்டு முறை, ஆஸ்பிரின் 75 மில்லிகிராம் ஒரு முறை."


@pytest.mark.parametrize(
    ("language", "text", "said", "kind"),
    [
        ("hi-IN", "रोगी को सीने में दर्द है।", "नहीं, मुझे सीने में दर्द नहीं है।", K.NEGATION_DIFFERS),
        ("ta-IN", "நோயாளிக்கு நெஞ்சு வலி உள்ளது.", "இல்லை, எனக்கு நெஞ்சு வலி இல்லை.", K.NEGATION_DIFFERS),
        ("hi-IN", "आत्महत्या के विचारों से इनकार करता है।", "कभी कभी मुझे आत्महत्या के विचार आते हैं।", K.NEGATION_DIFFERS),
        ("ta-IN", "தற்கொலை எண்ணங்களை மறுக்கிறார்.", "எனக்கு தற்கொலை எண்ணங்கள் வருகின்றன.", K.NEGATION_DIFFERS),
        ("hi-IN", "सीने में दर्द है।", practitioner("क्या आपको सीने में दर्द या बुखार है?"), K.NEGATION_DIFFERS),
        ("ta-IN", "நெஞ்சு வலி உள்ளது.", practitioner("உங்களுக்கு நெஞ்சு வலி இருக்கிறதா?"), K.NEGATION_DIFFERS),
        ("hi-IN", "बाएं घुटने में दर्द।", "दर्द मेरे दाएं घुटने में है।", K.SIDE_NOT_IN_EVIDENCE),
        ("ta-IN", "இடது முழங்காலில் வலி.", "வலி என் வலது முழங்காலில் இருக்கிறது.", K.SIDE_NOT_IN_EVIDENCE),
        ("hi-IN", "रात को हाइड्रॉक्सीज़ीन लें।", practitioner("रात को हाइड्रालाज़ीन लीजिए।"), K.DRUG_NOT_IN_EVIDENCE),
        ("ta-IN", "இரவில் ஹைட்ராக்சிசின்.", practitioner("இரவில் ஹைட்ராலசின் எடுங்கள்."), K.DRUG_NOT_IN_EVIDENCE),
        ("hi-IN", "लेवोथायरोक्सिन 50 मिलीग्राम रोज।", "लेवोथायरोक्सिन, 50 माइक्रोग्राम, रोज।", K.NUMBER_NOT_IN_EVIDENCE),
        ("ta-IN", "லெவோதைராக்சின் 50 மில்லிகிராம்.", "லெவோதைராக்சின், 50 மைக்ரோகிராம்.", K.NUMBER_NOT_IN_EVIDENCE),
        ("hi-IN", "मेटफॉर्मिन 75 मिलीग्राम दिन में दो बार।", practitioner(TWO_DOSES), K.DOSE_NOT_OF_DRUG),
        ("ta-IN", "மெட்ஃபார்மின் 75 மில்லிகிராம்.", practitioner(TWO_DOSES_TA), K.DOSE_NOT_OF_DRUG),
    ],
)
def test_a_dangerous_change_has_a_major_doubt(
    language: str, text: str, said: str | tuple[Speaker, str], kind: DoubtKind
) -> None:
    assert doubts(language, text, said)[kind] is Severity.MAJOR


@pytest.mark.parametrize(
    ("language", "text", "said", "kind"),
    [
        ("hi-IN", "छह हफ्ते से खांसी।", "दो हफ्ते से खांसी है, डॉक्टर।", K.NUMBER_NOT_IN_EVIDENCE),
        ("ta-IN", "ஆறு வாரங்களாக இருமல்.", "இரண்டு வாரங்களாக இருமல், டாக்டர்.", K.NUMBER_NOT_IN_EVIDENCE),
        ("ta-IN", "இருபத்தி மூன்று நாட்களாக இருமல்.", "இருபத்தைந்து நாட்களாக இருமல்.", K.NUMBER_NOT_IN_EVIDENCE),
        ("hi-IN", "एचआईवी पॉजिटिव। एआरटी पर।", "नमस्ते, बैठिए।", K.WORDS_NOT_IN_EVIDENCE),
        ("ta-IN", "எச்ஐவி பாசிட்டிவ். ஏஆர்டி.", "வணக்கம், உட்காருங்கள்.", K.WORDS_NOT_IN_EVIDENCE),
        ("hi-IN", "रोगी को मधुमेह है।", "मुझे सिर में दर्द है।", K.WORDS_NOT_IN_EVIDENCE),
        ("ta-IN", "நோயாளிக்கு நீரிழிவு உள்ளது.", "எனக்கு தலைவலி இருக்கிறது.", K.WORDS_NOT_IN_EVIDENCE),
    ],
)
def test_what_was_not_said_has_a_doubt(language: str, text: str, said: str, kind: DoubtKind) -> None:
    assert kind in doubts(language, text, said)


@pytest.mark.parametrize(
    ("language", "text", "filler", "others"),
    [
        (
            "hi-IN",
            "इंसुलिन बंद कर दी; सीने में दर्द है।",
            "वाक्य संख्या {}।",
            ("मेरी माँ इंसुलिन लेती हैं।", "छाती साफ है।", "आज दर्द नहीं है।"),
        ),
        (
            "ta-IN",
            "இன்சுலின் நிறுத்தப்பட்டது; நெஞ்சு வலி உள்ளது.",
            "வாக்கியம் எண் {}.",
            ("என் அம்மா இன்சுலின் எடுக்கிறார்.", "மார்பு சுத்தமாக உள்ளது.", "இன்று வலி இல்லை."),
        ),
    ],
)
def test_a_statement_that_cites_everything_is_not_believed(
    language: str, text: str, filler: str, others: tuple[str, ...]
) -> None:
    found = doubts(language, text, *(filler.format(number) for number in range(1, 11)), *others)

    assert K.TOO_MANY_CITATIONS in found
    assert Severity.MAJOR in found.values()


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("hi-IN", "मेटफॉर्मिन 500 मिलीग्राम।", "मेटफॉर्मिन पांच सौ मिलीग्राम लीजिए।"),
        ("ta-IN", "மெட்ஃபார்மின் 500 மில்லிகிராம்.", "மெட்ஃபார்மின் ஐந்நூறு மில்லிகிராம் எடுங்கள்."),
        ("hi-IN", "रक्तचाप 120/80।", "रक्तचाप 120 बटा 80 है।"),
        ("hi-IN", "रक्तचाप 145/90।", "रक्तचाप एक सौ पैंतालीस बटा नब्बे है।"),
        ("ta-IN", "ரத்த அழுத்தம் 120/80.", "ரத்த அழுத்தம் 120 க்கு 80."),
        ("ta-IN", "ரத்த அழுத்தம் 145/90.", "ரத்த அழுத்தம் நூற்று நாற்பத்தைந்து க்கு தொண்ணூறு."),
        ("hi-IN", "विटामिन डी 60000 यूनिट हफ्ते में।", "विटामिन डी साठ हजार यूनिट हर हफ्ते लीजिए।"),
        ("hi-IN", "विटामिन डी 60000 यूनिट हफ्ते में।", "विटामिन डी 60,000 यूनिट हर हफ्ते लीजिए।"),
        ("ta-IN", "வைட்டமின் டி 60000 யூனிட்.", "வைட்டமின் டி 60,000 யூனிட் எடுங்கள்."),
        ("ta-IN", "வைட்டமின் டி 60000 யூனிட்.", "வைட்டமின் டி அறுபதாயிரம் யூனிட் எடுங்கள்."),
        ("hi-IN", "SpO2 98%।", "ऑक्सीजन 98 प्रतिशत है।"),
        ("ta-IN", "SpO2 98%.", "ஆக்சிஜன் 98 சதவீதம்."),
    ],
)
def test_a_number_is_compared_by_its_value(language: str, text: str, said: str) -> None:
    assert doubts(language, text, practitioner(said)) == {}


@pytest.mark.parametrize(
    ("language", "text", "said", "word"),
    [
        ("hi-IN", "बीटा ब्लॉकर (मेटोप्रोलोल) लेते हैं।", "मैं मेटोप्रोलोल लेता हूँ, बीटा ब्लॉकर", "मेटोप्रोलोल"),
        ("hi-IN", "“मेटोप्रोलोल”/बीटा ब्लॉकर।", "मैं मेटोप्रोलोल लेता हूँ, बीटा ब्लॉकर", "मेटोप्रोलोल,"),
        ("ta-IN", "பீட்டா பிளாக்கர் (மெட்டோப்ரோலால்).", "நான் மெட்டோப்ரோலால் எடுக்கிறேன், பீட்டா பிளாக்கர்", "மெட்டோப்ரோலால்"),
        ("hi-IN", "रक्तचाप 145/90।", "रक्तचाप थोड़ा ज्यादा है, 145 बटा 90,", "90,"),
        ("ta-IN", "ரத்த அழுத்தம் 145/90.", "ரத்த அழுத்தம் அதிகம், 145 க்கு 90,", "90,"),
    ],
)
def test_a_drug_or_a_number_heard_uncertainly_has_a_major_doubt(language: str, text: str, said: str, word: str) -> None:
    assert doubts(language, text, said, uncertain=[word])[K.HEARD_UNCERTAINLY] is Severity.MAJOR


@pytest.mark.parametrize(
    ("language", "text", "said", "word"),
    [
        ("hi-IN", "रक्तचाप ज्यादा है।", "रक्तचाप ज्यादा है, 145 बटा 90,", "है"),
        ("ta-IN", "இந்த ரத்த அழுத்தம் அதிகம்.", "இந்த ரத்த அழுத்தம் அதிகம், 145 க்கு 90,", "இந்த"),
    ],
)
def test_a_function_word_heard_uncertainly_tells_nothing(language: str, text: str, said: str, word: str) -> None:
    assert K.HEARD_UNCERTAINLY not in doubts(language, text, said, uncertain=[word])
