"""Roles on one channel, against a folder of recordings and dialogues whose speakers are known.

`audio/*.mp3` with a `.json` beside each: lists of turns with `character` (doctor, patient, anybody else) and `text`.
`*.jsonl`: one dialogue a line, whose `turns` have `speaker` and `text`. A recording is mixed to one channel, recognised
and separated by the local stand-ins, and read by the product's code. The words of the recogniser are aligned with the
reference, which says what is right. The report is drafted by the local writer, and compared with the one that it drafts
from the same words with the right speakers, as a recording with a channel for each speaker gives them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bench.measure import Comparison
from shared.records.templates.sections import leaves_of
from shared.records.templates.shipped import default_sections
from shared.records.visits.roles import roles_of, with_roles
from shared.records.visits.segment import Segment
from shared.records.visits.segments import Utterance, Word, segments_of, word_key
from shared.records.visits.speech import Speaker
from shared.workflows.reports.prompt import Evidence, prompt_for

_WRONG = 0.1
"""The acceptable share of words with a wrong role, and of statements that are missing."""
_WRONG_DIALOGUES = 0.05
_ROLES = {"doctor": Speaker.PRACTITIONER, "patient": Speaker.PATIENT}
_SAME = {"ok": "okay", "alright": "all right", "dr": "doctor"}

Said = Sequence[tuple[Speaker, str]]
"""The speaker and the text of each turn."""


@dataclass(frozen=True)
class Spoken:
    """A recognised word, its label, and who said it."""

    word: Word
    label: str
    speaker: Speaker


def compare(folder: Path) -> list[Comparison]:
    """The shares of what is wrong, of each recording and of all dialogues. Raises OSError for a folder without any."""
    found = [one for path in sorted(folder.glob("audio/*.mp3")) for one in _recording(path)]
    dialogues = [said for path in sorted(folder.glob("*.jsonl")) for said in _dialogues(path)]
    if not found and not dialogues:
        raise OSError(f"{folder} has neither audio/*.mp3 nor dialogues")
    wrong = sum(not _is_right(said) for said in dialogues)
    return [
        *found,
        Comparison(f"dialogues with a wrong role, of {len(dialogues)}", wrong, len(dialogues) or 1, _WRONG_DIALOGUES),
    ]


def _recording(path: Path) -> Iterator[Comparison]:
    spoken = _heard(path, _reference(path.with_suffix(".json")))
    named, _ = with_roles(_segments(spoken), "en")
    right = _segments(spoken, known=True)
    speakers = [segment.speaker for segment in named for _ in segment.text.split()]
    ordered = [one for one in spoken if one.word.text]
    wrong = sum(got != one.speaker for got, one in zip(speakers, ordered, strict=True))
    yield Comparison(f"{path.stem}: words with a wrong role, of {len(ordered)}", wrong, len(ordered), _WRONG)
    expected, drafted = _statements(right), _statements(named)
    missing = len(expected - drafted)
    yield Comparison(f"{path.stem}: statements missing, of {len(expected)}", missing, len(expected) or 1, _WRONG)


def _reference(path: Path) -> Said:
    cycles = json.loads(path.read_text(encoding="utf-8"))
    return [(_ROLES.get(turn["character"], Speaker.OTHER), turn["text"]) for turns in cycles.values() for turn in turns]


def _heard(path: Path, reference: Said) -> list[Spoken]:
    """What the local recogniser hears on the mixed channel, with the labels of the local separation of voices."""
    from local.services.speech.audio import decode, encode
    from local.services.speech.engine import Engine
    from local.services.speech.transcript import Job
    from local.services.speech.voices import labelled

    mixed = decode(path.read_bytes()).mean(axis=0, keepdims=True)
    with tempfile.TemporaryDirectory() as folder:
        encode(mixed, wav := Path(folder, "mixed.wav"))
        engine = Engine()
        try:
            words = engine.transcribe(Job(wav.read_bytes(), per_channel=True)).channels[0]
        finally:
            engine.stop()
    speakers = _aligned([word.text for word in words], reference)
    return [
        Spoken(Word(one.text, round(one.start * 1000), round(one.end * 1000), one.confidence), one.label, speaker)
        for one, speaker in zip(labelled(words, mixed[0]), speakers, strict=True)
    ]


def _aligned(heard: Sequence[str], reference: Said) -> list[Speaker]:
    """Who said each recognised word: of the reference's word at its place, or of the last one before it."""
    said = [(word, speaker) for speaker, text in reference for word in _keys(text)]
    words = [" ".join(_keys(text)) for text in heard]
    matcher = SequenceMatcher(None, [word for word, _ in said], words, autojunk=False)
    found = [said[0][1]] * len(words)
    for _, first, end, begin, stop in matcher.get_opcodes():
        for at in range(begin, stop):
            place = min(first + at - begin, end - 1) if end > first else max(first - 1, 0)
            found[at] = said[place][1]
    return found


def _keys(text: str) -> list[str]:
    words = (word_key(word.replace("\u2019", "'")) for word in text.split())
    return [_SAME.get(word, word) for word in words if word]


def _segments(spoken: Sequence[Spoken], *, known: bool = False) -> list[Segment]:
    """The segments that the product makes of the words, with the labels as voices or with the known speakers."""
    turns: list[tuple[tuple[str, Speaker], list[Word]]] = []
    for one in spoken:
        voice = ("", one.speaker) if known else (one.label, Speaker.UNKNOWN)
        if not turns or turns[-1][0] != voice:
            turns.append((voice, []))
        turns[-1][1].append(one.word)
    return segments_of(Utterance(speaker, tuple(words), label or None) for (label, speaker), words in turns)


def _statements(segments: Sequence[Segment]) -> set[tuple[str, str]]:
    """Section and text of each statement that the local writer drafts."""
    from local.services.gemini.transcript import parse
    from local.services.gemini.writer import write

    prompt = parse(prompt_for(leaves_of(default_sections()), Evidence(segments)))
    return {(one.section, one.text.casefold()) for one in write(prompt.sections, prompt.turns)}


def _dialogues(path: Path) -> Iterator[Said]:
    """The dialogues of a file whose lines have turns of a doctor and a patient."""
    for line in path.read_text(encoding="utf-8").splitlines():
        turns: Any = json.loads(line).get("turns")
        if isinstance(turns, list) and {turn.get("speaker") for turn in turns} >= _ROLES.keys():
            yield [(_ROLES.get(turn["speaker"], Speaker.OTHER), turn["text"]) for turn in turns]


def _is_right(said: Said) -> bool:
    """True if the rule names doctor and patient of a dialogue without labels, whoever of them has the first number."""
    numbers = {Speaker.PATIENT: 1, Speaker.PRACTITIONER: 2, Speaker.OTHER: 3}
    roles = roles_of(((numbers[speaker], text) for speaker, text in said), "en")
    return roles is not None and all(roles.speakers[numbers[role]] == role for role in _ROLES.values())
