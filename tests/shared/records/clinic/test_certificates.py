"""Which certificate of a clinic new signatures name."""

from __future__ import annotations

from datetime import timedelta

from shared.records.clinic.certificates import (
    CERTIFICATES_ID,
    MOST_CERTIFICATES,
    RENEWED_BEFORE,
    Certificate,
    ClinicCertificates,
    Origin,
)
from tests.support.factories import BY_DOCTOR, NOON

FIRST, SECOND = "keys/report-signing/1", "keys/report-signing/2"
YEAR = timedelta(days=365)
SECOND_LONG = timedelta(seconds=1)


def certificates(*added: tuple[str, Origin]) -> ClinicCertificates:
    found = ClinicCertificates.new(CERTIFICATES_ID, BY_DOCTOR)
    for version, origin in added:
        found = found.with_certificate("PEM", version, origin, (NOON, NOON + YEAR), BY_DOCTOR)
    return found


def number(found: Certificate | None) -> int | None:
    return found.number if found else None


def test_without_a_certificate_of_the_key_version_there_is_none() -> None:
    assert certificates().usable(FIRST, NOON) is None
    assert certificates((SECOND, Origin.UPLOADED)).usable(FIRST, NOON) is None


def test_the_newest_is_used_and_an_uploaded_one_before_a_self_signed_one() -> None:
    made = certificates((FIRST, Origin.SELF_SIGNED), (FIRST, Origin.SELF_SIGNED), (SECOND, Origin.SELF_SIGNED))
    brought = certificates((FIRST, Origin.UPLOADED), (FIRST, Origin.UPLOADED), (FIRST, Origin.SELF_SIGNED))

    assert number(made.usable(FIRST, NOON)) == 2
    assert number(brought.usable(FIRST, NOON)) == 2


def test_a_certificate_is_used_from_its_first_moment_until_thirty_days_before_its_end() -> None:
    found = certificates((FIRST, Origin.SELF_SIGNED))
    end = NOON + YEAR - RENEWED_BEFORE

    assert found.usable(FIRST, NOON - SECOND_LONG) is None
    assert number(found.usable(FIRST, NOON)) == number(found.usable(FIRST, end - SECOND_LONG)) == 1
    assert found.usable(FIRST, end) is None


def test_the_oldest_make_room_and_numbers_are_not_used_again() -> None:
    found = certificates(*[(FIRST, Origin.SELF_SIGNED)] * (MOST_CERTIFICATES + 2))

    assert [one.number for one in found.certificates] == list(range(3, MOST_CERTIFICATES + 3))
