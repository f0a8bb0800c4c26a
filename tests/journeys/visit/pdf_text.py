"""The text of a PDF, for comparisons that ignore line breaks."""

from __future__ import annotations

import io

from pypdf import PdfReader

from tests.support.client import Reply


def printed_text(reply: Reply) -> str:
    """The text of all pages without spaces: a line may break at any space."""
    return without_spaces("".join(page.extract_text() for page in PdfReader(io.BytesIO(reply.content)).pages))


def without_spaces(text: str) -> str:
    return "".join(text.split())
