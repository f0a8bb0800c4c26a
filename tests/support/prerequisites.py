"""Skips tests whose programs are not on this machine, with what to install."""

from __future__ import annotations

import pytest

from local.services.firestore.google.emulator import find_jar, find_java
from local.services.kit.service import MissingPrerequisite


def _missing_java() -> str:
    try:
        find_java()
        find_jar()
    except MissingPrerequisite as missing:
        return str(missing)
    return ""


needs_java = pytest.mark.skipif(bool(_missing_java()), reason=_missing_java())
"""For tests with Google's Firestore emulator."""
