"""Skips tests whose programs are not installed; the reason says what to install."""

from __future__ import annotations

import shutil
from pathlib import Path

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


NO_JAVA = _missing_java()
needs_java = pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA)
"""For tests with Google's Firestore emulator."""


def require_java() -> None:
    """Skip the test of a fixture that starts Google's Firestore emulator, if it is not installed."""
    if NO_JAVA:
        pytest.skip(NO_JAVA)


NO_TERRAFORM = "" if shutil.which("terraform") else "install Terraform 1.9 or newer: https://developer.hashicorp.com"
needs_terraform = pytest.mark.skipif(bool(NO_TERRAFORM), reason=NO_TERRAFORM)


def needs_packages(folder: Path) -> pytest.MarkDecorator:
    """For tests with Node.js and the npm packages of a folder."""
    installed = shutil.which("node") is not None and (folder / "node_modules" / ".done").exists()
    return pytest.mark.skipif(not installed, reason=f"install Node.js with npm, then: make set-up ({folder.name})")
