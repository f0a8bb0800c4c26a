"""A consultation, the sections of its report, and reports of short dialogues."""

from __future__ import annotations

from local.services.gemini.transcript import Section, Turn
from local.services.gemini.writer import Statement, write

SECTIONS = tuple(
    Section(section, title)
    for section, title in {
        "chief_complaint": "Chief Complaint",
        "history_present_illness": "History of Present Illness",
        "physical_examination.vital_signs": "Vital Signs",
        "physical_examination.general_appearance": "General Appearance",
        "physical_examination.systems_review": "Systems Review",
        "assessment": "Assessment",
        "plan.medications": "Medications",
        "plan.follow_up": "Follow-up",
        "plan.patient_education": "Patient Education",
    }.items()
)
FOLLOW_UP_VISIT = """
D: Hello again, come on in. How have you been since we last met?
P: Hi. Um, honestly, my mood has been, you know, pretty low for the past three weeks. I cry most evenings.
D: I'm sorry to hear that. How has your sleep been?
P: I've been sleeping about five hours. I wake up at three and then I can't get back to sleep.
D: And your appetite?
P: Not great. I skip lunch most days.
D: Are you taking the sertraline every day?
P: Yes, every morning.
D: Any side effects?
P: I get a bit of nausea, uh, for an hour or so after the tablet.
D: Any headaches or dizziness?
P: No.
D: Is anything going on that makes it worse?
P: Work. I've got a new manager and the deadlines are really stressing me out.
D: Any thoughts of harming yourself?
P: No, nothing like that.
D: Do you drink alcohol?
P: A glass of wine at weekends.
D: Let me take a look at the form you filled in. Your PHQ-9 score is 14, it was 18 last time.
P: Okay.
D: Your blood pressure is 124 over 78 and your pulse is 70.
P: Good.
D: You look tired today but you make good eye contact. Your affect is restricted and your speech is normal.
P: Yeah, I am tired.
D: I think this is a moderate depressive episode with a partial response to the sertraline.
P: That makes sense.
D: So I'd like to increase the sertraline to 75 mg. Take it with food.
P: Okay.
D: I'm going to refer you for CBT. Try to avoid screens for an hour before bed, and cut down on caffeine.
P: I'll try.
D: If the nausea gets worse or your mood drops, call the clinic. Otherwise I'll see you in four weeks, okay?
P: Thank you. Bye.
"""


def turns(dialogue: str) -> tuple[Turn, ...]:
    speakers = {"D": "PRACTITIONER", "P": "PATIENT", "1": "SPEAKER_1", "2": "SPEAKER_2", "U": "UNKNOWN"}
    lines = dialogue.strip().splitlines()
    return tuple(Turn(number, speakers[line[0]], line[3:]) for number, line in enumerate(lines, 1))


def report(dialogue: str, sections: tuple[Section, ...] = SECTIONS) -> dict[str, list[str]]:
    """The texts of the report by section."""
    texts: dict[str, list[str]] = {}
    for statement in write(sections, turns(dialogue)):
        texts.setdefault(statement.section, []).append(statement.text)
    return texts


def only_statement(dialogue: str) -> Statement:
    """The only statement of a dialogue in a report without a chief complaint."""
    [statement] = write(SECTIONS[1:], turns(dialogue))
    return statement
