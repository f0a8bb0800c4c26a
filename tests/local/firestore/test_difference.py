"""The embedded Firestore gives the same responses as Google's emulator."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from local.services.firestore.backend import DATABASE
from local.services.firestore.embedded.database import Database
from local.services.firestore.google.backend import GoogleFirestore
from tests.local.firestore.differential import INDEXES, Side, differences
from tests.support.prerequisites import needs_java
from tests.support.thorough import THOROUGH

pytestmark = [needs_java, pytest.mark.long]

STEPS = 20_000 if THOROUGH else 1_000


def test_random_commits_and_queries_have_the_same_answers(tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    embedded = Database(DATABASE, tmp_path / "embedded", indexes=INDEXES)
    google = GoogleFirestore(tmp_path / "google", [], lambda *_: None, died=lambda *_: None)
    try:
        google.wait_ready()
        found = list(differences(Side(google), Side(embedded), seed, STEPS))
    finally:
        google.stop()
        embedded.stop()

    assert not found, f"seed {seed}, {len(found)} of {STEPS} steps differ:\n\n" + "\n\n".join(found[:5])
