"""The garbage collector, once a function is loaded."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import gc
from flask import Flask
import shared
assert gc.get_threshold()[0] == 200_000
from shared.web import health
with Flask("function").app_context():
    health.install()
assert gc.get_freeze_count() > 10_000
assert gc.get_threshold()[0] == 50_000
"""


def test_no_collection_looks_at_what_was_loaded() -> None:
    subprocess.run([sys.executable, "-c", LOADED], check=True, timeout=60)
