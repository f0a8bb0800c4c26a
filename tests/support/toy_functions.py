"""Small functions for tests of the stack without the product."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from infra.catalogue import Catalogue

_DEFAULTS = {
    "target": "main",
    "memory": "512Mi",
    "cpu": 1,
    "timeout": 30,
    "concurrency": 8,
    "min_instances": 0,
    "max_instances": 1,
}
_QUEUE = {
    "max_attempts": 5,
    "min_backoff": "1s",
    "max_backoff": "5s",
    "max_doublings": 3,
    "max_dispatches_per_second": 50,
    "max_concurrent_dispatches": 10,
}
_SETTINGS = {
    "Project": ["GOOGLE_CLOUD_PROJECT"],
    "Tasks": ["GOOGLE_CLOUD_PROJECT", "TASKS_LOCATION", "FUNCTION_URL"],
}
LOST = {"kind": "http", "path": "/lost"}
"""The fallback: it gets the requests to paths of no other function."""

WRITTEN = "google.cloud.firestore.document.v1.written"
FINALIZED = "google.cloud.storage.object.v1.finalized"


def write_functions(root: Path, sources: Mapping[str, str]) -> Path:
    """Write `root/<name>/main.py` for each source; returns `root`."""
    for name, source in sources.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.py").write_text(textwrap.dedent(source))
    return root


def toy_catalogue(**functions: Mapping[str, object]) -> Catalogue:
    """A catalogue with these functions, the function `lost` and the queue `work`."""
    return Catalogue.model_validate(
        {
            "defaults": _DEFAULTS,
            "fallback": "lost",
            "settings": _SETTINGS,
            "queues": {"work": _QUEUE},
            "functions": {"lost": LOST, **functions},
        }
    )
