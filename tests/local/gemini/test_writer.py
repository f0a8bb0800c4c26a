"""The local report writer: its statements are supported by the transcript and are in a fitting section."""

from __future__ import annotations

import re
import time

import pytest

from local.services.gemini.transcript import Section, Turn, parse, with_roles
from local.services.gemini.writer import Statement, write
from tests.local.gemini.dialogues import FOLLOW_UP_VISIT, SECTIONS, only_statement, report, turns

# Words that a statement may have without support in the transcript. Independent of the writer's own list.
FUNCTION_WORDS = """
patient reports denies states asked about whether impression feeling they them their theirs themselves no
a an and or of to in on at is are was were be been am has have had do does did not it its that this there the i we
me my our you your yourself myself because going want let will would s t m re ve ll d n
"""


def unsupported(statement: Statement, said: dict[int, str]) -> set[str]:
    """The content words of a statement that are not in its segments."""
    supporting = words_of(" ".join(said[number] for number in statement.segments))
    return {
        word
        for word in words_of(statement.text) - words_of(FUNCTION_WORDS)
        if not {word, word.removesuffix("s")} & supporting
    }


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+|\d+(?:[./]\d+)?", re.sub(r" ?n't", " not", text.lower())))


def test_a_psychiatric_follow_up_fills_the_nine_default_sections() -> None:
    assert report(FOLLOW_UP_VISIT) == {
        "chief_complaint": ["Patient reports their mood has been pretty low for the past three weeks."],
        "history_present_illness": [
            "Patient reports they cry most evenings.",
            "Patient reports sleeping about five hours.",
            "Patient reports they wake up at three and then they can't get back to sleep.",
            'Appetite: "Not great. I skip lunch most days."',
            'Patient reports they are taking the sertraline every day: "Every morning."',
            "Patient reports a bit of nausea for an hour or so after the tablet.",
            'Asked "Is anything going on that makes it worse?": '
            '"Work. I\'ve got a new manager and the deadlines are really stressing me out."',
            "Patient denies thoughts of harming themselves.",
            'Asked whether they drink alcohol: "A glass of wine at weekends."',
            "Patient reports they are tired.",
        ],
        "physical_examination.vital_signs": ["Blood pressure is 124 over 78 and pulse is 70."],
        "physical_examination.general_appearance": [
            "Patient looks tired today but patient makes good eye contact.",
            "Affect is restricted and speech is normal.",
        ],
        "physical_examination.systems_review": ["Patient denies headaches or dizziness."],
        "assessment": [
            "PHQ-9 score is 14, it was 18 last time.",
            "Impression: this is a moderate depressive episode with a partial response to the sertraline.",
        ],
        "plan.medications": ["Increase sertraline to 75 mg.", "Take it with food."],
        "plan.follow_up": [
            "Refer patient for CBT.",
            "If the nausea gets worse or mood drops, call the clinic.",
            "See patient in four weeks.",
        ],
        "plan.patient_education": ["Try to avoid screens for an hour before bed, and cut down on caffeine."],
    }


def test_every_content_word_is_in_the_cited_segments() -> None:
    said = {turn.number: turn.text for turn in turns(FOLLOW_UP_VISIT)}
    statements = write(SECTIONS, turns(FOLLOW_UP_VISIT))
    assert all(1 <= len(statement.segments) <= 2 for statement in statements)
    assert [(statement.text, words) for statement in statements if (words := unsupported(statement, said))] == []


