"""Rebuilds a sample's recording from its dialogue: `python -m local.samples.build follow_up_visit`.

The dialogue is in the sample's .json; edit the words there. This writes the recording and when each turn is said.
Needs Debian's `flite`, whose voices rms and slt speak: their licence lets anyone use, change and pass on what they
say. The recording ships with the project, so nothing else runs this.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from local.samples import FOLDER, load
from local.samples.voices import record
from local.services.speech.audio import encode


def build(name: str) -> None:
    """Speak the dialogue of the sample `name` anew. Raises NoSynthesiser."""
    sample = load(name)
    samples, turns = record([(turn.speaker, turn.text) for turn in sample.turns])
    encode(samples, sample.audio)
    reference = {"turns": [asdict(turn) for turn in turns]}
    (FOLDER / f"{name}.json").write_text(json.dumps(reference, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build(sys.argv[1])
