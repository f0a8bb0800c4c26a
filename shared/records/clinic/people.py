"""The staff: users and their roles."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from shared.records.clinic import sign_in
from shared.records.clinic.identity import IdentityConfirmation, PrintedIdentity, SigningIdentity
from shared.records.clinic.profile import ProfileExcerpt, UserProfile
from shared.records.conflict_codes import ConflictCode, IdentityCode, LimitCode
from shared.records.privacy import Encrypted, Internal, Plain
from shared.records.problems import (
    Conflict,
    FieldError,
    IdentityUnconfirmed,
    Invalid,
    TooManyRequests,
    raise_if_any,
)
from shared.records.record import Keyset, Record, Stamp, Value
from shared.records.text import Name, ShortText
from shared.records.types import Email, Id, Moment, Role


def _distinct(roles: list[Role]) -> list[Role]:
    if len(set(roles)) < len(roles):
        raise ValueError("a role is named twice")
    return [role for role in Role if role in roles]


Roles = Annotated[
    list[Role],
    Field(min_length=1, max_length=len(Role), json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]
"""The roles of a user, without repetition."""


class NewUser(Value):
    """A person to invite."""

    email: Email
    roles: Roles


class RolesChange(Value):
    """The new roles of a user."""

    roles: Roles
    take_over_by: Id | None = None
    """The doctor who takes over the unsigned reports of a user who is no doctor any more."""


class SupervisorChange(Value):
    """Who co-signs what a doctor signs."""

    supervisor_id: Id | None
    """Another doctor of the clinic, who is no trainee; null if the doctor signs alone."""


class InvitationStatus(StrEnum):
    """The state of the mail with which an invited person chooses a password."""

    WAITING = "waiting"
    """Not sent yet; sending is retried for a day."""
    SENT = "sent"
    REFUSED = "refused"
    """The mail service does not accept the address, or the account is gone."""


INVITATION_INTERVAL = timedelta(minutes=10)
"""The shortest time between two invitations of one person: nobody's mailbox can be flooded."""


