"""What follows the record of a user: the Firebase account, and the appointments of a doctor who is none any more."""

from __future__ import annotations

from shared.lazily import lazily
from shared.store.clinic import Clinic

with lazily(globals()):
    from shared.workflows.clinic import account_sync
    from shared.workflows.scheduling import unassigning


def follow(clinic: Clinic, user_id: str) -> None:
    """Bring both in line with `users/{id}`; each can be repeated. Raises Unavailable if the account keeps differing."""
    user = account_sync.follow(clinic, user_id)
    if user is None or not user.live or not user.is_active_doctor:
        unassigning.follow(clinic, user_id)
