"""The fonts of a Word document by script: those that Windows and Office have, because none is embedded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from docx.oxml.ns import qn

from shared.render.coverage import has_glyph
from shared.render.rules import in_force
from shared.render.typography import font_runs
from shared.render.word.elements import element

_CHINESE, _JAPANESE, _KOREAN = "Microsoft YaHei", "Yu Gothic", "Malgun Gothic"
_LANGUAGES = {_CHINESE: "zh-CN", _JAPANESE: "ja-JP", _KOREAN: "ko-KR"}
_FONTS = {
    "SC": _CHINESE,
    "TC": _CHINESE,
    "JP": _JAPANESE,
    "KR": _KOREAN,
    "Yi": "Microsoft Yi Baiti",
    **dict.fromkeys(("Thai", "Lao", "Khmer", "Buginese"), "Leelawadee UI"),
    "Myanmar": "Myanmar Text",
    "Tibetan": "Microsoft Himalaya",
    "Javanese": "Javanese Text",
    **dict.fromkeys(("Ethiopic", "NKo", "Adlam", "Tifinagh", "Vai", "Osmanya"), "Ebrima"),
    **dict.fromkeys(("Armenian", "Georgian"), "Sylfaen"),
    **dict.fromkeys(("Cherokee", "CanadianAboriginal", "Osage"), "Gadugi"),
    "Thaana": "MV Boli",
    "Syriac": "Estrangelo Edessa",
    "Mongolian": "Mongolian Baiti",
    "TaiLe": "Microsoft Tai Le",
    "NewTaiLue": "Microsoft New Tai Lue",
}
"""By font family of the PDF. What is not named has the fonts of its style, or those that the program finds."""


def fonted(text: str) -> Iterator[tuple[str, str]]:
    """The text in parts of one font each, with its name; empty for the font of the style."""
    runs = font_runs(text, has_glyph, is_japanese=in_force().is_japanese)
    for font, parts in groupby(runs, lambda run: _FONTS.get(run.family, "")):
        yield font, "".join(run.text for run in parts)


def set_font(run: Any, font: str) -> None:
    """Name the font of a run for every kind of script, and the language that chooses the form of its ideographs."""
    properties = run._r.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{kind}"), font)
    if font in _LANGUAGES:
        properties.append(element("w:lang", eastAsia=_LANGUAGES[font]))
