"""The identity of a signer: visible text, confirmed exactly as it stands, void after a change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records.clinic.identity import SigningIdentity
from shared.records.clinic.people import User, printed_identity
from shared.records.problems import Conflict, IdentityUnconfirmed, Invalid
from shared.records.record import Stamp
from shared.records.text import is_visible
from tests.support.factories import BY_DOCTOR, DOCTOR, NOON, after, profile
from tools.openapi import factories

ADMIN = Stamp("admin-1", NOON)
SEEN = SigningIdentity(full_name="Meera Iyer", licence_number="KMC 45821")
PROFILE = profile(licence_number="KMC 45821")


def user(**values: Any) -> User:
    return factories.user(BY_DOCTOR, id=DOCTOR, **values)


@pytest.mark.parametrize("text", ["a", "É", "मीरा", "李", "٣", "א", "KMC-1", "\u200fא", "ก", "\U0001d7d8"])
def test_text_with_a_letter_or_digit_is_visible(text: str) -> None:
    assert is_visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\t\n", "-", ".", "…",
        "\u200b",  # zero-width space
        "\u200c\u200d",  # joiners
        "\u2060",  # word joiner
        "\ufeff",  # byte order mark
        "\u00ad",  # soft hyphen
        "\u202e",  # right-to-left override
        "\u2800",  # Braille blank
        "\u115f\u1160", "\u3164", "\uffa0",  # Hangul fillers
        "\U000e0041",  # tag letter
        "\u0301",  # combining accent alone
        "\u00a0", "\u3000",  # spaces
        "\ufe0f",  # variation selector
    ],
)  # fmt: skip
def test_text_without_one_is_not_visible(text: str) -> None:
    assert not is_visible(text)


@given(st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Cn"]), max_size=20))
def test_no_number_of_invisible_signs_is_visible(text: str) -> None:
    assert not is_visible(text)


def test_a_confirmation_holds_for_exactly_this_name_and_licence_number() -> None:
    confirmed = user().identity_confirmed(SEEN, PROFILE, ADMIN)

    confirmation = confirmed.confirmation_of(PROFILE)

    assert (confirmation.confirmed_by, confirmation.confirmed_at) == ("admin-1", NOON)
    assert confirmed.revision == 2
    assert printed_identity(confirmed, PROFILE).identity_confirmed
    for other in ({"first_name": "Myra"}, {"last_name": "Ayer"}, {"licence_number": "KMC 45822"}):
        changed = PROFILE.model_copy(update=other)
        assert not printed_identity(confirmed, changed).identity_confirmed
        with pytest.raises(IdentityUnconfirmed):
            confirmed.confirmation_of(changed)


def test_without_a_profile_or_a_confirmation_nobody_is_known() -> None:
    confirmed = user().identity_confirmed(SEEN, PROFILE, ADMIN)

    for who, written in ((user(), PROFILE), (confirmed, None), (confirmed, profile())):
        with pytest.raises(IdentityUnconfirmed):
            who.confirmation_of(written)


def test_what_the_profile_does_not_say_is_not_confirmed() -> None:
    with pytest.raises(Conflict) as refused:
        user().identity_confirmed(SEEN, profile(last_name="Ayer", licence_number="KMC 45822"), ADMIN)
    with pytest.raises(Conflict):
        user().identity_confirmed(SEEN, None, ADMIN)

    assert {error.pointer for error in refused.value.errors} == {"/full_name", "/licence_number"}


def test_invisible_text_is_not_confirmed() -> None:
    with pytest.raises(Invalid) as refused:
        user().identity_confirmed(SigningIdentity(full_name="\u200b", licence_number="\u3164"), PROFILE, ADMIN)

    assert {error.pointer for error in refused.value.errors} == {"/full_name", "/licence_number"}


def test_only_a_change_of_name_or_licence_number_voids_the_confirmation() -> None:
    confirmed, later = user().identity_confirmed(SEEN, PROFILE, ADMIN), Stamp(DOCTOR, after(hours=1))

    assert user().identity_voided(PROFILE, later) is None
    assert confirmed.identity_voided(PROFILE.model_copy(update={"specialization": "MD"}), later) is None
    voided = confirmed.identity_voided(PROFILE.model_copy(update={"licence_number": None}), later)
    assert voided is not None
    assert (voided.identity_confirmation, voided.revision) == (None, 3)
