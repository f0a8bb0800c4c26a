"""A dialogue by link: a page with something to decide, a second page that asks whether it is meant, and the deed.

The first form only leads to the second page. The second one asks for something that a person knows and a scanner does
not, comes back no sooner than a person types, and counts once. Nothing else of a visitor changes anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.lazily import lazily
from shared.records.patients.patient import Patient
from shared.records.record import Ref
from shared.store.passcode_quota import PasscodeQuota
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.links.link import Link
    from shared.workflows.links.opening import records_of

Page = TypeVar("Page")


class Dialogue(ABC, Generic[Page]):
    """What the links of one purpose ask, and do."""

    @abstractmethod
    def page(self, work: UnitOfWork, link: Link) -> Page:
        """The first page. It opens no record of a patient."""

    @abstractmethod
    def checked(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page | None:
        """The page that answers a form which does nothing yet; None if the form is complete and current."""

    @abstractmethod
    def refs(self, work: UnitOfWork, link: Link) -> Sequence[Ref[Any] | str]:
        """What `done` reads, to be prefetched."""

    @abstractmethod
    def action(self, posted: Mapping[str, str]) -> str:
        """The audit action of a complete form."""

    @abstractmethod
    def knows(self, work: UnitOfWork, patient: Patient, posted: Mapping[str, str]) -> bool:
        """True if the visitor entered what only a person knows."""

    @abstractmethod
    def wrong(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page:
        """The page after a wrong entry, which is counted already."""

    @abstractmethod
    def done(self, work: UnitOfWork, link: Link, posted: Mapping[str, str]) -> Page:
        """Do what was asked for in this commit; the page that says so."""

    @abstractmethod
    def busy(self, retry_after: int) -> Page:
        """The page of a clinic with too many wrong entries in this hour."""


@dataclass(frozen=True)
class Attempt(Generic[Page]):
    """What became of a complete form."""

    page: Page
    wrong: bool = False
    """True if what only a person knows was wrong."""


def transaction(
    link: Link, posted: Mapping[str, str], dialogue: Dialogue[Page]
) -> Callable[[UnitOfWork], Attempt[Page]]:
    """Answer a complete form in one commit with what it does: of two at the same time, one is done."""

    def attempted(work: UnitOfWork) -> Attempt[Page]:
        quota, patient = PasscodeQuota(link.id, work.now), Patient.ref(link.patient_id)
        work.prefetch(Link.ref(link.id), quota.path, patient, *dialogue.refs(work, link))
        current = work.get(Link.ref(link.id))
        refused = dialogue.checked(work, current, posted)
        if refused is not None:
            return Attempt(refused)
        if not work.passcodes_left(quota):
            return Attempt(dialogue.busy(quota.seconds_left))
        if not any(dialogue.knows(work, record, posted) for record in records_of(work, link.patient_id)):
            work.count_wrong_passcode(quota)
            return Attempt(dialogue.wrong(work, work.save(current.guessed(work.stamp)), posted), wrong=True)
        return Attempt(dialogue.done(work, work.save(current.opened(work.origin_address, work.stamp)), posted))

    return attempted
