"""Logos: re-encoded from the uploaded picture, so that no metadata or hidden content is stored."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from threading import Lock
from typing import Any

from PIL import Image, ImageOps

from shared.records.clinic.people import LARGEST_LOGO_BYTES
from shared.records.problems import FieldError, Invalid

_BOX = (600, 300)
"""Pixels; where it is printed, that is finer than paper shows."""
_MOST_PIXELS = 16_000_000
"""Pixels, checked in the file header before decoding; more than a logo needs."""
_ONE_AT_A_TIME = Lock()
"""A picture of that size takes 200 MB while it is scaled; an instance has 512, and serves eight requests at once."""


def ready_to_print(file: bytes) -> bytes:
    """A PNG or JPEG of at most 600 by 300 pixels and 200 kB. Raises Invalid when the file is no picture to make it of.

    Of an animation it is the first picture. A photograph is turned as its camera says.
    """
    with _ONE_AT_A_TIME:
        try:
            picture = _scaled(_opened(file))
        except Invalid:
            raise
        except Exception:  # whatever Pillow makes of a broken or hostile file
            raise _refused("is neither a PNG nor a JPEG that can be read") from None
    return next(encoded for encoded in _encoded(picture) if len(encoded) <= LARGEST_LOGO_BYTES)


def _opened(file: bytes) -> Image.Image:
    """The picture, not unpacked yet."""
    picture = Image.open(BytesIO(file), formats=("PNG", "JPEG"))
    if picture.width * picture.height > _MOST_PIXELS:
        raise _refused(f"has more than {_MOST_PIXELS // 1_000_000} million pixels")
    picture.draft(None, (2 * max(_BOX), 2 * max(_BOX)))  # a large JPEG is unpacked smaller
    return picture


def _scaled(picture: Image.Image) -> Image.Image:
    """The picture upright, within the box, and with nothing attached."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off instead of dividing
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    plain.thumbnail((2 * max(_BOX), 2 * max(_BOX)), Image.Resampling.LANCZOS)
    plain = ImageOps.exif_transpose(plain)
    plain.thumbnail(_BOX, Image.Resampling.LANCZOS)
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    plain.info.clear()  # colour profiles and comments would be written along
    return plain


def _encoded(picture: Image.Image) -> Iterator[bytes]:
    """The picture as a file, from the most faithful to the smallest: 256 colours take one byte a pixel at most."""
    yield _file(picture, "PNG", optimize=True)
    if picture.mode == "RGB":
        yield _file(picture, "JPEG", quality=85)
    yield _file(picture.quantize(256, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True)


def _file(picture: Image.Image, form: str, **options: Any) -> bytes:
    written = BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def _refused(detail: str) -> Invalid:
    return Invalid(errors=[FieldError("", detail)])
