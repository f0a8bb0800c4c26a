"""Opening a link: what its page says, and what the right passcode opens.

Showing a page reads the link and changes nothing. An opening, or a wrong passcode, is recorded before the answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from shared.lazily import lazily
from shared.records.links.link import LinkState
from shared.records.patients.patient import Patient
from shared.records.record import Ref
from shared.store.passcode_quota import PasscodeQuota
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.links.link import Link
    from shared.records.links.passcode import PasscodeKind, as_passcode, read_passcode
    from shared.workflows.documents import PrintedDocument
    from shared.workflows.links import hashes

_EASTERNMOST = timedelta(hours=14)
"""A day begins there so long before it does in UTC: a date of birth may be tomorrow's."""


class Withdrawn(Exception):
    """What the link was made for may not be shown any more."""


class NotReady(Exception):
    """What the link opens is still being made. Its argument: the seconds after which to try again."""


class Subject(ABC):
    """What the links of one purpose open."""

    @abstractmethod
    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any]]:
        """The records that `document` reads, to be prefetched."""

    @abstractmethod
    def opened(self, work: UnitOfWork, link: Link) -> Any:
        """What the passcode opens: a PrintedDocument, or a page of its own, with this link as it is then.

        Raises Withdrawn if it may not be shown any more, and NotReady while it is being made.
        """

    def paper(self, work: UnitOfWork, link: Link) -> PrintedDocument:  # noqa: ARG002 - most open a document at once
        """The document behind a page that was opened, which sends `form_of_paper`. Raises Withdrawn."""
        raise Withdrawn


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
    PREPARING = "preparing"
    """The passcode was right, and the document is still being made. The opening does not count."""
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


_PAPER = "paper"
"""The field, and the use, of the form with which an opened page gets its document."""
_CLOSED = {
    LinkState.LOCKED: LinkPage(PageState.LOCKED),
    LinkState.EXPIRED: LinkPage(PageState.EXPIRED),
    LinkState.REVOKED: LinkPage(PageState.REVOKED),
    LinkState.USED: LinkPage(PageState.USED),
}
UNKNOWN = LinkPage(PageState.UNKNOWN)


def transaction(link: Link, posted: Mapping[str, str], subject: Subject) -> Callable[[UnitOfWork], Any]:
    """What the link opens, if the posted form is current and has the right passcode; otherwise the page with what is
    wrong."""

    def opened(work: UnitOfWork) -> Any:
        quota = PasscodeQuota(link.id, work.now)
        patient = Patient.ref(link.patient_id)
        work.prefetch(Link.ref(link.id), quota.path, patient, *subject.refs(work, link))
        current = checked(work, work.get_or_none(Link.ref(link.id)), posted)
        if isinstance(current, LinkPage):
            return current
        if work.get_or_none(patient) is None:
            return LinkPage(PageState.WITHDRAWN)
        try:
            if _PAPER in posted:
                return subject.paper(work, current)
            return _tried(work, current, posted, subject, quota)
        except Withdrawn:
            return LinkPage(PageState.WITHDRAWN)

    return opened


def page_of(work: UnitOfWork, link: Link | None, state: PageState = PageState.ASKS) -> LinkPage:
    """The page of a link: with a form, in this state, if the link can be opened."""
    if link is None:
        return UNKNOWN
    return closed_page(work, link) or LinkPage(state, link.passcode_kind, hashes.form_of(work, link))


def form_of_paper(work: UnitOfWork, link: Link) -> str:
    """The hidden value with which the page of a link that was just opened gets its document, for as long as the form of
    a passcode holds. Who has it has entered the passcode, so it does not count as another opening."""
    return hashes.form_of(work, link, _PAPER)


def closed_page(work: UnitOfWork, link: Link) -> LinkPage | None:
    """The page of a link that opens nothing any more."""
    return _CLOSED.get(link.state(work.now))


def checked(work: UnitOfWork, link: Link | None, posted: Mapping[str, str]) -> LinkPage | Link:
    """The link, if it can be opened and the form is worth an attempt; otherwise the page with what is wrong."""
    if link is not None and _PAPER in posted:
        return _checked_paper(work, link, posted)
    page = page_of(work, link)
    if link is None or page.passcode_kind is None:
        return page
    if _typed(work, link, posted) is None:
        return page_of(work, link, PageState.INCOMPLETE)
    if not hashes.is_current(work, link, posted.get("form", "")):
        return page_of(work, link, PageState.AGAIN)
    return link


def _checked_paper(work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> LinkPage | Link:
    """The link, if an opened page of it asks for its document; the last opening that is possible has one too."""
    current = hashes.is_current(work, link, posted.get("form", ""), _PAPER, at_least=timedelta(0))
    if current and link.state(work.now) in (LinkState.OPEN, LinkState.USED):
        return link
    return page_of(work, link, PageState.AGAIN)


def _tried(work: UnitOfWork, link: Link, posted: Mapping[str, str], subject: Subject, quota: PasscodeQuota) -> Any:
    """One attempt with a complete passcode: of attempts at the same time, each is compared after the others.

    Raises Withdrawn.
    """
    if not work.passcodes_left(quota):
        return LinkPage(PageState.BUSY, retry_after=quota.seconds_left)
    typed = _typed(work, link, posted) or ""
    if not any(_is_right(work, link, record, typed) for record in records_of(work, link.patient_id)):
        work.count_wrong_passcode(quota)
        return page_of(work, work.save(link.guessed(work.stamp)), PageState.WRONG)
    after = link.opened(work.origin_address, work.stamp)
    try:
        opened = subject.opened(work, after)
    except NotReady as wait:
        return replace(page_of(work, link, PageState.PREPARING), retry_after=int(wait.args[0]))
    work.save(after)
    return opened


def _typed(work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> str | None:
    """The passcode that was typed; None if it is incomplete."""
    return read_passcode(link.passcode_kind, posted, (work.now + _EASTERNMOST).date())


def records_of(work: UnitOfWork, patient_id: str) -> list[Patient]:
    """The record of the link's patient; if it is merged since, also the one that stands for the person."""
    ref = Patient.ref(patient_id)
    patient, own = work.get(ref), work.get_own(ref)
    return [own] if own.id == patient.id else [own, patient]


def _is_right(work: UnitOfWork, link: Link, patient: Patient, typed: str) -> bool:
    """True for the link's code, or the date of birth that the patient's record has now, if it is known to the day."""
    if link.passcode_kind.is_code:
        return hashes.is_code(work, link, typed)
    return patient.birth_day is not None and typed == as_passcode(patient.birth_day)
