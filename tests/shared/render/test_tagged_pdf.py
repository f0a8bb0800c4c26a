"""Tagged PDF and PDF/A: structure, metadata, fonts, colours and syntax of what is printed, read with a PDF reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ContentStream

from shared.records.billing.types import EDITION
from shared.render.documents import PatientBlock
from shared.render.pdf import bill_pdf, report_pdf, statement_pdf
from shared.render.pdf_metadata import LAYOUT_VERSION
from shared.render.statement_documents import StatementDocument, StatementLine, StatementPart
from tests.shared.render.test_pdf import BILL
from tests.support.printed_reports import LANGUAGES, document, signed

PAINTING = {b"Tj", b"TJ", b"'", b'"', b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"Do", b"sh", b"BI"}
NAMES = {
    "dc": "{http://purl.org/dc/elements/1.1/}",
    "pdf": "{http://ns.adobe.com/pdf/1.3/}",
    "xmp": "{http://ns.adobe.com/xap/1.0/}",
    "pdfaid": "{http://www.aiim.org/pdfa/ns/id/}",
}
LAYOUT = {
    2: "829653c9190dcba38250a80f2955b473229acf880d19c20da9fe0d6c02393e2d",
    3: "829653c9190dcba38250a80f2955b473229acf880d19c20da9fe0d6c02393e2d",
}
"""The digest of what each version of the layout draws. A signed PDF that was handed out keeps its bytes; the report is
printed with other bytes by a later layout, and its signed bytes are the same. So after a change on purpose increment
`LAYOUT_VERSION` and add the digest that the test shows."""


STATEMENT = StatementDocument(
    title="Statement of Account",
    letterhead=BILL.letterhead,
    patient=BILL.patient,
    address="",
    first_day=date(2026, 4, 1),
    last_day=date(2026, 9, 30),
    made_at=BILL.created_at,
    parts=(
        StatementPart(
            currency="INR",
            opening_minor=0,
            lines=(StatementLine(date(2026, 9, 14), "Bill", "INV-202609-000123", 120_000, 120_000),) * 40,
            closing_minor=120_000,
            aged=(("Not yet due", 120_000),),
        ),
    ),
)


def with_logo() -> bytes:
    logo = BytesIO()
    Image.new("RGB", (400, 200), "teal").save(logo, "PNG")
    return report_pdf(signed("en", logo=logo.getvalue()))


def reader(pdf: bytes) -> Any:
    return PdfReader(BytesIO(pdf), strict=True)


def root(pdf: bytes) -> Any:
    return reader(pdf).trailer["/Root"]


def fonts_of(page: Any) -> list[Any]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def elements(element: Any) -> Iterator[Any]:
    """The element and all below it, in reading order."""
    yield element
    for kid in element.get("/K", []):
        if "/S" in (found := kid.get_object()):
            yield from elements(found)


def structure(pdf: bytes) -> list[Any]:
    return list(elements(root(pdf)["/StructTreeRoot"]["/K"].get_object()))


def roles(pdf: bytes) -> list[str]:
    return [str(element["/S"]) for element in structure(pdf)]


def operations(pdf: bytes) -> Iterator[tuple[int, Any, bytes]]:
    found = reader(pdf)
    for number, page in enumerate(found.pages):
        for operands, operator in ContentStream(page.get_contents(), found).operations:
            yield number, operands, operator


def xmp(pdf: bytes) -> ET.Element:
    return ET.fromstring(root(pdf)["/Metadata"].get_data().decode().partition("?>")[2].rpartition("<?")[0])


def value(found: ET.Element, name: str) -> str | None:
    prefix, _, local = name.partition(":")
    element = next(iter(found.iter(f"{NAMES[prefix]}{local}")), None)
    return None if element is None else "".join(element.itertext()).strip()


SAMPLES: Mapping[str, Callable[[], bytes]] = {
    "report": lambda: report_pdf(signed("en")),
    "draft": lambda: report_pdf(replace(document("hi-IN"), sections=document("hi-IN").sections * 6)),
    "right to left": lambda: report_pdf(signed("ar")),
    "logo": with_logo,
    "bill": lambda: bill_pdf(BILL),
    "statement of account": lambda: statement_pdf(STATEMENT),
    "draft of a bill": lambda: bill_pdf(replace(BILL, bill_number=None)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_drawn_is_content_of_an_element_or_an_artifact(name: str) -> None:
    pdf = SAMPLES[name]()
    open_marks = 0
    outside = []
    for page, _, operator in operations(pdf):
        if operator in (b"BDC", b"BMC"):
            open_marks += 1
        elif operator == b"EMC":
            open_marks -= 1
        elif operator in PAINTING and open_marks == 0:
            outside.append((page, operator))

    assert outside == []
    assert open_marks == 0


@pytest.mark.parametrize("name", SAMPLES)
def test_every_piece_of_content_has_its_element_and_every_element_its_content(name: str) -> None:
    pdf = SAMPLES[name]()
    found = reader(pdf)
    drawn = {
        (page, int(operands[1]["/MCID"]))
        for page, operands, operator in operations(pdf)
        if operator == b"BDC" and "/MCID" in operands[1]
    }
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(found.pages)}
    owned = [
        (pages[kid.get_object().raw_get("/Pg").idnum], int(kid.get_object()["/MCID"]))
        for element in structure(pdf)
        for kid in element.get("/K", [])
        if "/MCID" in kid.get_object()
    ]
    numbers = found.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]

    assert sorted(owned) == sorted(drawn)
    assert [int(page["/StructParents"]) for page in found.pages] == [int(number) for number in numbers[::2]]
    assert [len(owners.get_object()) for owners in numbers[1::2]] == [
        sum(page == number for page, _ in drawn) for number in range(len(found.pages))
    ]


def test_a_report_has_headings_lists_tables_and_a_picture_with_a_text() -> None:
    found = structure(with_logo())
    names = [str(element["/S"]) for element in found]

    assert names[:2] == ["/Document", "/Figure"]
    assert found[1]["/Alt"] == "Banyan Mind Clinic"
    assert names.count("/H1") == 1
    assert {"/H2", "/H3", "/L", "/LI", "/Lbl", "/LBody", "/Table", "/TR", "/TH", "/TD", "/P"} <= set(names)
    history = names.index("/L")
    assert names[history : history + 5] == ["/L", "/LI", "/Lbl", "/LBody", "/Span"]
    scopes = {str(element["/A"]["/Scope"]) for element in found if element["/S"] == "/TH"}
    assert scopes == {"/Row", "/Column"}


def test_a_statement_that_continues_on_the_next_page_is_one_element() -> None:
    report = document("en")
    section = report.sections[0]
    endless = replace(section.statements[0], text="A long statement. " * 900)
    pdf = report_pdf(replace(report, sections=(replace(section, statements=(endless,)),)))

    (said,) = (element for element in structure(pdf) if element["/S"] == "/LBody")
    assert len(said["/K"]) == len(reader(pdf).pages) > 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_says_its_language_and_shows_its_title(language: str) -> None:
    catalog = root(report_pdf(signed(language)))

    assert catalog["/Lang"] == language
    assert bool(catalog["/MarkInfo"]["/Marked"].value)
    assert bool(catalog["/ViewerPreferences"]["/DisplayDocTitle"].value)


@pytest.mark.parametrize("name", ["report", "right to left", "bill"])
def test_information_and_xmp_say_the_same_and_nothing_of_the_patient(name: str) -> None:
    pdf = SAMPLES[name]()
    information: Any = reader(pdf).metadata
    found = xmp(pdf)

    assert value(found, "dc:title") == information.title
    assert value(found, "dc:creator") == information.author
    assert value(found, "dc:description") == information.subject
    layout = EDITION + 1 if "bill" in name or "account" in name else LAYOUT_VERSION
    assert value(found, "xmp:CreatorTool") == information.creator == f"SynapseAI, layout {layout}"
    assert value(found, "pdf:Producer") == information.producer
    assert value(found, "xmp:CreateDate") == information.creation_date.isoformat()
    assert value(found, "xmp:ModifyDate") == information.modification_date.isoformat()
    assert (value(found, "pdfaid:part"), value(found, "pdfaid:conformance")) == ("2", "U")
    assert "Ananya" not in ET.tostring(found, "unicode")


def test_a_character_without_a_font_takes_back_the_claim_of_pdf_a() -> None:
    pdf = report_pdf(replace(document("en"), patient=PatientBlock("\U0001f642", "PAT-20260001")))

    assert value(xmp(pdf), "pdfaid:part") is None
    assert value(xmp(pdf), "dc:title") == "Follow-up report REP-20260003"


def test_the_metadata_may_be_read_without_unpacking() -> None:
    assert "/Filter" not in root(report_pdf(signed("en")))["/Metadata"]


def test_the_colours_of_the_page_are_srgb() -> None:
    (intent,) = root(report_pdf(signed("en")))["/OutputIntents"]
    profile = intent["/DestOutputProfile"]
    content = profile.get_data()

    assert (str(intent["/S"]), profile["/N"]) == ("/GTS_PDFA1", 3)
    assert int.from_bytes(content[:4]) == len(content)
    assert (content[16:20], content[36:40]) == (b"RGB ", b"acsp")
    operators = {operator for _, _, operator in operations(with_logo())}
    assert not operators & {b"k", b"K", b"cs", b"CS"}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_font_is_embedded(name: str) -> None:
    fonts = [font for page in reader(SAMPLES[name]()).pages for font in fonts_of(page)]

    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


@pytest.mark.parametrize("name", SAMPLES)
def test_streams_end_with_a_line_and_the_table_of_objects_is_right(name: str) -> None:
    pdf = SAMPLES[name]()

    assert set(re.findall(rb"(?s)(.)endstream", pdf)) == {b"\n"}
    offsets = [int(entry) for entry in re.findall(rb"(\d{10}) 00000 n", pdf)]
    assert all(re.match(rb"\d+ 0 obj", pdf[offset : offset + 20]) for offset in offsets)
    assert pdf[int(pdf.split(b"startxref\n")[-1].split()[0]) :].startswith(b"xref")


def test_a_changed_layout_has_another_version() -> None:
    drawn = sha256()
    for language in LANGUAGES:
        for pdf in (report_pdf(document(language)), report_pdf(signed(language))):
            for page in reader(pdf).pages:
                drawn.update(page.get_contents().get_data())
                for font in fonts_of(page):
                    drawn.update(font["/FontDescriptor"]["/FontFile2"].get_data())

    assert LAYOUT[LAYOUT_VERSION] == drawn.hexdigest()
