"""The names of users, and what else a request needs of its caller's profile.

The caller's own record, which every request reads, has an excerpt of the caller's profile. The profiles of other
users, and of callers without an excerpt, are read.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.lazily import lazily
from shared.records.clinic.profile import ProfileExcerpt, UserProfile
from shared.records.record import SYSTEM, Ref
from shared.store.record_reader import RecordReader

with lazily(globals()):
    from shared.records.parties import DoctorName


def refs(work: RecordReader, user_ids: Iterable[str]) -> list[Ref[UserProfile]]:
    """The profiles that must be read to name these users. The caller was read before."""
    return [UserProfile.ref(id) for id in sorted({*user_ids}) if _kept(work, id) is None]


def name_of(work: RecordReader, user_id: str) -> str | None:
    """The full name of a user; None without a profile."""
    return excerpt(work, user_id).full_name


def doctor_name(work: RecordReader, doctor_id: str) -> DoctorName:
    """A doctor by name, which is null without a profile."""
    return DoctorName(id=doctor_id, name=name_of(work, doctor_id))


def excerpt(work: RecordReader, user_id: str) -> ProfileExcerpt:
    """The excerpt of a user's profile; an empty one without a profile."""
    kept = _kept(work, user_id)
    if kept is not None:
        return kept
    profile = work.get_or_none(UserProfile.ref(user_id))
    return profile.excerpt if profile else ProfileExcerpt()


def _kept(work: RecordReader, user_id: str) -> ProfileExcerpt | None:
    """What is known of a user without the profile."""
    if user_id == SYSTEM:
        return ProfileExcerpt()
    caller = work.user
    return caller.profile_excerpt if caller is not None and caller.id == user_id else None
