"""The phrases of a journey that must not be stored in plaintext: personal data, and the words of visit and report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from local.demo.seed import SETTINGS, STAFF
from local.samples import load
from tests.journeys.leaks.exposed_data import normalised
from tests.support.journey import COMPLAINT, CONFIRMED, CORRECTED, NOTES, PATIENT, PROFILE, REASON, Journey

SHINGLE_WORDS = 3
SHORTEST = 10
"""Characters of a shingle; a shorter one could be in random bytes by chance."""


def phrases_of(journey: Journey) -> list[str]:
    """The normalised phrases."""
    report = journey.body("read signed report")
    spoken = [journey.body("read transcription")["transcript_text"], load("follow_up_visit").reference_text]
    said = [one["text"] for one in report["statements"] if not one["consent_id"]]  # a consent has the words of the code
    written = [*said, CORRECTED, CONFIRMED, COMPLAINT, NOTES, REASON]
    shingles = {shingle for text in spoken + written for shingle in _shingles(text)}
    return sorted({normalised(text) for text in _personal_data()} | shingles)


def by_second_word(phrases: Iterable[str]) -> dict[str, list[str]]:
    """Phrases by their second word; by the empty word if they have fewer than three."""
    found: dict[str, list[str]] = {"": []}
    for phrase in phrases:
        words = phrase.split(" ")
        found.setdefault(words[1] if len(words) > 2 else "", []).append(phrase)
    return found


def phrases_in(text: str, by_word: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The phrases that a normalised text contains, also within its words.

    The second of three words stands between spaces, so only phrases whose second word is a word of the text are looked
    for.
    """
    for word in {"", *text.split(" ")} & by_word.keys():
        yield from (phrase for phrase in by_word[word] if phrase in text)


def _personal_data() -> Iterator[str]:
    """Names, numbers, addresses and other texts that were entered about people and about the clinic."""
    address, contact = PATIENT["address"], PATIENT["emergency_contact"]
    assert isinstance(address, dict) and isinstance(contact, dict)
    entered = [value for value in [*PATIENT.values(), *PROFILE.values()] if isinstance(value, str)]
    yield from (value for value in entered if value != PATIENT["gender"])
    yield from ("sulfonamide antibiotics", str(PATIENT["notes"]), *address["lines"], address["city"])
    yield from (contact["name"], contact["phone"], "UPI 4471 Kensington")
    yield from (email for email, _ in STAFF.values())
    yield from (SETTINGS["name"], *SETTINGS["address"].split("\n"), SETTINGS["phone"], SETTINGS["payment_instructions"])


def _shingles(text: str) -> Iterator[str]:
    """Every sequence of `SHINGLE_WORDS` words."""
    words = normalised(text).split()
    for start in range(len(words) - SHINGLE_WORDS + 1):
        shingle = " ".join(words[start : start + SHINGLE_WORDS])
        if len(shingle) >= SHORTEST:
            yield shingle
