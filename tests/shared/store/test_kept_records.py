"""A record is opened again as soon as its document or the keys change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.records.clinic.people import User
from shared.records.record import Stamp
from shared.records.types import Role
from shared.store import kept_records
from shared.store.firestore import values
from shared.store.firestore.snapshot import Snapshot
from tests.shared.vault.test_vault import new_keyring
from tests.support.factories import DOCTOR, NOON

KEYRING = new_keyring("aster")
USER = User.new(DOCTOR, Stamp(DOCTOR, NOON), email="asha@clinic.example", roles=[Role.DOCTOR], tokens_valid_after=NOON)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    kept_records._opened.clear()
    yield
    kept_records._opened.clear()


def read(path: str = "users/u", version: str = "2026-11-29T06:30:00Z", **fields: Any) -> Snapshot:
    return Snapshot(path, {"fields": values.write_fields(fields), "updateTime": version})


class Opening:
    """Counts how often a record was opened."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> User:
        self.count += 1
        return USER


def test_a_document_that_is_unchanged_is_opened_once() -> None:
    opening = Opening()

    assert kept_records.opened(KEYRING, read(), opening) is USER
    assert kept_records.opened(KEYRING, read(), opening) is USER
    assert opening.count == 1


@pytest.mark.parametrize("changed", [read(version="2026-11-29T06:30:00.000001Z"), read("users/v")])
def test_a_document_that_changed_and_another_one_are_opened(changed: Snapshot) -> None:
    opening = Opening()
    kept_records.opened(KEYRING, read(), opening)

    kept_records.opened(KEYRING, changed, opening)

    assert opening.count == 2


def test_other_keys_open_it_again() -> None:
    opening = Opening()
    kept_records.opened(KEYRING, read(), opening)

    kept_records.opened(new_keyring("aster"), read(), opening)

    assert opening.count == 2


def test_what_does_not_open_is_not_kept() -> None:
    def fails() -> User:
        raise ValueError

    with pytest.raises(ValueError):
        kept_records.opened(KEYRING, read(), fails)
    assert kept_records.opened(KEYRING, read(), Opening()) is USER


def test_only_the_records_that_were_used_last_are_kept() -> None:
    opening = Opening()
    for number in range(kept_records.MOST + 1):
        kept_records.opened(KEYRING, read(f"users/{number}"), opening)
        kept_records.opened(KEYRING, read("users/0"), opening)

    assert len(kept_records._opened) == kept_records.MOST
    assert opening.count == kept_records.MOST + 1


def test_large_documents_do_not_fill_the_memory() -> None:
    for number in range(100):
        kept_records.opened(KEYRING, read(f"profiles/{number}", logo="x" * 300_000), Opening())

    assert [*kept_records._opened] == [f"profiles/{number}" for number in range(74, 100)]
