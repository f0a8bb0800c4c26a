"""Logos: re-encoded from the uploaded picture, so that no metadata or hidden content is stored."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from threading import Lock
from typing import Any

from PIL import Image, ImageOps

from shared.records.clinic.profile import LARGEST_LOGO_BYTES
from shared.records.problems import FieldError, Invalid

_BOX = (600, 300)
"""Pixels; at the printed size, the resolution exceeds that of paper."""
_MOST_PIXELS = 4_000_000
"""Pixels, checked in the file header before decoding; more than a logo needs. Decoding takes 0.2 s and 60 MB."""
_MOST_PIXELS_OF_PHOTOGRAPH = 16_000_000
"""Pixels of a baseline JPEG, which is decoded at reduced size, line by line."""
_SCALING = Lock()
"""One picture at a time: an instance has 512 MB for eight concurrent requests."""


def ready_to_print(file: bytes) -> bytes:
    """Re-encode a file as PNG or JPEG of at most 600 by 300 pixels and 200 kB. Raises Invalid for an unusable file.

    An animation is reduced to its first frame. A photograph is rotated according to its EXIF orientation.
    """
    with _SCALING:
        try:
            picture = _scaled(_opened(file))
        except Invalid:
            raise
        except Exception:  # Pillow raises many types for broken or hostile files
            raise _invalid("is neither a PNG nor a JPEG that can be read") from None
    return next(encoded for encoded in _encoded(picture) if len(encoded) <= LARGEST_LOGO_BYTES)


def _opened(file: bytes) -> Image.Image:
    """Open the picture without decoding it. Raises Invalid for too many pixels."""
    picture = Image.open(BytesIO(file), formats=("PNG", "JPEG"))
    is_photograph = picture.format == "JPEG" and not picture.info.get("progressive")
    most = _MOST_PIXELS_OF_PHOTOGRAPH if is_photograph else _MOST_PIXELS
    if picture.width * picture.height > most:
        raise _invalid(f"has more than {most // 1_000_000} million pixels")
    picture.draft(None, (2 * max(_BOX), 2 * max(_BOX)))  # decodes a large JPEG at reduced size
    return picture


def _scaled(picture: Image.Image) -> Image.Image:
    """Rotate the picture upright, scale it into the box, and strip its metadata."""
    if picture.mode.startswith("I"):  # 16-bit greyscale, which `convert` would clip instead of scaling
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    plain.thumbnail((2 * max(_BOX), 2 * max(_BOX)), Image.Resampling.LANCZOS)
    plain = ImageOps.exif_transpose(plain)
    plain.thumbnail(_BOX, Image.Resampling.LANCZOS)
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    plain.info.clear()  # otherwise saving would write colour profiles and comments
    return plain


def _encoded(picture: Image.Image) -> Iterator[bytes]:
    """Encode the picture, from highest quality to smallest size: 256 colours take at most one byte per pixel."""
    yield _file(picture, "PNG", optimize=True)
    if picture.mode == "RGB":
        yield _file(picture, "JPEG", quality=85)
    yield _file(picture.quantize(256, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True)


def _file(picture: Image.Image, form: str, **options: Any) -> bytes:
    output = BytesIO()
    picture.save(output, form, **options)
    return output.getvalue()


def _invalid(detail: str) -> Invalid:
    return Invalid(errors=[FieldError("", detail)])
