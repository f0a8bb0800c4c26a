"""The texts of the members of an enum: the string literals under them, which Python drops at run time."""

from __future__ import annotations

import ast
import inspect
from enum import StrEnum
from itertools import pairwise

from tools.sources import definition_of


def texts_of(codes: type[StrEnum]) -> dict[str, str]:
    """The text of each member, by its value. Raises ValueError for members without a text."""
    texts = {
        codes[name.id].value: inspect.cleandoc(text.value.value)
        for member, text in pairwise(definition_of(codes).body)
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        for name in member.targets
        if isinstance(name, ast.Name) and isinstance(text.value.value, str)
    }
    if missing := {*codes} - {*texts}:
        raise ValueError(f"{codes.__name__} without a text: {', '.join(sorted(missing))}")
    return {code.value: " ".join(texts[code.value].split()) for code in codes}


def described_codes(codes: type[StrEnum]) -> str:
    """The meaning of an enum and the text of each member, in Markdown. Raises ValueError as `texts_of` does."""
    return "\n".join(
        [inspect.getdoc(codes) or "", "", *(f"- `{code}`: {text}" for code, text in texts_of(codes).items())]
    )
