"""Write what is generated from the code: the OpenAPI document, the tables of docs/api.md, and docs/problems.md.

Usage: python -m tools.openapi
"""

from __future__ import annotations

from pathlib import Path

from infra.catalogue import ROOT
from tools import problems
from tools.openapi.document import DOCUMENT, document_text
from tools.openapi.tables import PAGE, page_text


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    print(f"{file.relative_to(ROOT)} is written")


if __name__ == "__main__":
    _write(DOCUMENT, document_text())
    _write(PAGE, page_text(PAGE.read_text(encoding="utf-8")))
    _write(problems.PAGE, problems.page_text())
