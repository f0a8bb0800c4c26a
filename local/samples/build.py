"""Rebuilds a sample's recording from its dialogue: `python -m local.samples.build follow_up_visit`.

Edit the dialogue in the sample's .json; this program writes the recording and the time of each turn. It needs Debian's
`flite` with the voices rms and slt: their licence allows anyone to use, change and distribute the recordings. The
recording is part of the repository, so nothing else runs this program.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from local.samples import FOLDER, load
from local.samples.voices import record
from local.services.speech.audio import encode


def build(name: str) -> None:
    """Record the dialogue of the sample `name` again. Raises NoSynthesiser."""
    sample = load(name)
    samples, turns = record([(turn.speaker, turn.text) for turn in sample.turns])
    encode(samples, sample.audio)
    reference = {"turns": [asdict(turn) for turn in turns]}
    (FOLDER / f"{name}.json").write_text(json.dumps(reference, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build(sys.argv[1])
