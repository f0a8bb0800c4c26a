"""Keyed hashes of a link's secrets, under the clinic's key for tokens (`shared/vault/keyring.py`).

No caller's scope has a space, so none of them is the token of a search.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from shared.lazily import lazily
from shared.records.links.form import TYPING_TAKES
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.links.form import Form, read_form
    from shared.records.links.link import Link

_TOKEN = "link token"  # noqa: S105 - the name of a kind of hash
_CODE = "link code"
_FORM = "link form"


def new_ref(work: UnitOfWork, token: str) -> Ref[Link]:
    """The link that a new token will open."""
    return refs(work, token)[0]


def refs(work: UnitOfWork, token: str) -> list[Ref[Link]]:
    """The links that a token may open: one for each version of the key, of which one exists at most."""
    return [Link.ref(id) for id in work.keyring().ids(_TOKEN, "", token)]


def of_code(work: UnitOfWork, link_id: str, code: str) -> str:
    """The hash of a link's code, in hexadecimal."""
    return work.keyring().token(_CODE, link_id, code).hex()


def is_code(work: UnitOfWork, link: Link, typed: str) -> bool:
    """True if this is the link's code."""
    stored = bytes.fromhex(link.code_hash or "")
    return _is_one_of(stored, work.keyring().tokens(_CODE, link.id, typed))


def form_of(work: UnitOfWork, link: Link, use: str = "") -> str:
    """The hidden value of a page's form. A link with several forms names what each is for: none counts as another."""
    form = Form.at(work.now, link.revision)
    return form.with_mac(work.keyring().token(_FORM, link.id, form.signed_text + use))


def is_current(work: UnitOfWork, link: Link, value: str, use: str = "", at_least: timedelta = TYPING_TAKES) -> bool:
    """True for the hidden value of a page of this link that was shown a while ago and not answered since."""
    found = read_form(value)
    if found is None:
        return False
    form, mac = found
    genuine = _is_one_of(mac, work.keyring().tokens(_FORM, link.id, form.signed_text + use))
    return genuine and form.fits(link.revision, work.now, at_least)


def _is_one_of(given: bytes, expected: Iterable[bytes]) -> bool:
    return any(secrets.compare_digest(given, one) for one in expected)
