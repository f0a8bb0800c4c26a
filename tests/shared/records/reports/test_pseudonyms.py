"""What identifies people does not reach the writer, and what it writes gets the names back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.drugs.names import often_prescribed
from shared.records.reports.pseudonyms import Kind, KnownPeople, Pseudonyms, UnknownPlaceholder

PEOPLE = KnownPeople(
    names={
        Kind.PATIENT: ["Ananya Rao"],
        Kind.PRACTITIONER: ["Meera Iyer"],
        Kind.CONTACT: ["Will Hope"],
        Kind.PERSON: ["Johnson", "अनिता"],
    },
    numbers=["+919845012345", "PAT-20260001", "POL 77/4"],
    addresses=["14 Church Street", "Bengaluru", "560 001"],
)


def hidden(text: str) -> str:
    return Pseudonyms(PEOPLE).hide(text)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("Good morning Ananya.", "Good morning [PATIENT_1]."),
        ("ananya rao is here", "[PATIENT_1] is here"),
        ("Ananya\u2019s sleep, Rao's pulse", "[PATIENT_1]\u2019s sleep, [PATIENT_2]'s pulse"),
        ("This is Anania speaking", "This is [PATIENT_1] speaking"),
        ("I am Dr. Meera Iyer.", "I am Dr. [PRACTITIONER_1]."),
        ("I will hope for the best, said Will.", "I will hope for the best, said [CONTACT_1]."),
        ("Will Hope drove me", "[CONTACT_1] drove me"),
        ("Johnson told me", "[PERSON_1] told me"),
        ("अनिता ने कहा", "[PERSON_1] ने कहा"),
        ("my number is 98450 12345", "my number is [NUMBER_1]"),
        ("+91 98450-12345 or 080 2345678", "[NUMBER_1] or [NUMBER_2]"),
        ("(555) 123 4567, or 555-1234", "[NUMBER_1], or [NUMBER_2]"),
        ("nine eight four five zero one double two", "[NUMBER_1]"),
        ("chart pat-20260001, policy POL  77/4", "chart [NUMBER_1], policy [NUMBER_2]"),
        ("Aadhaar 1234 5678 9012, PAN ABCDE1234F", "Aadhaar [NUMBER_1], PAN [NUMBER_2]"),
        ("passport M1234567, SSN 123-45-6789", "passport [NUMBER_1], SSN [NUMBER_2]"),
        ("a.rao+x@mail.example.com", "[EMAIL_1]"),
        ("write to ananya dot rao at example dot com please", "write to [EMAIL_1] please"),
        ("at 14 church street, bengaluru 560 001", "at [ADDRESS_1], [ADDRESS_2] [ADDRESS_3]"),
        ("I live at 221 Baker Street now", "I live at [ADDRESS_1] now"),
        ("[PATIENT_7] is literal", "[TEXT_1] is literal"),
    ],
)
def test_people_are_hidden(said: str, sent: str) -> None:
    assert hidden(said) == sent


@pytest.mark.parametrize(
    "said",
    [
        "Pressure 145/90, then 120 130 140.",
        "60,000 units, 1,00,000 and 0.25 mg",
        "Take 500 mg twice daily for 10-14 days.",
        "From 1998-2001, and in 2019 2020.",
        "On 2026-11-28 and 28-11-2026",
        "I will see you in May, I hope.",
        "two three four days",
        "HbA1c 7.2, SpO2 98, B12 low",
        "We start Sertraline and Risperidone.",
    ],
)
def test_what_is_clinical_stays(said: str) -> None:
    assert hidden(said) == said


@pytest.mark.parametrize("drug", often_prescribed())
def test_a_drug_is_nobodys_name(drug: str) -> None:
    people = KnownPeople(names={Kind.PATIENT: ["Serta Lin", "Metha Rao", "Lisa Pril", "Clara Zepam"]})

    assert Pseudonyms(people).hide(f"We start {drug.capitalize()} now.") == f"We start {drug.capitalize()} now."


def test_a_text_has_the_same_placeholder_throughout_and_others_have_their_own() -> None:
    pseudonyms = Pseudonyms(PEOPLE)

    assert pseudonyms.hide("Ananya and Rao and Ananya") == "[PATIENT_1] and [PATIENT_2] and [PATIENT_1]"
    assert pseudonyms.hide("Rao, Ananya") == "[PATIENT_2], [PATIENT_1]"


@pytest.mark.parametrize("written", ["[PATIENT_1] sleeps badly.", "PATIENT_1 sleeps badly."])
def test_the_answer_gets_the_names_back(written: str) -> None:
    pseudonyms = Pseudonyms(PEOPLE)
    pseudonyms.hide("Ananya, how do you sleep?")

    assert pseudonyms.put_back(written) == "Ananya sleeps badly."


@pytest.mark.parametrize("written", ["[PATIENT_2] sleeps.", "[PERSON_1]", "call NUMBER_9"])
def test_an_invented_placeholder_is_refused(written: str) -> None:
    pseudonyms = Pseudonyms(PEOPLE)
    pseudonyms.hide("Ananya, how do you sleep?")

    with pytest.raises(UnknownPlaceholder):
        pseudonyms.put_back(written)


PIECES = st.sampled_from(
    [
        *(
            "Ananya",
            "rao",
            "Will",
            "अनिता",
            "Johnson's",
            "98450 12345",
            "a@b.co",
            "PATIENT_1",
            "[TEXT_2]",
            "_",
            "[",
            "]",
        ),
        *(" ", "  ", ".", "\n", "1", "-", "+", "at", "dot", "one", "double", "14 Church Street", "PAT-20260001"),
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join)))
def test_what_is_hidden_and_put_back_is_the_same_text(text: str) -> None:
    pseudonyms = Pseudonyms(PEOPLE)

    assert pseudonyms.put_back(pseudonyms.hide(text)) == text
