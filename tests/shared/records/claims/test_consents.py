"""Statements about consent are recognised in three languages; statements that only sound like it are not."""

from __future__ import annotations

import pytest

from shared.records.claims.consents import is_about_consent, is_history, is_refusal, purposes_in
from shared.records.clinic.consent_policy import ConsentPurpose

P = ConsentPurpose

ABOUT_CONSENT = [
    ("Verbal consent obtained.", set()),
    ("Patient consented to the recording of this visit.", {P.RECORDING}),
    ("The patient verbally agreed to the use of an AI scribe.", {P.AI_PROCESSING}),
    ("Patient was informed that the session is being recorded and agreed.", {P.RECORDING}),
    ("Patient gave permission to record.", {P.RECORDING}),
    ("Patient is aware that the visit is recorded.", {P.RECORDING}),
    ("The client is comfortable with the session being recorded.", {P.RECORDING}),
    ("Patient understands that AI is used to write the note.", {P.AI_PROCESSING}),
    ("Patient authorised the use of documentation software.", {P.AI_PROCESSING}),
    ("Patient accepts transcription of the visit by AI.", {P.AI_PROCESSING}),
    ("No objection to the recording.", {P.RECORDING}),
    ("Patient declined consent for audio recording.", {P.RECORDING}),
    ("Consents to telehealth.", {P.TELEHEALTH}),
    ("Patient agrees to a video visit.", {P.TELEHEALTH}),
    ("Authorises release of medical records.", {P.DATA_SHARING}),
    ("Patient agrees to share information with the family.", {P.DATA_SHARING}),
    ("Informed consent was obtained for treatment.", {P.TREATMENT}),
    ("Patient agreed to proceed with treatment.", {P.TREATMENT}),
    ("Patient accepted the risks of the procedure.", {P.TREATMENT}),
    ("Guardian assented to treatment.", {P.TREATMENT}),
    ("रोगी ने रिकॉर्डिंग के लिए सहमति दी।", {P.RECORDING}),
    ("रोगी ने रिकॉर्डिंग की अनुमति दी।", {P.RECORDING}),
    ("நோயாளி பதிவுக்கு சம்மதித்தார்.", {P.RECORDING}),
    ("சிகிச்சைக்கு ஒப்புதல் பெறப்பட்டது.", {P.TREATMENT}),
]
OTHERS = [
    "Blood pressure recorded as 120/80; patient informed.",
    "ECG was recorded and explained.",
    "Sleep was recorded in a diary, patient told to continue.",
    "Patient agrees with the plan.",
    "The patient understands and agrees with the recommended treatment plan.",
    "Patient is willing to start sertraline.",
    "Patient agrees to return in two weeks.",
    "Patient accepts that the treatment is slow.",
    "Patient declined treatment for nausea.",
    "Refuses surgery.",
    "Allowed to bear weight after surgery.",
    "OK to shower after the procedure.",
    "Discussed AI at work as a source of stress.",
    "Advised follow up by video consultation.",
    "Age of consent discussed at school.",
    "Patient is a recording engineer and knows the risk to hearing.",
    "நோயாளி மருத்துவமனையில் அனுமதிக்கப்பட்டார்.",
    "रोगी ने बताया कि नींद नहीं आती।",
]


@pytest.mark.parametrize(("text", "purposes"), ABOUT_CONSENT)
def test_a_statement_about_consent_is_recognised_with_what_it_is_to(text: str, purposes: set[ConsentPurpose]) -> None:
    assert is_about_consent(text)
    assert purposes <= purposes_in(text)


@pytest.mark.parametrize("text", OTHERS)
def test_a_statement_that_sounds_like_consent_is_none(text: str) -> None:
    assert not is_about_consent(text)


def test_a_consent_of_long_ago_is_history_only_if_it_was_told_and_was_to_something_else() -> None:
    told = "I signed the consent for my operation in 2019."

    assert is_history("Consented to the operation in 2019.", told)
    assert not is_history("Consented to the operation in 2019.", "My back hurts.")
    assert not is_history("Consented to the recording in 2019.", told)
    assert not is_history("Consented to the operation.", told)


def test_a_refusal_is_told_from_a_consent() -> None:
    assert is_refusal("Patient declined consent for audio recording.")
    assert is_refusal("रोगी ने सहमति नहीं दी।")
    assert not is_refusal("Verbal consent obtained.")
    assert not is_refusal("No objection to the recording.")
