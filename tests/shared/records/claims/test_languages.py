"""Each kind of wrong statement in Hindi and Tamil, as in English: negation, number, dose, side, drug and risk."""

from __future__ import annotations

import pytest

from shared.records.claims.checks import Checker
from shared.records.claims.doubt import ClaimCheck, DoubtKind
from shared.records.claims.omission import OmissionKind
from tests.shared.records.claims.test_checks import D, P, Turn, doubts, kinds
from tests.shared.records.claims.test_omissions import left_out

K = DoubtKind


@pytest.mark.parametrize(
    ("text", "said", "kind"),
    [
        ("खांसी है।", "नहीं, मुझे खांसी नहीं है।", K.NEGATION_DIFFERS),
        ("आत्महत्या के विचार नहीं हैं।", "कभी कभी आत्महत्या के विचार आते हैं।", K.NEGATION_DIFFERS),
        ("उल्टी और बुखार है।", "क्या आपको उल्टी या बुखार है?", K.NEGATION_DIFFERS),
        ("बाएं कंधे में दर्द।", "दाएं कंधे में दर्द रहता है।", K.SIDE_NOT_IN_EVIDENCE),
        ("एम्लोडिपिन लेते हैं।", "मैं टेल्मिसार्टन लेता हूँ।", K.DRUG_NOT_IN_EVIDENCE),
        ("थायरोनॉर्म ५० मिलीग्राम।", "थायरोनॉर्म ५० माइक्रोग्राम।", K.NUMBER_NOT_IN_EVIDENCE),
        ("मेटफॉर्मिन 75 मिलीग्राम।", "मेटफॉर्मिन 500 मिलीग्राम और एस्पिरिन 75 मिलीग्राम।", K.DOSE_NOT_OF_DRUG),
        ("छह हफ्ते से खांसी।", "दो हफ्ते से खांसी है।", K.NUMBER_NOT_IN_EVIDENCE),
        ("टीबी है।", "नमस्ते, बैठिए।", K.WORDS_NOT_IN_EVIDENCE),
        ("இருமல் உள்ளது.", "இல்லை, எனக்கு இருமல் இல்லை.", K.NEGATION_DIFFERS),
        ("தற்கொலை எண்ணம் இல்லை.", "சில நேரம் தற்கொலை எண்ணம் வருகிறது.", K.NEGATION_DIFFERS),
        ("வாந்தி உள்ளது.", "உங்களுக்கு வாந்தி இருக்கா?", K.NEGATION_DIFFERS),
        ("வலது தோளில் வலி.", "இடது தோளில் வலி.", K.SIDE_NOT_IN_EVIDENCE),
        ("ஆஸ்பிரின் எடுக்கிறார்.", "நான் மெட்ஃபார்மின் எடுக்கிறேன்.", K.DRUG_NOT_IN_EVIDENCE),
        ("தைரோநார்ம் ௫௦ மில்லிகிராம்.", "தைரோநார்ம் 50 மைக்ரோகிராம்.", K.NUMBER_NOT_IN_EVIDENCE),
        (
            "மெட்ஃபார்மின் 75 மில்லிகிராம்.",
            "மெட்ஃபார்மின் 500 மில்லிகிராம், ஆஸ்பிரின் 75 மில்லிகிராம்.",
            K.DOSE_NOT_OF_DRUG,
        ),
        ("ஆறு வாரங்கள் இருமல்.", "இரண்டு வாரங்கள் இருமல்.", K.NUMBER_NOT_IN_EVIDENCE),
        ("காசநோய் உள்ளது.", "வணக்கம், உட்காருங்கள்.", K.WORDS_NOT_IN_EVIDENCE),
    ],
)
def test_an_error_has_a_doubt_of_its_kind(text: str, said: str, kind: DoubtKind) -> None:
    assert kind in kinds(text, said, language="hi-IN")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("मेटफॉर्मिन 500 मिलीग्राम।", "मेटफॉर्मिन पांच सौ मिलीग्राम लीजिए।"),
        ("विटामिन डी 60000 यूनिट।", "विटामिन डी ६०,००० यूनिट लीजिए।"),
        ("बाएं घुटने में दर्द।", "मेरे बाएं घुटने में दर्द है।"),
        ("Metformin 500 mg.", "मेटफॉर्मिन ५०० एमजी लेता हूँ।"),
        ("மெட்ஃபார்மின் 500 மில்லிகிராம்.", "மெட்ஃபார்மின் ஐந்நூறு மில்லிகிராம்."),
        ("இடது முழங்காலில் வலி.", "இடது முழங்காலில் வலி இருக்கிறது."),
        ("Metformin 500 mg.", "மெட்ஃபார்மின் ௫௦௦ எம்ஜி எடுக்கிறேன்."),
    ],
)
def test_a_true_statement_has_no_doubt(text: str, said: str) -> None:
    assert doubts(text, said, language="ta-IN") == []


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        ("बुखार है।", "क्या बुखार है?", "नहीं।"),
        ("காய்ச்சல் உள்ளது.", "காய்ச்சல் இருக்கா?", "இல்லை."),
    ],
)
def test_a_question_takes_the_polarity_of_its_answer(text: str, question: str, answer: str) -> None:
    assert K.NEGATION_DIFFERS in kinds(text, (D, question), (P, answer), language="hi-IN")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("मैं एस्पिरिन लेता हूँ।", OmissionKind.DRUG),
        ("मुझे एलर्जी है।", OmissionKind.ALLERGY),
        ("मैं आत्महत्या के बारे में सोचता हूँ।", OmissionKind.RISK),
        ("நான் ஆஸ்பிரின் எடுக்கிறேன்.", OmissionKind.DRUG),
        ("எனக்கு ஒவ்வாமை உள்ளது.", OmissionKind.ALLERGY),
        ("தற்கொலை எண்ணம் வருகிறது.", OmissionKind.RISK),
    ],
)
def test_what_no_statement_has_is_found(said: str, kind: OmissionKind) -> None:
    assert kind in {one for one, _ in left_out([(P, said)], "ठीक।", language="hi-IN")}


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("रक्तचाप 145/90।", "रक्तचाप 145 बटा 90 है", "90"),
        ("मेटफॉर्मिन लेते हैं।", "मैं मेटफॉर्मिन लेता हूँ", "मेटफॉर्मिन"),
        ("மெட்ஃபார்மின் எடுக்கிறார்.", "நான் மெட்ஃபார்மின் எடுக்கிறேன்", "மெட்ஃபார்மின்"),
    ],
)
def test_a_word_heard_uncertainly_is_doubted(text: str, said: str, word: str) -> None:
    checker = Checker([Turn(1, said, uncertain_words=[word])], check=ClaimCheck.of("hi-IN"))

    assert K.HEARD_UNCERTAINLY in {one.kind for one in checker.doubts(text, [1])}
