"""Pinned requirements files, as pip reads them."""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement


def pinned(file: Path) -> list[Requirement]:
    """The requirements of a file that `make requirements` wrote, without their hashes."""
    lines = [line.partition("#")[0].rstrip(" \\") for line in file.read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(" ")]  # indented: a hash