class User(Record):
    """A member of the clinic's staff; the id is the Firebase user id."""

    kind: ClassVar[str] = "User"
    collection: ClassVar[str] = "users"
    keyset: ClassVar[Keyset] = Keyset.CLINIC

    email: Encrypted[Email]
    roles: Plain[list[Role]] = Field(min_length=1)
    disabled: Plain[bool] = False
    tokens_valid_after: Internal[Plain[Moment]]
    """ID tokens issued before this are refused."""
    supervisor_id: Plain[Id | None] = None
    """The doctor who co-signs what this user signs, where the clinic or the template asks for it; null for a doctor who
    is no trainee. Admins set it."""
    identity_confirmation: Encrypted[IdentityConfirmation | None] = None
    """The name and licence number that an admin confirmed for signatures. Changing either in the profile voids it."""
    profile_excerpt: Internal[Encrypted[ProfileExcerpt | None]] = None
    """Of the user's profile as it is now: written in the same commit. Null for users from before there were excerpts,
    until they change their profile."""
    invitation: Plain[InvitationStatus | None] = None
    """The state of the last invitation; its changes do not change the ETag. Null for people who were not invited."""
    invited_at: Plain[Moment | None] = None
    """The time of the last invitation."""
    removed_at: Plain[Moment | None] = None
    """The time at which the person left the clinic. The record stays, because other records name its id as author."""

    def may(self, allowed: frozenset[Role]) -> bool:
        """True if the user has one of the allowed roles."""
        return not allowed.isdisjoint(self.roles)

    def accepts(self, token_time: datetime) -> bool:
        """True if an ID token of this time (see `sign_in`) is still valid."""
        return not self.disabled and sign_in.is_valid(token_time, self.tokens_valid_after)

    @property
    def is_active_admin(self) -> bool:
        """True for an enabled user with the role admin; every clinic needs one."""
        return Role.ADMIN in self.roles and not self.disabled

    @property
    def is_active_doctor(self) -> bool:
        """True for an enabled user with the role doctor."""
        return Role.DOCTOR in self.roles and not self.disabled

    @property
    def may_cosign(self) -> bool:
        """True for an active doctor who is not supervised."""
        return self.is_active_doctor and self.supervisor_id is None

    def supervised_by(self, supervisor: User | None, stamp: Stamp) -> Self:
        """The user with this supervisor, or with none. Raises Invalid unless the supervisor is another active doctor
        who is not supervised."""
        if supervisor is not None and (supervisor.id == self.id or not supervisor.may_cosign):
            raise Invalid(errors=[FieldError("/supervisor_id", "not another doctor of this clinic who is no trainee")])
        return self.edited(stamp, supervisor_id=supervisor.id if supervisor else None)

    def disabled_at(self, stamp: Stamp) -> Self:
        """The user without access, with all earlier tokens revoked. Raises Conflict if disabled already."""
        if self.disabled:
            raise Conflict(ConflictCode.USER_DISABLED, "the user is disabled already")
        return self.revised(stamp, disabled=True, tokens_valid_after=sign_in.valid_from(stamp.at))

    def signed_out(self, stamp: Stamp) -> Self:
        """The user with all sign-ins revoked."""
        return self.revised(stamp, tokens_valid_after=sign_in.valid_from(stamp.at))

    def enabled_at(self, stamp: Stamp) -> Self:
        """The user with access restored. Raises Conflict if not disabled."""
        if not self.disabled:
            raise Conflict(ConflictCode.USER_NOT_DISABLED, "the user is not disabled")
        return self.revised(stamp, disabled=False)

    def identity_confirmed(self, seen: SigningIdentity, profile: UserProfile | None, stamp: Stamp) -> Self:
        """The user with the name and licence number that an admin has checked.

        Raises Invalid for invisible text, Conflict when the profile says otherwise.
        """
        raise_if_any(seen.field_errors())
        present = profile.signing_identity if profile else None
        if present is None:
            raise Conflict(ConflictCode.PROFILE_INCOMPLETE, "the profile of the user has no name or no licence number")
        if differences := seen.differences(present):
            raise Conflict(ConflictCode.PROFILE_DIFFERS, "the profile says otherwise", errors=differences)
        return self.revised(stamp, identity_confirmation=IdentityConfirmation.of(seen, stamp))

    def identity_voided(self, profile: UserProfile, stamp: Stamp) -> Self | None:
        """The user without the confirmation, if the profile now has another name or licence number; else None."""
        confirmation = self.identity_confirmation
        if confirmation is None or confirmation.covers(profile.signing_identity):
            return None
        return self.revised(stamp, identity_confirmation=None)

    def with_excerpt(self, profile: UserProfile) -> Self:
        """The user with the excerpt of the profile, or the user itself if it has that. The revision stays: admins see
        no change."""
        return self if self.profile_excerpt == profile.excerpt else self.amended(profile_excerpt=profile.excerpt)

    def confirmation_of(self, profile: UserProfile | None) -> IdentityConfirmation:
        """The confirmation of the present name and licence number. Raises IdentityUnconfirmed."""
        present = profile.signing_identity if profile else None
        if present is None:
            raise IdentityUnconfirmed(
                IdentityCode.PROFILE_INCOMPLETE, "write your name and licence number into your profile"
            )
        if self.identity_confirmation is None or not self.identity_confirmation.covers(present):
            raise IdentityUnconfirmed(
                IdentityCode.NOT_CONFIRMED, "an admin of the clinic must confirm your name and licence number"
            )
        return self.identity_confirmation

    def removed(self, stamp: Stamp) -> Self:
        """The user outside the clinic, with all sign-ins revoked."""
        after = sign_in.valid_from(stamp.at)
        return self.revised(stamp, live=False, removed_at=stamp.at, tokens_valid_after=after)

    def returned(self, stamp: Stamp, roles: list[Role], tokens_valid_after: datetime) -> Self:
        """The removed user in the clinic again, with new roles and a new invitation."""
        access = {"live": True, "removed_at": None, "disabled": False, "roles": roles}
        invitation = {"invitation": InvitationStatus.WAITING, "invited_at": stamp.at}
        return self.revised(stamp, **access, **invitation, tokens_valid_after=tokens_valid_after)

    def invited(self, stamp: Stamp) -> Self:
        """The user with an invitation to be sent. Raises Conflict if disabled, TooManyRequests within
        `INVITATION_INTERVAL` of the last one."""
        if self.disabled:
            raise Conflict(ConflictCode.USER_DISABLED, "the user is disabled")
        if self.invited_at and (wait := self.invited_at + INVITATION_INTERVAL - stamp.at) > timedelta(0):
            raise TooManyRequests(
                LimitCode.INVITED_RECENTLY,
                "the person was invited a short while ago",
                retry_after=ceil(wait.total_seconds()),
            )
        return self.revised(stamp, invitation=InvitationStatus.WAITING, invited_at=stamp.at)

    def with_invitation(self, status: InvitationStatus) -> Self:
        """The user with another state of the last invitation. The revision stays: no person made this change."""
        return self.model_validate({**dict(self), "invitation": status})


def printed_identity(user: User, profile: UserProfile | None) -> PrintedIdentity:
    """What a signature of the user would show, and whether it is confirmed."""
    confirmation = user.identity_confirmation
    present = profile.signing_identity if profile else None
    return PrintedIdentity(
        full_name=profile and profile.full_name,
        licence_number=profile and profile.licence_number,
        identity_confirmed=confirmation is not None and confirmation.covers(present),
    )


class Doctor(Value):
    """A doctor of the clinic, with name and specialization."""

    id: Id
    first_name: Name | None
    last_name: Name | None
    specialization: ShortText | None
    """Names and specialization are null until the doctor has written a profile."""

    @classmethod
    def of(cls, user_id: str, profile: UserProfile | None) -> Self:
        return cls(
            id=user_id,
            first_name=profile and profile.first_name,
            last_name=profile and profile.last_name,
            specialization=profile and profile.specialization,
        )
