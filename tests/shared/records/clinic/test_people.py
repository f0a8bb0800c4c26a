"""Rules of the staff: active admins and doctors, disabled users, and the names of doctors."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.records.clinic.people import Doctor, NewUser, User
from shared.records.clinic.profile import ProfileExcerpt
from shared.records.problems import Conflict
from shared.records.record import Stamp
from shared.records.types import Role
from tests.support.factories import profile

NOW = datetime(2026, 9, 1, 9, 30, 0, 400_000, tzinfo=UTC)
PNG, JPEG = b"\x89PNG\r\n\x1a\n and more", b"\xff\xd8\xff and more"


def user(**values: Any) -> User:
    standing = {"email": "asha@clinic.example", "roles": [Role.ADMIN], "tokens_valid_after": NOW - timedelta(days=1)}
    return User.new("asha", Stamp("head", NOW - timedelta(days=1)), **{**standing, **values})


def test_only_an_admin_who_is_not_disabled_can_run_the_clinic() -> None:
    assert user().is_active_admin
    assert user(roles=[Role.DOCTOR, Role.ADMIN]).is_active_admin
    assert not user(roles=[Role.DOCTOR]).is_active_admin
    assert not user(disabled=True).is_active_admin


def test_whoever_is_shut_out_is_out_for_every_token_there_was() -> None:
    second = NOW.replace(microsecond=0)  # the resolution of tokens

    out = user().disabled_at(Stamp("head", NOW))
    back = out.enabled_at(Stamp("head", NOW + timedelta(minutes=1)))

    assert not out.accepts(second + timedelta(hours=1))
    assert (back.accepts(second), back.accepts(second + timedelta(seconds=1))) == (False, True)
    assert (out.revision, back.revision, back.updated_by) == (2, 3, "head")


def test_nobody_is_shut_out_or_let_in_twice() -> None:
    with pytest.raises(Conflict):
        user(disabled=True).disabled_at(Stamp("head", NOW))
    with pytest.raises(Conflict):
        user().enabled_at(Stamp("head", NOW))


def test_roles_are_a_set_in_the_order_of_the_list_of_roles() -> None:
    assert NewUser(email="a@clinic.example", roles=[Role.DOCTOR, Role.ADMIN]).roles == [Role.ADMIN, Role.DOCTOR]
    for wrong in ([], [Role.DOCTOR, Role.DOCTOR]):
        with pytest.raises(ValidationError):
            NewUser(email="a@clinic.example", roles=wrong)


def test_a_doctor_without_a_profile_has_no_name_yet() -> None:
    named = Doctor.of("u1", profile(first_name="Asha", last_name="Rao", specialization=None))

    assert named.model_dump() == {"id": "u1", "first_name": "Asha", "last_name": "Rao", "specialization": None}
    assert Doctor.of("u2", None).model_dump() == {
        "id": "u2",
        "first_name": None,
        "last_name": None,
        "specialization": None,
    }


@pytest.mark.parametrize(("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_the_media_type_of_a_logo_follows_from_its_first_bytes(content: bytes, media_type: str) -> None:
    kept = profile(logo=base64.b64encode(content).decode())

    assert kept.logo_file == (content, media_type)
    assert profile(logo=None).logo_file is None


@pytest.mark.parametrize("wrong", [b"GIF89a", PNG.ljust(200_001)])
def test_no_other_logo_is_kept(wrong: bytes) -> None:
    with pytest.raises(ValidationError):
        profile(logo=base64.b64encode(wrong).decode())


def test_a_user_has_an_excerpt_of_the_present_profile_and_keeps_the_revision() -> None:
    written = profile(first_name="Asha", last_name="Rao")

    named = user().with_excerpt(written)

    assert named.profile_excerpt == ProfileExcerpt(full_name="Asha Rao", stt_settings=written.stt_settings)
    assert (named.revision, named.updated_at) == (user().revision, user().updated_at)
    assert named.with_excerpt(written.model_copy(update={"organization": "Banyan"})) is named
    renamed = named.with_excerpt(written.model_copy(update={"last_name": "Iyer"}))
    assert renamed.profile_excerpt is not None
    assert renamed.profile_excerpt.full_name == "Asha Iyer"


def test_without_a_profile_the_excerpt_is_empty_and_without_an_excerpt_nothing_is_known() -> None:
    assert (ProfileExcerpt().full_name, ProfileExcerpt().stt_settings) == (None, None)
    assert user().profile_excerpt is None
