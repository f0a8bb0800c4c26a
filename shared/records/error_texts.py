"""The texts of invalid fields: what a person may write instead. Pydantic's own texts are for programmers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "enum": "must be {expected}",
    "extra_forbidden": "is not known here",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than_equal": "must be {le} or less",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "decimal_parsing": "must be a number",
    "missing": "is required",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "none_required": "must be null",
    "string_too_long": "must have at most {max_length} characters",
    "string_type": "must be text",
    "too_long": "must have at most {max_length} entries",
}
"""By the type of pydantic's error; in braces what pydantic knows of the constraint, never of the input."""
_FORMS = {
    r'^([^@\s]+|"([^"\\\r\n]|\\.)+")@[^@\s]+\.[^@\s]+$': "write an e-mail address, such as name@example.com",
    r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "write a language of BCP 47, such as en-IN",
    r"^[A-Za-z0-9_+/-]{1,64}$": "write a time zone, such as Asia/Kolkata",
    r"^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$": "write a code of CPT or HCPCS, such as 99213",
    r"^[A-Z]{2}$": "write the two capital letters of a country, such as IN",
    r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,119}$": "write letters, digits and . _ / + - only, without spaces and semicolons",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$": "is no id or number of a record",
}
"""By the pattern that a text does not match."""
_FORM = "has characters or a form that this field does not take"


def text_of(kind: str, context: Mapping[str, Any], message: str) -> str:
    """The text of an error of this type and context; `message` is pydantic's own."""
    if kind == "string_pattern_mismatch":
        return _FORMS.get(context["pattern"], _FORM)
    if kind in ("string_too_short", "too_short"):
        least = context["min_length"]
        unit = "characters" if kind == "string_too_short" else "entries"
        return "must not be empty" if least == 1 else f"must have at least {least} {unit}"
    text = _TEXTS.get(kind)
    return text.format_map(context) if text else message.removeprefix("Value error, ")
