"""Principals of every kind that apps act for, and their user records and patients as the product stores them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import tink
from tink import aead

from local.services.kit.identity import PROJECT, unsigned_jwt
from shared.records.clinic.people import User
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Stamp
from shared.records.types import Role
from shared.store import codec
from tools.openapi import factories

CLINIC, OTHER_CLINIC = "aster", "begonia"
PATIENT, DELETED_PATIENT = "patient", "former"
SIGNED_OUT_AT = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
"""The time at which every user's tokens were last revoked."""
ROUTED = {"clinic": CLINIC}


@dataclass(frozen=True)
class Principal:
    """An app with the token of a user. `user` has fields of the user record in the clinic; None: there is no record."""

    name: str
    claims: dict[str, Any] | None = field(default_factory=lambda: ROUTED)
    """Claims of the token in addition to the standard ones. None: the app has no token."""
    issued: int | None = 0
    """Seconds from the revocation of the tokens to the issue of this one. None: the token has no `iat`."""
    signed_in: int | None = 0
    """Seconds from the revocation of the tokens to the sign-in. None: the token has no `auth_time`."""
    user: dict[str, Any] | None = field(default_factory=lambda: {"roles": [Role.DOCTOR]})
    clinic: str = CLINIC

    @property
    def user_id(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def token(self) -> str | None:
        if self.claims is None:
            return None
        issuer = {"iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT}
        subject = {"sub": self.user_id, "user_id": self.user_id}
        times = {
            name: int(SIGNED_OUT_AT.timestamp()) + seconds
            for name, seconds in (("iat", self.issued), ("auth_time", self.signed_in))
            if seconds is not None
        }
        return unsigned_jwt({**issuer, **subject, **times, **self.claims})


MEMBERS = [
    Principal("admin", user={"roles": [Role.ADMIN]}),
    Principal("doctor"),
    Principal("solo doctor", user={"roles": [Role.ADMIN, Role.DOCTOR]}),
    Principal("doctor with roles in the token", {**ROUTED, "roles": ["admin", "owner"], "admin": True}),
    Principal("doctor at the desk", user={"roles": [Role.DOCTOR, Role.RECEPTIONIST]}),
]
"""Principals who may read the progress of the patient's sessions."""

STRANGERS = [
    Principal("receptionist", user={"roles": [Role.RECEPTIONIST]}),
    Principal("receptionist who was a doctor of the patient", user={"roles": [Role.RECEPTIONIST]}),
    Principal("other doctor"),
    Principal("other doctor with roles in the token", {**ROUTED, "roles": ["admin"]}),
    Principal("anonymous", claims=None, user=None),
    Principal("signed in without a name", {"firebase": {"sign_in_provider": "anonymous"}}, user=None),
    Principal("disabled", user={"roles": [Role.DOCTOR], "disabled": True}),
    Principal(
        "disabled with roles in the token",
        {**ROUTED, "roles": ["admin"]},
        user={"roles": [Role.ADMIN], "disabled": True},
    ),
    Principal("deleted", user={"roles": [Role.DOCTOR], "live": False}),
    Principal("signed out", issued=-1),
    Principal("signed in before the revocation", issued=60, signed_in=-1),
    Principal("with a token of no time", issued=None),
    Principal("with a token of no sign-in", signed_in=None),
    Principal("unknown to the clinic", user=None),
    Principal("unknown with roles in the token", {**ROUTED, "roles": ["admin"]}, user=None),
    Principal("of another clinic", {"clinic": OTHER_CLINIC}, clinic=OTHER_CLINIC),
    Principal("routed to another clinic", {"clinic": OTHER_CLINIC}),
    Principal("of another clinic routed here", clinic=OTHER_CLINIC),
    Principal("routed nowhere", {}),
    Principal("routed to every clinic", {"clinic": [CLINIC, OTHER_CLINIC]}),
]
"""Principals who may neither read nor write data of the clinic."""

NOT_OF_THE_PATIENT = ("receptionist", "other doctor", "other doctor with roles in the token")
PRINCIPALS = {principal.name: principal for principal in [*MEMBERS, *STRANGERS]}


def users() -> Iterator[tuple[str, User, dict[str, Any]]]:
    """For every principal with a user record: the path of the document, the record, and the document."""
    for principal in PRINCIPALS.values():
        if principal.user is not None:
            values = {"email": "someone@clinic.example", "tokens_valid_after": SIGNED_OUT_AT, **principal.user}
            user = User.new(principal.user_id, Stamp(SYSTEM, SIGNED_OUT_AT), **values)
            path = f"clinics/{principal.clinic}/{User.path_of(user.id)}"
            yield path, user, codec.encode(user, _sealer(), principal.clinic, "clinic")


def patients() -> Iterator[tuple[str, Patient, dict[str, Any]]]:
    """The patient of the doctor, shared with all others that are not strangers to the patient, and one that is deleted:
    the path of the document, the record, and the document."""
    names = PRINCIPALS.keys() - {*NOT_OF_THE_PATIENT, "admin", "solo doctor", "doctor"}
    shared_with = [PRINCIPALS[name].user_id for name in sorted(names)]
    for id in (PATIENT, DELETED_PATIENT):
        values = {"id": id, "shared_with": shared_with, "live": id != DELETED_PATIENT}
        patient = factories.patient("doctor", Stamp(SYSTEM, SIGNED_OUT_AT), **values)
        path = f"clinics/{CLINIC}/{Patient.path_of(id)}"
        yield path, patient, codec.encode(patient, _sealer(), CLINIC, id)


@cache
def _sealer() -> aead.Aead:
    aead.register()
    sealer: aead.Aead = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)
    return sealer
