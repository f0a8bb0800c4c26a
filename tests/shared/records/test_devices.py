"""The devices of a user, and the notice of a report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.records.clinic.devices import MOST_DEVICES, Devices, NewDevice
from shared.records.record import Stamp
from shared.records.reports.notice import KEPT_FOR, MOST_CLAIMS, ReportNotice
from tests.support.factories import report

AT = Stamp("u1", datetime(2026, 9, 14, 4, 30, tzinfo=UTC))


def new_device(number: int, platform: str = "ios") -> NewDevice:
    return NewDevice.model_validate({"token": f"registration-token-{number:04}", "platform": platform})


@given(st.lists(st.integers(0, 14), max_size=40))
def test_the_latest_devices_are_kept_once_each_with_the_latest_first(numbers: list[int]) -> None:
    devices = Devices.new("u1", AT)
    for seconds, number in enumerate(numbers):
        devices = devices.with_device(new_device(number), Stamp("u1", AT.at + timedelta(seconds=seconds)))

    latest_first = list(dict.fromkeys(reversed(numbers)))[:MOST_DEVICES]
    assert [device.token for device in devices.registered] == [new_device(number).token for number in latest_first]


def test_a_token_that_is_registered_again_keeps_its_id_and_gets_the_new_platform() -> None:
    first = Devices.new("u1", AT).with_device(new_device(1), AT)
    again = first.with_device(new_device(1, "web"), Stamp("u1", AT.at + timedelta(days=1)))

    [before], [after] = first.registered, again.registered
    assert (after.id, after.platform, after.registered_at - before.registered_at) == (
        before.id,
        "web",
        timedelta(days=1),
    )


def test_a_removed_device_is_gone_and_the_others_stay() -> None:
    devices = Devices.new("u1", AT).with_device(new_device(1), AT).with_device(new_device(2), AT)
    second, first = devices.registered

    assert devices.without([first.id], AT).registered == [second]


@pytest.mark.parametrize("token", ["", "short", "x" * 4097, "a registration token with blanks", "नमस्ते-token-000000000"])
def test_text_that_is_no_registration_token_is_refused(token: str) -> None:
    with pytest.raises(ValidationError):
        NewDevice.model_validate({"token": token, "platform": "ios"})


def test_a_shown_device_has_no_token() -> None:
    [device] = Devices.new("u1", AT).with_device(new_device(1), AT).registered

    assert "token" not in device.shown.model_dump()


def test_a_notice_is_claimed_a_bounded_number_of_times() -> None:
    notice = ReportNotice.of(report(), ["d1", "d2"], AT)
    assert notice.expires_at == AT.at + KEPT_FOR

    for _ in range(MOST_CLAIMS):
        assert notice.may_wait
        notice = notice.claimed(AT)
        assert notice.waiting_for == []
        notice = notice.postponed(["d2"], AT)

    assert not notice.may_wait
