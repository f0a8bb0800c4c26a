"""Reading the progress document of a session. `UnitOfWork.progress` writes it."""

from __future__ import annotations

from shared.records.event import Event, Events, version_unless
from shared.records.problems import NotFound
from shared.records.progress import Progress
from shared.store import database


def read(clinic_id: str, session_id: str, seen: str) -> Events[Progress]:
    """The current progress, unless `seen` names it; one read. Raises NotFound when there is none.

    Checks no rights: the caller must have been admitted to the session.
    """
    snapshot = database.client().get_one(f"clinics/{clinic_id}/progress/{session_id}")
    if not snapshot.exists:
        raise NotFound
    stored = snapshot.to_dict()
    # A function of a later version may have written fields that this one does not know.
    progress = Progress.model_validate({name: stored[name] for name in Progress.model_fields if name in stored})
    return version_unless(seen, Event(snapshot.update_time.isoformat(), progress), final=progress.final)