@pytest.mark.parametrize(
    ("asked", "answer", "written"),
    [
        ("Any chest pain?", "No.", "Patient denies chest pain."),
        ("Any nausea? Vomiting?", "No, none.", "Patient denies nausea, Vomiting."),
        ("Have you noticed any blood in your stools?", "No.", "Patient denies blood in their stools."),
        ("Do you have any headaches at all?", "Yeah.", "Patient reports headaches."),
        ("Have you had a fever or chills?", "Yes.", 'Asked about fever or chills: "Yes."'),
        ("Are you sleeping well?", "No.", "Patient reports they are not sleeping well."),
        ("Have you ever smoked?", "Yes.", "Patient reports they have smoked."),
        (
            "How long have you had the cough?",
            "About two weeks.",
            'Asked how long they have had the cough: "About two weeks."',
        ),
        ("How has your appetite been lately?", "Not so good.", 'Appetite: "Not so good."'),
        ("okay and do you have any chest pain", "no", "Patient denies chest pain."),
    ],
)
def test_a_short_answer_is_joined_with_its_question(asked: str, answer: str, written: str) -> None:
    statement = only_statement(f"D: {asked}\nP: {answer}")
    assert (statement.text, statement.segments) == (written, (1, 2))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Any thoughts of harming yourself?", "No, but sometimes I wish I was dead."),
        ("Any chest pain?", "Not really."),
        ("You have no pain now?", "No."),
        ("Any problems with vomiting or no pain?", "No."),
        ("Is the pain there all the time or does it come and go?", "No."),
    ],
)
def test_an_answer_other_than_a_plain_yes_or_no_is_quoted_in_full(asked: str, answer: str) -> None:
    statement = only_statement(f"D: {asked}\nP: {answer}")
    assert statement.text.endswith(f': "{answer.rstrip(".")}."')
    assert "denies" not in statement.text


def test_thoughts_of_death_after_a_denial_are_never_lost() -> None:
    texts = report("D: Any thoughts of harming yourself?\nP: No. Some nights I think I would be better off dead.")
    assert "better off dead" in " ".join(texts["history_present_illness"])


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("I've been feeling really dizzy since Monday.", "Patient reports feeling really dizzy since Monday."),
        ("I'm not sleeping.", "Patient reports not sleeping."),
        ("I don't have any pain.", "Patient denies pain."),
        ("I don't have any pain unless I walk.", "Patient reports they don't have any pain unless they walk."),
        ("I was really tired, um, all, all day.", "Patient reports they were really tired all day."),
        ("My headaches aren't any better.", "Patient reports their headaches aren't any better."),
        ("The pills you gave me make me nauseous.", 'Patient states: "The pills you gave me make me nauseous."'),
    ],
)
def test_the_patient_is_reported_in_the_third_person(spoken: str, written: str) -> None:
    assert only_statement(f"P: {spoken}").text == written


@pytest.mark.parametrize(
    ("spoken", "section", "written"),
    [
        ("I'd like to increase the sertraline to 75 mg.", "plan.medications", "Increase sertraline to 75 mg."),
        ("We won't change the sertraline today.", "plan.medications", "Won't change the sertraline today."),
        ("I don't think you need antibiotics.", "plan.medications", "I don't think patient needs antibiotics."),
        ("We might start lithium later.", "plan.medications", "Might start lithium later."),
        ("I'll see you back in six weeks, okay?", "plan.follow_up", "See patient back in six weeks."),
        ("Let's get a chest x-ray.", "plan.follow_up", "Get a chest x-ray."),
        ("Your lungs sound clear.", "physical_examination.systems_review", "Lungs sound clear."),
        ("I don't hear any murmurs.", "physical_examination.systems_review", "No murmurs."),
        ("I think you have asthma.", "assessment", "Impression: patient has asthma."),
    ],
)
def test_statements_of_the_practitioner_have_no_grammatical_person(spoken: str, section: str, written: str) -> None:
    statement = only_statement(f"D: {spoken}")
    assert (statement.section, statement.text) == (section, written)


def test_small_talk_and_bare_questions_make_no_statement() -> None:
    dialogue = (
        "D: Good morning, how was the traffic?\nP: Fine, thanks. Lovely weather.\nD: Can you hear me okay?\nP: Yes."
    )
    assert write(SECTIONS, turns(dialogue)) == []


