"""What nearly every request opens, kept open in this instance: the users and profiles of clinics, and their settings.

Each is read again for every request, so that a change, such as the end of somebody's rights, counts at once. Only while
the document is unchanged, and the clinic's keys are the same, it is not opened again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple, TypeVar, cast

from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.clinic.settings import ClinicSettings
from shared.records.record import Record
from shared.store.firestore.snapshot import Snapshot
from shared.vault.keyring import Keyring

KEPT: frozenset[type[Record]] = frozenset({User, UserProfile, ClinicSettings})
MOST = 500
"""Records that an instance keeps: those that were used last."""
MOST_BYTES = 8_000_000
"""Of their documents: a profile may have a large logo."""

R = TypeVar("R", bound=Record)


class _Opened(NamedTuple):
    keyring: Keyring
    """The keys that opened the record."""
    version: str
    """The update time of its document."""
    size: int
    """Bytes of its document."""
    record: Record


_opened: OrderedDict[str, _Opened] = OrderedDict()
"""By the path of the document."""
_lock = Lock()


def opened(keyring: Keyring, snapshot: Snapshot, open_: Callable[[], R]) -> R:
    """The record of a document: the one that is kept, if it was opened from this version with these keys."""
    version = snapshot.version
    with _lock:
        kept = _opened.get(snapshot.path)
        if kept is not None and kept.keyring is keyring and kept.version == version:
            _opened.move_to_end(snapshot.path)
            return cast("R", kept.record)
    record = open_()
    with _lock:
        _opened[snapshot.path] = _Opened(keyring, version, snapshot.size, record)
        _opened.move_to_end(snapshot.path)
        while len(_opened) > MOST or sum(one.size for one in _opened.values()) > MOST_BYTES:
            _opened.popitem(last=False)
    return record
