"""Issuing and revoking links, in the commit of the use case that shares something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared import settings
from shared.lazily import lazily
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.links.link import Link
    from shared.records.links.passcode import PasscodeKind, new_code
    from shared.records.links.purpose import LinkPurpose
    from shared.records.links.token import new_token
    from shared.records.links.visit import AgreedVisit
    from shared.workflows.links import hashes

PATH = "/api/v1/links"
"""Of the pages of links (`functions/links`)."""


@dataclass(frozen=True)
class NewLink:
    """A link to be issued."""

    purpose: LinkPurpose
    subject_id: str
    """The id of the record that it is made for."""
    patient_id: str
    passcode_kind: PasscodeKind
    opens_until: datetime
    most_openings: int
    visit: AgreedVisit | None = None
    """Of a link for an appointment."""


@dataclass(frozen=True)
class IssuedLink:
    """A new link with its secrets, which are known only now. Neither may stand in a log."""

    link: Link
    url: str
    code: str | None
    """The passcode; None if it is the date of birth."""


def issue(work: UnitOfWork, new: NewLink) -> IssuedLink:
    """Create a link in this commit."""
    token = new_token()
    ref = hashes.new_ref(work, token)
    code = new_code() if new.passcode_kind.is_code else None
    link = Link.new(
        ref.id,
        work.stamp,
        purpose=new.purpose,
        subject_id=new.subject_id,
        patient_id=new.patient_id,
        passcode_kind=new.passcode_kind,
        code_hash=hashes.of_code(work, ref.id, code) if code else None,
        opens_until=new.opens_until,
        most_openings=new.most_openings,
        visit=new.visit,
    )
    return IssuedLink(work.create(link), _url(work.clinic_id, token), code)


def revoke(work: UnitOfWork, link: Link) -> Link:
    """Revoke a link in this commit. One that is revoked stays as it is."""
    return work.save_edit(link, link.revoked(work.stamp))


def _url(clinic_id: str, token: str) -> str:
    return f"{settings.load(settings.Links).public_url}{PATH}/{clinic_id}/{token}"