def test_sections_of_a_custom_template_get_fitting_statements() -> None:
    template = tuple(
        Section(one)
        for one in ("risk_assessment", "sleep", "social_history", "mental_status_examination", "assessment", "plan")
    )
    texts = report(FOLLOW_UP_VISIT, template)
    assert texts["risk_assessment"] == ["Patient denies thoughts of harming themselves."]
    assert texts["sleep"][0] == "Patient reports sleeping about five hours."
    assert "Affect is restricted and speech is normal." in texts["mental_status_examination"]
    assert texts["assessment"][-1].startswith("Impression: this is a moderate depressive episode")
    assert {"Increase sertraline to 75 mg.", "See patient in four weeks."} <= set(texts["plan"])


def test_a_repeated_statement_is_written_once() -> None:
    texts = report("P: I have a bad headache.\nD: Okay.\nP: I have a bad headache.", SECTIONS[1:])
    assert texts == {"history_present_illness": ["Patient reports a bad headache."]}


def test_a_later_yes_is_not_a_repetition_of_an_earlier_no() -> None:
    texts = report("D: Any chest pain?\nP: No.\nD: So no pain at all?\nP: Well, I get some chest pain.", SECTIONS[1:])
    assert texts["history_present_illness"] == ["Patient reports some chest pain."]
    assert texts["physical_examination.systems_review"] == ["Patient denies chest pain."]


def test_numbered_speakers_get_roles_from_their_words() -> None:
    dialogue = "1: How are you feeling today? Any pain?\n2: I have pain in my knee.\n1: You should rest your knee."
    assert [turn.speaker for turn in with_roles(turns(dialogue))] == ["PRACTITIONER", "PATIENT", "PRACTITIONER"]


def test_an_unknown_speaker_gets_a_role_only_if_the_words_are_unambiguous() -> None:
    spoken = turns("U: I've had this pain in my knee.\nU: Do you feel it when you walk?\nU: Okay.")
    assert [turn.speaker for turn in with_roles(spoken)] == ["PATIENT", "PRACTITIONER", "UNKNOWN"]


def test_speech_without_punctuation_is_divided_into_statements() -> None:
    dialogue = (
        "D: okay so your blood pressure is 130 over 85 and your lungs are clear so i think you have a viral infection "
        "and i want you to drink plenty of water and i'll see you in two weeks"
    )
    assert report(dialogue) == {
        "physical_examination.vital_signs": ["Blood pressure is 130 over 85."],
        "physical_examination.systems_review": ["Lungs are clear."],
        "assessment": ["Impression: patient has a viral infection."],
        "plan.follow_up": ["See patient in two weeks."],
        "plan.patient_education": ["Drink plenty of water."],
    }


def test_other_text_in_the_prompt_is_ignored() -> None:
    sections = "SECTIONS\n- plan.follow_up: Follow-up — when, and with whom"
    transcript = "TRANSCRIPT\n[7] PATIENT: Hi: I\nam ill."
    prompt = parse(f"Rules.\n\n{sections}\n\n{transcript}")
    assert prompt.sections == (Section("plan.follow_up", "Follow-up"),)
    assert prompt.turns == (Turn(7, "PATIENT", "Hi: I am ill."),)


def test_a_twenty_minute_consultation_takes_less_than_half_a_second() -> None:
    spoken = turns(FOLLOW_UP_VISIT)
    long = tuple(
        Turn(number, turn.speaker, f"{turn.text} Number {number}.") for number, turn in enumerate(spoken * 9, 1)
    )
    assert sum(len(turn.text.split()) for turn in long) > 3000
    started = time.process_time()
    assert write(SECTIONS, long)
    assert time.process_time() - started < 0.5


def test_a_consultation_in_one_long_segment_takes_no_longer() -> None:
    spoken = " ".join(f"and i had {number} headaches last week" for number in range(600))
    started = time.process_time()
    assert write(SECTIONS, [Turn(1, "PATIENT", spoken)])
    assert time.process_time() - started < 0.5
