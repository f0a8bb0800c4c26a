"""Logos: any upload becomes a small picture without metadata, or is refused."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from shared.records.clinic.profile import LARGEST_LOGO_BYTES
from shared.records.problems import Invalid
from shared.render.logo import ready_to_print

SECRET = b"taken at 12.9716 N, 77.5946 E"
ORIENTATION = 0x0112
COMMENT = 0x9286
TURN_LEFT = 8
"""EXIF orientation of a picture whose right-hand side is up."""


def file(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    written = BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def kept(sent: bytes) -> Image.Image:
    """The stored picture of an upload, opened again."""
    content = ready_to_print(sent)
    assert len(content) <= LARGEST_LOGO_BYTES
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def noise(mode: str, width: int = 600, height: int = 300) -> Image.Image:
    return Image.frombytes(mode, (width, height), os.urandom(width * height * len(mode)))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A grey PNG whose header declares this size."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((1200, 300), (600, 150)),
        ((900, 900), (300, 300)),
        ((4000, 10), (600, 2)),
        ((31, 17), (31, 17)),
        ((1, 1), (1, 1)),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_made_to_fit_and_never_larger(form: str, size: tuple[int, int], becomes: tuple[int, int]) -> None:
    assert kept(file(Image.new("RGB", size, "teal"), form)).size == becomes


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_one_that_is_printed(mode: str) -> None:
    sent = file(Image.new(mode, (40, 20)), "JPEG" if mode == "CMYK" else "PNG")

    assert kept(sent).mode in ("RGB", "RGBA")


def test_sixteen_bits_of_grey_are_divided_and_not_cut_off() -> None:
    assert kept(file(Image.new("I;16", (9, 9), 0x8080))).getpixel((4, 4)) == (128, 128, 128)


def test_what_is_transparent_stays_so() -> None:
    palette = Image.new("P", (40, 20))
    palette.putpalette([200, 0, 0])
    sent = [file(Image.new("RGBA", (40, 20), (0, 90, 90, 0))), file(palette, transparency=0)]

    assert [kept(one).getchannel("A").getextrema() for one in sent] == [(0, 0), (0, 0)]


def test_what_is_as_opaque_as_paper_needs_no_transparency() -> None:
    assert kept(file(Image.new("RGBA", (40, 20), "teal"))).mode == "RGB"


@pytest.mark.parametrize(("mode", "form"), [("RGB", "JPEG"), ("RGBA", "PNG")])
def test_even_noise_is_kept_small(mode: str, form: str) -> None:
    assert kept(file(noise(mode))).format == form


def test_a_drawing_is_kept_exactly() -> None:
    drawing = noise("RGB", 30, 20).resize((600, 300), Image.Resampling.NEAREST)

    assert kept(file(drawing)).tobytes() == drawing.tobytes()


@pytest.mark.parametrize("picture", [noise("RGB"), Image.new("RGB", (600, 300), "teal")], ids=["noise", "plain"])
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_nothing_else_of_the_file_is_kept(form: str, picture: Image.Image) -> None:
    exif, text = Image.Exif(), PngImagePlugin.PngInfo()
    exif[COMMENT] = SECRET
    text.add_text("Comment", SECRET.decode(), zip=False)
    attached = {"exif": exif, "icc_profile": SECRET, "pnginfo": text, "comment": SECRET, "xmp": SECRET}
    sent = file(picture, form, **attached) + SECRET
    assert sent.count(SECRET) >= 3
    assert Image.open(BytesIO(sent)).info.keys() >= {"exif", "icc_profile"}

    logo = ready_to_print(sent)

    assert SECRET not in logo
    assert Image.open(BytesIO(logo)).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photograph_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURN_LEFT
    photograph = Image.new("RGB", (2000, 1000), "white")
    photograph.paste("black", (1000, 0, 2000, 1000))

    turned = kept(file(photograph, "JPEG", exif=exif)).convert("L")

    assert turned.size == (150, 300)
    assert (turned.getpixel((75, 30)), turned.getpixel((75, 270))) == (0, 255)


def test_of_an_animation_the_first_picture_is_kept() -> None:
    first, *others = [Image.new("RGB", (40, 20), colour) for colour in ("teal", "red", "white")]
    sent = file(first, save_all=True, append_images=others)
    assert Image.open(BytesIO(sent)).n_frames == 3  # type: ignore[attr-defined]

    still = kept(sent)

    assert (getattr(still, "n_frames", 1), still.tobytes()) == (1, first.tobytes())


BOMB = zlib.compress(bytes(100_000_000), 9)
WHOLE = file(noise("RGB", 60, 30))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        file(Image.new("RGB", (9, 9)), "GIF"),
        file(Image.new("RGB", (9, 9)), "BMP"),
        file(Image.new("RGB", (9, 9)), "TIFF"),
        WHOLE[:8],
        WHOLE[: len(WHOLE) // 2],
        WHOLE.replace(b"IDAT", b"IDAX"),
        WHOLE[:60] + bytes(400) + WHOLE[460:],
        file(noise("RGB", 60, 30), "JPEG")[:300],
        png(0, 9),
        png(9, 9),
        png(9, 9, chunk(b"IDAT", b"not deflated")),
        png(9, 9, chunk(b"zTXt", b"Comment\0\0" + BOMB)),
    ],
    ids=lambda sent: f"{sent[:20]!r} {len(sent)}",
)
def test_what_cannot_be_read_as_a_picture_is_refused(sent: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        ready_to_print(sent)

    assert [error.detail for error in refused.value.errors] == ["is neither a PNG nor a JPEG that can be read"]


@pytest.mark.parametrize("side", [2_001, 9_000])
def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_unpacked(side: int) -> None:
    # The file has no pixel data: decoding it would fail with another error.
    with pytest.raises(Invalid) as refused:
        ready_to_print(png(side, side, chunk(b"IDAT", b"never looked at")))

    assert [error.detail for error in refused.value.errors] == ["has more than 4 million pixels"]
