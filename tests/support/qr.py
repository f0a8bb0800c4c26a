"""What a telephone reads from the QR codes of pages, on paper and on a screen."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image

_DOTS_PER_INCH, _POINTS_PER_INCH = 150, 72


def read_pdf(pdf: bytes) -> list[str]:
    """The texts of the codes in a PDF, which is rendered as a printer does."""
    document = pypdfium2.PdfDocument(pdf)  # type: ignore[no-untyped-call]
    pictures = [page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH).to_pil() for page in document]
    return [text for picture in pictures for text in _read(picture)]


def read_png(png: bytes) -> list[str]:
    """The texts of the codes in a picture, such as a screenshot."""
    return _read(Image.open(BytesIO(png)))


def _read(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
