"""The definition of a class, found wherever its module defines it."""

from __future__ import annotations

import ast

import pytest

from tools.sources import definition_of


class Outer:
    """At the top."""

    class Inner:
        """In a class."""


def made() -> type:
    class Local:
        """In a function."""

    return Local


@pytest.mark.parametrize(
    ("wanted", "text"), [(Outer, "At the top."), (Outer.Inner, "In a class."), (made(), "In a function.")]
)
def test_a_class_is_found_by_its_place(wanted: type, text: str) -> None:
    definition = definition_of(wanted)

    assert definition.name == wanted.__name__
    assert ast.get_docstring(definition) == text


def test_a_class_without_a_definition_is_an_error() -> None:
    with pytest.raises(KeyError, match="Made"):
        definition_of(type("Made", (), {"__module__": __name__}))
