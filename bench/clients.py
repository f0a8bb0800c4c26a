"""The clients of Google that a plain function would import for the work of one of ours."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from bench.visit import BareCall
from infra.catalogue import ROOT, Function
from infra.check.reachability import google_imports, reach_of

_FIREBASE = "from firebase_admin import auth"
_FIRESTORE = "from google.cloud import firestore"
_KMS = "from google.cloud import kms_v1"
_TASKS = "from google.cloud import tasks_v2"
_REPLACED = {
    "shared.gateways.tasks.enqueue": _TASKS,
    "shared.gateways.sign_in_tokens.verified_claims": _FIREBASE,
    "shared.store.firestore.client.Client": _FIRESTORE,
    "shared.vault.kms_api.KmsApi": _KMS,
}
"""By definition of the product: the client of Google that it stands for, which a plain function would import."""
_OF_CALLS = {"firestore": _FIRESTORE, "kms": _KMS}
"""By service that `bare.py` calls."""
_NAMESPACES = {"google", "google.cloud"}


def clients_of(function: Function, functions_root: Path) -> list[str]:
    """The import statements of the clients that a function can reach, and of those that the product stands for."""
    main = functions_root / function.name / "main.py"
    reached = reach_of(main, ROOT).definitions
    return [*google_imports(main, ROOT), *(client for name, client in _REPLACED.items() if name in reached)]


def used(
    clients: Iterable[str], modules: Collection[str], calls: Iterable[BareCall], headers: Mapping[str, str]
) -> list[str]:
    """Those of the clients that one request needs: by its calls and its token, or loaded by the function itself."""
    needed = {_OF_CALLS[call["service"]] for call in calls if call["service"] in _OF_CALLS}
    if "Authorization" in headers:
        needed.add(_FIREBASE)
    return [one for one in clients if one in needed or is_loaded(one, modules)]


def is_loaded(statement: str, modules: Collection[str]) -> bool:
    """True if an import of the statement is among these modules."""
    return any(name in modules or name.rpartition(".")[0] in set(modules) - _NAMESPACES for name in _names(statement))


def _names(statement: str) -> list[str]:
    """The full names that an import statement imports."""
    [parsed] = ast.parse(statement).body
    if isinstance(parsed, ast.ImportFrom):
        return [f"{parsed.module}.{alias.name}" for alias in parsed.names]
    assert isinstance(parsed, ast.Import)
    return [alias.name for alias in parsed.names]
