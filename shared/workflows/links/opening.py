"""Opening a link: what its page says, and what the right passcode opens.

Showing a page reads the link and changes nothing. An opening, or a wrong passcode, is recorded before the answer.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from shared.records.links.link import Link, LinkState
from shared.records.links.passcode import PasscodeKind, as_passcode, read_passcode
from shared.records.links.purpose import LinkPurpose
from shared.records.links.token import is_token
from shared.records.patients.patient import Patient
from shared.records.problems import Forbidden
from shared.records.record import Ref
from shared.store.clinic import Clinic
from shared.store.passcode_quota import PasscodeQuota
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.documents import PrintedDocument
from shared.workflows.links import hashes

_log = logging.getLogger("synapse.security")
_OPEN = "link.open"
_EASTERNMOST = timedelta(hours=14)
"""A day begins there so long before it does in UTC: a date of birth may be tomorrow's."""


class Withdrawn(Exception):
    """What the link was made for may not be shown any more."""


class Subject(ABC):
    """What the links of one purpose open."""

    @abstractmethod
    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any]]:
        """The records that `document` reads, to be prefetched."""

    @abstractmethod
    def document(self, work: UnitOfWork, link: Link) -> PrintedDocument:
        """The document. Raises Withdrawn if it may not be shown any more."""


Subjects = Mapping[LinkPurpose, Subject]


class PageState(StrEnum):
    """What the page of a link says."""

    ASKS = "asks"
    """Enter the passcode."""
    INCOMPLETE = "incomplete"
    """The passcode is incomplete, or not in its form. Nothing was compared."""
    AGAIN = "again"
    """The form was too old, too new, or used. Nothing was compared."""
    WRONG = "wrong"
    LOCKED = "locked"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED = "used"
    WITHDRAWN = "withdrawn"
    BUSY = "busy"
    """Too many wrong passcodes at links of the clinic in this hour."""
    FAILED = "failed"
    """Something went wrong on our side."""
    UNKNOWN = "unknown"
    """There is no such link: mistyped, cut off, or of nobody."""


@dataclass(frozen=True)
class LinkPage:
    """A page, without any content of what the link opens."""

    state: PageState
    passcode_kind: PasscodeKind | None = None
    """Of a link that can be opened: the page then has the form."""
    form: str = ""
    """The hidden value of the form."""
    retry_after: int = 0
    """Seconds, of a page that asks to wait."""


_CLOSED = {
    LinkState.LOCKED: LinkPage(PageState.LOCKED),
    LinkState.EXPIRED: LinkPage(PageState.EXPIRED),
    LinkState.REVOKED: LinkPage(PageState.REVOKED),
    LinkState.USED: LinkPage(PageState.USED),
}
_UNKNOWN = LinkPage(PageState.UNKNOWN)
_GUESSED = frozenset({PageState.WRONG, PageState.LOCKED})


def look(clinic: Clinic, token: str) -> LinkPage:
    """The page of a link. Changes nothing, and writes no audit entry: no record of a patient is read."""
    if not is_token(token):
        return _UNKNOWN
    try:
        return clinic.peek(lambda work: _page(work, _find(work, token)))
    except Forbidden:
        return _UNKNOWN  # no such clinic


def open_link(clinic: Clinic, token: str, posted: Mapping[str, str], subjects: Subjects) -> LinkPage | PrintedDocument:
    """The document, if the posted form is current and has the right passcode; otherwise the page with what is wrong.

    A form without a complete passcode is answered like a look: it changes nothing.
    """
    if not is_token(token):
        return _UNKNOWN
    try:
        found = clinic.peek(lambda work: _checked(work, token, posted))
    except Forbidden:
        return _UNKNOWN
    if isinstance(found, LinkPage):
        return found
    subject = subjects[found.purpose]

    def transaction(work: UnitOfWork) -> LinkPage | PrintedDocument:
        quota = PasscodeQuota(found.id, work.now)
        patient = Patient.ref(found.patient_id)
        work.prefetch(Link.ref(found.id), quota.path, patient, *subject.refs(work, found))
        current = _checked(work, token, posted)
        return current if isinstance(current, LinkPage) else _tried(work, current, posted, subject, quota)

    answer = clinic.perform(_OPEN, transaction)
    if isinstance(answer, LinkPage) and answer.state in _GUESSED:
        _log.warning("wrong passcode", extra={"clinic_id": clinic.id, "id": found.id, "reason": answer.state.value})
    return answer


def _find(work: UnitOfWork, token: str) -> Link | None:
    refs = hashes.refs(work, token)
    work.prefetch(*refs)
    return next((link for ref in refs if (link := work.get_or_none(ref))), None)


def _page(work: UnitOfWork, link: Link | None, state: PageState = PageState.ASKS) -> LinkPage:
    """The page of a link: with a form, in this state, if the link can be opened."""
    if link is None:
        return _UNKNOWN
    closed = _CLOSED.get(link.state(work.now))
    return closed or LinkPage(state, link.passcode_kind, hashes.form_of(work, link))


def _checked(work: UnitOfWork, token: str, posted: Mapping[str, str]) -> LinkPage | Link:
    """The link, if it can be opened and the form is worth an attempt; otherwise the page with what is wrong."""
    link = _find(work, token)
    page = _page(work, link)
    if link is None or page.passcode_kind is None:
        return page
    if _typed(work, link, posted) is None:
        return _page(work, link, PageState.INCOMPLETE)
    if not hashes.is_current(work, link, posted.get("form", "")):
        return _page(work, link, PageState.AGAIN)
    return link


def _tried(
    work: UnitOfWork, link: Link, posted: Mapping[str, str], subject: Subject, quota: PasscodeQuota
) -> LinkPage | PrintedDocument:
    """One attempt with a complete passcode: of attempts at the same time, each is compared after the others."""
    if not work.passcodes_left(quota):
        return LinkPage(PageState.BUSY, retry_after=quota.seconds_left)
    patient = work.get_or_none(Patient.ref(link.patient_id))
    if patient is None:
        return LinkPage(PageState.WITHDRAWN)
    if not _is_right(work, link, patient, _typed(work, link, posted) or ""):
        work.count_wrong_passcode(quota)
        return _page(work, work.save(link.guessed(work.stamp)), PageState.WRONG)
    try:
        document = subject.document(work, link)
    except Withdrawn:
        return LinkPage(PageState.WITHDRAWN)
    work.save(link.opened(work.origin_address, work.stamp))
    return document


def _typed(work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> str | None:
    """The passcode that was typed; None if it is incomplete."""
    return read_passcode(link.passcode_kind, posted, (work.now + _EASTERNMOST).date())


def _is_right(work: UnitOfWork, link: Link, patient: Patient, typed: str) -> bool:
    """True for the link's code, or the date of birth that the patient's record has now."""
    if link.passcode_kind.is_code:
        return hashes.is_code(work, link, typed)
    return typed == as_passcode(patient.date_of_birth)
