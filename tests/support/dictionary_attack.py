"""A dictionary attack: hashes every guess, with every stored value as key or salt, and searches the database for it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any

from shared.records.patients.names import normalised
from tools import google_firestore

_WINDOW = 12
"""Bytes that must match: the length of the shortest stored hash."""
_HASHES = ("md5", "sha1", "sha256", "blake2b", "sha3_256")
_LONGEST_KEY = 64


def stored(clinic_id: str) -> list[str | bytes]:
    """Every value, key and name in every document of a clinic."""
    root = google_firestore.client().document("clinics", clinic_id)
    values = list(_values(root.get().to_dict()))
    for collection in root.collections():
        for snapshot in collection.stream():
            values += [snapshot.id, *_values(snapshot.to_dict())]
    return values


def matches(guesses: Iterable[str], stored_values: Iterable[str | bytes]) -> list[str]:
    """The guesses with a stored hash: of any spelling, unkeyed or with any short stored value as key or salt."""
    encoded = [value if isinstance(value, bytes) else value.encode() for value in stored_values]
    windows = {value[start : start + _WINDOW] for value in encoded for start in range(len(value) - _WINDOW + 1)}
    salts = {value for value in encoded if len(value) <= _LONGEST_KEY}
    spellings = {(guess, form.encode()) for guess in guesses for form in _forms(guess)}
    return sorted(
        {guess for guess, form in spellings if any(_is_stored(one, windows) for one in _digests(form, salts))}
    )


def _digests(form: bytes, salts: set[bytes]) -> Iterator[bytes]:
    yield from (hashlib.new(name, form).digest() for name in _HASHES)
    for salt in salts:
        yield from (hashlib.new(name, salt + form).digest() for name in ("md5", "sha256"))
        yield hashlib.sha256(form + salt).digest()
        yield hmac.digest(salt, form, "sha256")


def _is_stored(digest: bytes, windows: set[bytes]) -> bool:
    return digest[:_WINDOW] in windows or digest.hex()[:_WINDOW].encode() in windows


def _forms(guess: str) -> set[str]:
    return {guess, guess.casefold(), guess.upper(), normalised(guess), guess.lstrip("+"), guess[-4:]}


def _values(value: Any) -> Iterator[str | bytes]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str | bytes):
        yield value
    elif value is not None:
        yield str(value)
