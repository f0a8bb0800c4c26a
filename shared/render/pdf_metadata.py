"""The metadata of a PDF: the information dictionary, the same as XMP, and the colour space of the page (PDF/A-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import (
    XMP,
    PDFArray,
    PDFDictionary,
    PDFInfo,
    PDFName,
    PDFStream,
    PDFString,
    PDFZCompress,
)

LAYOUT_VERSION = 3
"""Incremented by every change of what is drawn, and of the fonts: the same record and version print the same bytes."""
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<xmp:CreateDate>{created}</xmp:CreateDate>
<xmp:ModifyDate>{changed}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
{conformance}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
_CONFORMANCE = "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>\n"
"""PDF/A-2u. Left out of a document with a character that no bundled font has: its empty box is no glyph of it."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says of itself. No text of it names the patient."""

    title: str
    subject: str
    author: str
    language: str
    """BCP 47."""
    created_at: datetime
    """The dates come from the record, so that the same record prints the same bytes for ever."""
    changed_at: datetime
    layout: int = LAYOUT_VERSION
    """Of the layout that drew the file."""

    @property
    def creator(self) -> str:
        return f"SynapseAI, layout {self.layout}"

    def write(self, document: Any, *, is_archivable: bool) -> None:
        """Add the metadata to reportlab's document; `is_archivable` claims PDF/A."""
        document.info = _Info(self)
        catalog = document.Catalog
        catalog.Metadata = XMP(creator=lambda _document: self._packet(document.info.producer, is_archivable))
        catalog.__NoDefault__ = [*catalog.__NoDefault__, "OutputIntents"]
        catalog.OutputIntents = PDFArray([_output_intent(document)])

    def _packet(self, producer: str, is_archivable: bool) -> bytes:
        texts = {
            "title": self.title,
            "subject": self.subject,
            "author": self.author,
            "language": self.language,
            "creator": self.creator,
            "producer": producer,
            "created": f"{self.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}",
            "changed": f"{self.changed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}",
        }
        escaped = {name: escape(text) for name, text in texts.items()}
        return _PACKET.format(**escaped, conformance=_CONFORMANCE if is_archivable else "").encode()


class _Info(PDFInfo):
    """The information dictionary with the dates of the record; reportlab knows only the clock and a constant."""

    def __init__(self, metadata: Metadata) -> None:
        super().__init__()
        self.title, self.subject, self.author = metadata.title, metadata.subject, metadata.author
        self.creator = metadata.creator
        self._dates = {"CreationDate": metadata.created_at, "ModDate": metadata.changed_at}

    def format(self, document: Any) -> bytes:
        texts = {
            "Title": self.title,
            "Author": self.author,
            "Subject": self.subject,
            "Creator": self.creator,
            "Producer": self.producer,
            **{name: f"{at.astimezone(UTC):D:%Y%m%d%H%M%S+00'00'}" for name, at in self._dates.items()},
        }
        content: bytes = PDFDictionary({name: PDFString(text) for name, text in texts.items()}).format(document)
        return content


def _output_intent(document: Any) -> PDFDictionary:
    """Says that the colours of the page are sRGB."""
    profile = PDFStream(PDFDictionary({"N": 3}), content=_srgb(), filters=[PDFZCompress])
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString("sRGB"),
            "Info": PDFString("sRGB"),
            "DestOutputProfile": document.Reference(profile, "sRGB"),
        }
    )


@cache
def _srgb() -> bytes:
    return (Path(__file__).parent / "srgb.icc").read_bytes()
