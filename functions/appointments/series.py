"""Series of appointments, which recur by a rule."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.scheduling.series_taken import SeriesTaken
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import FRONT_DESK

with lazily(globals()):
    from shared.records.scheduling.series_requests import NewSeries, SeriesChange, SeriesPart
    from shared.records.scheduling.series_taken import SeriesCheck
    from shared.workflows.scheduling.series import booking, changing, reading
    from shared.workflows.scheduling.series.booking import ShownSeries

api = Api("appointments")
SERIES_TAKEN = frozenset({SeriesTaken})


@api.post("/series", roles=FRONT_DESK, status=201, problems=SERIES_TAKEN)
def book_series(clinic: Clinic, new: NewSeries) -> ShownSeries:
    """Book visits that recur by a rule, such as a weekly therapy: all of them at once, or none.

    A refusal names every date that is not free, with free times close by: exclude those dates, or move them to other
    times, and send the series again. Each visit is an ordinary appointment with `series_id` and `series_date`.
    """
    return booking.book(clinic, new)


@api.post("/series/check", roles=FRONT_DESK, requires_idempotency_key=False)
def check_series(clinic: Clinic, new: NewSeries) -> SeriesCheck:
    """Find out which dates of a series are free, before it is booked. Nothing is booked.

    On a free date the local time exists and happens once, the doctor works then, and neither doctor, patient nor room
    has another appointment.
    """
    return booking.check(clinic, new)


@api.get("/series/{id}", roles=FRONT_DESK)
def get_series(clinic: Clinic, id: str) -> ShownSeries:
    """Get a series with its visits."""
    return reading.get(clinic, id)


@api.post("/series/{id}/change", roles=FRONT_DESK, requires_if_match=True, problems=SERIES_TAKEN)
def change_series(clinic: Clinic, id: str, change: SeriesChange) -> ShownSeries:
    """Change a date of a series and all later ones, or all that are still to come.

    The series is cut before the first of them, and the answer is the new series that begins there, with its visits; a
    series without an earlier date is changed itself. Visits at another time are new appointments, as after
    `reschedule`; with another doctor or duration alone they stay the same. A visit that was moved to another time by
    itself stays as it is, unless `moved_dates` names it. Either all visits are changed or none.
    """
    return changing.change(clinic, id, change)


@api.post("/series/{id}/cancel", roles=FRONT_DESK, requires_idempotency_key=False, requires_if_match=True)
def cancel_series(clinic: Clinic, id: str, part: SeriesPart | None) -> ShownSeries:
    """Cancel a date of a series and all later ones, or all that are still to come.

    Visits that were moved by themselves are cancelled too. The answer has the cancelled visits.
    """
    return changing.cancel(clinic, id, part or SeriesPart())
