"""QR codes (ISO/IEC 18004), as a drawing for paper and as SVG for a page.

Importing this module is cheap; the first code loads segno.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

QUIET_ZONE = 4
"""Modules of light around the code, as the standard asks for."""


def modules(text: str) -> list[list[bool]]:
    """The rows of a code without its quiet zone; true is dark."""
    return [[bool(module) for module in row] for row in _code(text).matrix]


def svg(text: str) -> str:
    """The code with its quiet zone as an SVG element that scales. It has no text: what holds it names it."""
    return str(_code(text).svg_inline(border=QUIET_ZONE, light="#fff", omitsize=True))


def _code(text: str) -> QRCode:
    """Level M: a seventh of the code may be damaged, as a folded paper or a scratched screen has it."""
    import segno

    return segno.make_qr(text, error="m", boost_error=False)
