"""`retention`: whose records need not be kept any longer by the clinic's settings."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.cli import main
from shared.workflows.clinic import retention
from tests.api.billing.helpers import issued, pay
from tests.api.patients.merging.helpers import merged
from tests.support.clinic_settings import PATH, change
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.database import alter
from tests.support.patients import path_of
from tests.support.problems import pointers

LONG_AGO = datetime(2010, 3, 1, 12, tzinfo=UTC)


def registered(clinic: TestClinic, born: str | None, *, at: datetime = LONG_AGO) -> str:
    """A patient who was last changed then."""
    new = {**NAMESAKE, "date_of_birth": born}
    id = str(clinic.doctor.post("/patients", new).ok(201).body["id"])
    alter(clinic, f"patients/{id}", {"updated_at": at})
    return id


def test_whose_period_is_over_is_named(own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]) -> None:
    change(own_clinic, retention_years=10, retention_until_age=25).ok()
    over, deleted, child = (registered(own_clinic, born) for born in ("1960-01-01", "1961", "2009-05-05"))
    unknown, recent = registered(own_clinic, None), registered(own_clinic, "1960-01-01", at=datetime.now(UTC))
    billed = registered(own_clinic, "1960-01-01")
    pay(own_clinic, issued(own_clinic, 100, patient=billed), 100).ok(201)
    alter(own_clinic, f"patients/{billed}", {"updated_at": LONG_AGO})
    gone = own_clinic.doctor.get(f"/patients/{deleted}").ok()
    own_clinic.doctor.delete(path_of(gone), etag=gone.etag).ok(204)
    alter(own_clinic, f"patients/{deleted}", {"updated_at": LONG_AGO})

    found = retention.examine(own_clinic.id)

    assert found.patients == 6
    assert found.over == dict.fromkeys((over, deleted), date(2020, 3, 1))
    assert found.unknown == [unknown]
    assert main(["retention", own_clinic.id]) == 0
    printed = capsys.readouterr().out
    assert f"{over}: 2020-03-01" in printed and f"{unknown}: not known" in printed
    assert [id for id in (child, recent, billed) if id in printed] == []
    assert str(NAMESAKE["last_name"]) not in printed


def test_merged_records_are_one_person_whose_newest_record_counts(own_clinic: TestClinic) -> None:
    change(own_clinic, retention_years=10).ok()
    one, other = registered(own_clinic, "1960-01-01"), registered(own_clinic, "1960-01-01")
    merged(own_clinic, *(own_clinic.admin.get(f"/patients/{id}").ok() for id in (one, other)))
    for id in (one, other):
        alter(own_clinic, f"patients/{id}", {"updated_at": LONG_AGO})
    assert retention.examine(own_clinic.id).over == {one: date(2020, 3, 1)}

    alter(own_clinic, f"patients/{other}", {"updated_at": datetime.now(UTC)})

    found = retention.examine(own_clinic.id)
    assert (found.patients, found.over) == (1, {})


def test_without_the_setting_or_the_clinic_nothing_is_listed(
    own_clinic: TestClinic, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retention", own_clinic.id]) == 2
    assert "has not set retention_years" in capsys.readouterr().err
    assert main(["retention", f"{own_clinic.id}x"]) == 2


def test_what_cannot_be_set_is_named(own_clinic: TestClinic) -> None:
    def refused(**values: object) -> set[str]:
        return pointers(change(own_clinic, **values).refused(422, "invalid"))

    assert refused(retention_years=0, retention_until_age=101) == {"/retention_years", "/retention_until_age"}
    assert refused(retention_until_age=25) == {"/retention_until_age"}
    change(own_clinic, retention_years=10, retention_until_age=25).ok()
    assert refused(retention_years=None) == {"/retention_until_age"}
    read = own_clinic.receptionist.get(PATH).ok().body
    assert (read["retention_years"], read["retention_until_age"]) == (10, 25)
