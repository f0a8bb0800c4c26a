"""Synthesises consultations that are generated from a seed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.samples.voices import record
from local.services.speech.audio import encode

_PATIENTS = (
    "Mr. Taylor",
    "Ms. Brown",
    "Mr. Wilson",
    "Ms. Cooper",
    "Mr. Patel",
    "Ms. Harris",
    "Mr. Johnson",
    "Ms. Carter",
)
_COMPLAINTS = ("headaches", "back pain", "panic attacks", "poor sleep", "stomach pain", "chest pain", "dizziness")
_MEDICATIONS = ("ibuprofen", "aspirin", "fluoxetine", "melatonin", "insulin", "lithium")
_DOSES = (5, 10, 20, 25, 50, 75, 100, 200)
_DURATIONS = ("three days", "five days", "two weeks", "six weeks", "three months", "two years")


@dataclass(frozen=True)
class Visit:
    """A consultation that is generated from a seed."""

    patient: str
    """Title and surname."""
    complaint: str
    medication: str
    dose_mg: int
    duration: str
    turns: tuple[tuple[str, str], ...]
    """Pairs of speaker (`doctor` or `patient`) and text."""

    @property
    def reference_text(self) -> str:
        """The texts of all turns, in order."""
        return " ".join(text for _, text in self.turns)


def why_no_synthesis() -> str:
    """The reason for skipping a test if no synthesiser is installed, otherwise empty."""
    if shutil.which("flite") or shutil.which("espeak-ng"):
        return ""
    return "no speech synthesiser: apt-get install flite"


def synthesise(turns: Sequence[tuple[str, str]], folder: Path) -> Path:
    """A stereo FLAC in `folder`, the doctor left and the patient right. Raises NoSynthesiser."""
    samples, _ = record(turns)
    path = folder / "visit.flac"
    encode(samples, path)
    return path


def random_visit(seed: int) -> Visit:
    """A short visit; `seed` selects patient, complaint, medication, dose and duration."""
    pick = random.Random(seed)
    patient, complaint, medication = pick.choice(_PATIENTS), pick.choice(_COMPLAINTS), pick.choice(_MEDICATIONS)
    dose, duration = pick.choice(_DOSES), pick.choice(_DURATIONS)
    turns = (
        ("doctor", f"Good morning, {patient}. What brings you here today?"),
        ("patient", f"Good morning, doctor. I have had {complaint} for {duration}, and it is getting worse."),
        ("doctor", "Are you taking any medicine for it?"),
        ("patient", f"Yes, I take {dose} milligrams of {medication} every evening. I have no side effects."),
        ("doctor", "Have you had any thoughts of harming yourself?"),
        ("patient", "No, never. But I feel tired, and I worry a lot about my work."),
        ("doctor", f"You look tired, but you are calm. I think stress is behind the {complaint}."),
        ("doctor", f"Please continue the {medication}, and go for a walk every day. Come back in four weeks."),
        ("patient", "Thank you, doctor. I will do that."),
    )
    return Visit(patient, complaint, medication, dose, duration, turns)
