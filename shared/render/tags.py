"""Tagged PDF: structure elements in reading order, and the marked content of pages that belongs to them.

Everything that is drawn is content of an element, or an artifact, such as a rule or a page number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFObjectReference, PDFString
from reportlab.pdfgen.canvas import Canvas


class Tag:
    """A structure element: its role, such as `P` or `H1`, its parent, and what is drawn of it."""

    def __init__(self, role: str, parent: Tag | None = None, *, alternative: str = "", scope: str = "") -> None:
        """`alternative` is the text that stands for a picture; `scope` is `Row` or `Column`, which a heading of a table
        (`TH`) is about."""
        self.role = role
        self.parent = parent
        self.alternative = alternative
        self.scope = scope
        self.kids: list[Tag | _Mark] = []

    def child(self, role: str, *, scope: str = "") -> Tag:
        """A new element within this one."""
        return Tag(role, self, scope=scope)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A piece of marked content: its page, from 0, and its number on that page."""

    page: int
    number: int


class Structure:
    """The structure of one document. An element has its place from the first time that something of it is drawn."""

    def __init__(self) -> None:
        self._root = Tag("Document")
        self._by_page: dict[int, list[Tag]] = {}
        self.is_open = False

    def mark(self, tag: Tag, page: int) -> int:
        """The number of the next piece of marked content of a page, which belongs to the element."""
        marked = self._by_page.setdefault(page, [])
        self._place(tag)
        tag.kids.append(_Mark(page, len(marked)))
        marked.append(tag)
        return len(marked) - 1

    def _place(self, tag: Tag) -> None:
        if tag.kids:
            return
        parent = tag.parent or self._root
        if parent is not self._root:
            self._place(parent)
        parent.kids.append(tag)

    def write(self, document: Any, pages: int) -> None:
        """Add the structure to reportlab's document, whose pages are complete."""
        tree = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        reference = document.Reference(tree, "Structure")
        elements: dict[Tag, PDFObjectReference] = {}
        tree["K"] = self._element(document, self._root, reference, elements)
        numbers: list[Any] = []
        for page in range(pages):
            owners = [elements[tag] for tag in self._by_page.get(page, [])]
            numbers += [page, PDFArray(owners)]
            _set(document.idToObject[_page_name(page)], StructParents=page, Tabs=PDFName("S"))
        tree["ParentTree"] = PDFDictionary({"Nums": PDFArray(numbers)})
        tree["ParentTreeNextKey"] = pages
        document.Catalog.StructTreeRoot = tree
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})

    def _element(
        self, document: Any, tag: Tag, parent: PDFObjectReference, elements: dict[Tag, PDFObjectReference]
    ) -> PDFObjectReference:
        entries = {"Type": PDFName("StructElem"), "S": PDFName(tag.role), "P": parent}
        if tag.alternative:
            entries["Alt"] = PDFString(tag.alternative)
        if tag.scope:
            entries["A"] = PDFDictionary({"O": PDFName("Table"), "Scope": PDFName(tag.scope)})
        written = PDFDictionary(entries)
        reference: PDFObjectReference = document.Reference(written)
        elements[tag] = reference
        kids = [
            self._element(document, kid, reference, elements) if isinstance(kid, Tag) else _content(kid)
            for kid in tag.kids
        ]
        written["K"] = PDFArray(kids)
        return reference


@contextmanager
def tagged(canvas: Canvas, tag: Tag | None) -> Iterator[None]:
    """What is drawn meanwhile belongs to the element; without one it is an artifact. What is drawn within something
    that is marked belongs to that."""
    structure: Structure | None = getattr(canvas, "structure", None)
    if structure is None or structure.is_open:
        yield
        return
    page = canvas.page_index  # type: ignore[attr-defined]  # of the canvas that has a structure
    canvas.addLiteral(f"/{tag.role} <</MCID {structure.mark(tag, page)}>> BDC" if tag else "/Artifact BMC")
    structure.is_open = True
    try:
        yield
    finally:
        structure.is_open = False
        canvas.addLiteral("EMC")


def _content(mark: _Mark) -> PDFDictionary:
    page = PDFObjectReference(_page_name(mark.page))
    return PDFDictionary({"Type": PDFName("MCR"), "Pg": page, "MCID": mark.number})


def _page_name(index: int) -> str:
    """reportlab's name of a page."""
    return f"Page{index + 1}"


def _set(page: Any, **entries: object) -> None:
    """Entries of a page that reportlab does not know."""
    page.__NoDefault__ = [*page.__NoDefault__, *entries]
    for name, value in entries.items():
        setattr(page, name, value)
