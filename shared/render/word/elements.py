"""Elements of WordprocessingML that python-docx has no names for."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def element(name: str, **attributes: str) -> Any:
    """A new element, such as `w:bidi`, with attributes of its namespace."""
    made: Any = OxmlElement(name)
    prefix = name.partition(":")[0]
    for attribute, value in attributes.items():
        made.set(qn(f"{prefix}:{attribute}"), value)
    return made


def field(run: Any, instruction: str) -> None:
    """A field that the reader's program computes, such as `PAGE`."""
    run._r.append(element("w:fldChar", fldCharType="begin"))
    code = element("w:instrText")
    code.text = instruction
    run._r.append(code)
    run._r.append(element("w:fldChar", fldCharType="separate"))
    shown = element("w:t")
    shown.text = "1"
    run._r.append(shown)
    run._r.append(element("w:fldChar", fldCharType="end"))


def underlined(cell: Any, color: str) -> None:
    """Draw a line below a cell, in a colour as `rrggbb`."""
    borders = element("w:tcBorders")
    borders.append(_line("bottom", color))
    cell._tc.get_or_add_tcPr().append(borders)


def framed(table: Any, color: str) -> None:
    """Draw a line around a table, and none within."""
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right"):
        borders.append(_line(side, color))
    _insert(table, borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def unpadded(table: Any) -> None:
    """Let the text of a table begin where that of paragraphs begins."""
    margins = element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w="0", type="dxa"))
    _insert(table, margins, "w:tblLook")


def indented(table: Any, twips: int) -> None:
    """Move a table from the margin, so that its frame begins where text begins."""
    _insert(
        table, element("w:tblInd", w=str(twips), type="dxa"),
        "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook",
    )  # fmt: skip


def from_the_right(table: Any) -> None:
    """Let the columns of a table go from right to left."""
    _insert(
        table, element("w:bidiVisual"), "w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW", "w:jc",
        "w:tblCellSpacing", "w:tblInd", "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook",
    )  # fmt: skip


def _insert(table: Any, made: Any, *followers: str) -> None:
    """Add a property of a table in the order of the schema: before these."""
    table._tbl.tblPr.insert_element_before(made, *followers)


def _line(side: str, color: str) -> Any:
    return element(f"w:{side}", val="single", sz="6", space="0", color=color)


def repeated_head(row: Any) -> None:
    """Repeat the row at the top of each page."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader"))


def unsplit(row: Any) -> None:
    """Keep the row on one page."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit"))
