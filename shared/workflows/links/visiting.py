"""A visit to the page of a link: which link it is, and what its purpose makes of it.

Looking reads the link and changes nothing. What an answer changes is recorded before the reply.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from shared.lazily import lazily
from shared.records.links.link import Link
from shared.records.links.purpose import LinkPurpose
from shared.records.problems import Forbidden
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.links.dialogue import Dialogue
from shared.workflows.links.opening import UNKNOWN, LinkPage, PageState, Subject

with lazily(globals()):
    from shared.records.links.token import is_token
    from shared.workflows.links import dialogue, hashes, opening

_log = logging.getLogger("synapse.security")
_OPEN = "link.open"
_GUESSED = frozenset({PageState.WRONG, PageState.LOCKED})

Subjects = Mapping[LinkPurpose, Callable[[], Subject | Dialogue[Any]]]
"""What makes the subject of each purpose."""


def look(clinic: Clinic, token: str, subjects: Subjects) -> Any:
    """The page of a link: a LinkPage, or one of its dialogue. Changes nothing, and writes no audit entry, because no
    record of a patient is opened."""

    def read(work: UnitOfWork) -> Any:
        link = _find(work, token)
        if link is None:
            return UNKNOWN
        subject = subjects[link.purpose]()
        return subject.page(work, link) if isinstance(subject, Dialogue) else opening.page_of(work, link)

    return _peek(clinic, token, read)


def answer(clinic: Clinic, token: str, posted: Mapping[str, str], subjects: Subjects) -> Any:
    """What a posted form is answered with: a PrintedDocument, a LinkPage with what is wrong, or a page of the purpose.

    A form without a complete passcode is answered like a look: it changes nothing.
    """

    def read(work: UnitOfWork) -> Any:
        link = _find(work, token)
        if link is None:
            return UNKNOWN
        subject = subjects[link.purpose]()
        if isinstance(subject, Dialogue):
            return subject.checked(work, link, posted) or link
        return opening.checked(work, link, posted)

    found = _peek(clinic, token, read)
    if not isinstance(found, Link):
        return found
    subject = subjects[found.purpose]()
    if isinstance(subject, Dialogue):
        attempt = clinic.perform(subject.action(posted), dialogue.transaction(found, posted, subject))
        _warn(clinic, found, "wrong" if attempt.wrong else None)
        return attempt.page
    page = clinic.perform(_OPEN, opening.transaction(found, posted, subject))
    _warn(clinic, found, page.state.value if isinstance(page, LinkPage) and page.state in _GUESSED else None)
    return page


def _peek(clinic: Clinic, token: str, read: Any) -> Any:
    if not is_token(token):
        return UNKNOWN
    try:
        return clinic.peek(read)
    except Forbidden:
        return UNKNOWN  # no such clinic


def _find(work: UnitOfWork, token: str) -> Link | None:
    refs = hashes.refs(work, token)
    work.prefetch(*refs)
    return next((link for ref in refs if (link := work.get_or_none(ref))), None)


def _warn(clinic: Clinic, link: Link, reason: str | None) -> None:
    if reason:
        _log.warning("wrong passcode", extra={"clinic_id": clinic.id, "id": link.id, "reason": reason})
