"""/api/v1/profile, /api/v1/me"""

from __future__ import annotations

from typing import Annotated

from shared.lazily import lazily
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ANYONE, DOCTORS
from shared.web.serialization import Document
from shared.web.signatures import RawBody

with lazily(globals()):
    from shared.records.clinic.calendar_feed import CalendarFeedState, IssuedCalendarFeed, NewCalendarFeed
    from shared.records.clinic.devices import Device, NewDevice
    from shared.records.clinic.me import Me
    from shared.records.clinic.profile import HasLogo, ProfileUpdate, UserProfile
    from shared.records.page import Page
    from shared.records.record import Detailed
    from shared.workflows.clinic import devices, profiles, staff
    from shared.workflows.scheduling import calendars

api = Api("profile")
me = Api("me")


@me.get("/", roles=ANYONE)
def read(clinic: Clinic) -> Me:
    """Get the caller: id, roles, the clinic's public settings, and the profile if there is one.

    The first request of an app after sign-in: it tells which screens the caller has.
    """
    return profiles.me(clinic)


@api.get("/", roles=ANYONE)
def get(clinic: Clinic) -> Detailed[UserProfile, HasLogo]:
    """Get the caller's own profile."""
    return profiles.get(clinic)


@api.put("/", roles=ANYONE, requires_if_match=False)
def put(clinic: Clinic, update: ProfileUpdate) -> Detailed[UserProfile, HasLogo]:
    """Create the caller's own profile without If-Match, or replace the revision in If-Match."""
    return profiles.put(clinic, update)


@api.get("/logo", roles=ANYONE)
def get_logo(clinic: Clinic) -> Annotated[Document, "image/png", "image/jpeg"]:
    """Get the caller's own logo, as it is printed. The ETag is that of the profile."""
    content, media_type, revision = profiles.logo(clinic)
    return Document(content, media_type, "logo", revision)


@api.put("/logo", roles=ANYONE)
def put_logo(
    clinic: Clinic, picture: Annotated[bytes, RawBody(("image/png", "image/jpeg"), 5_000_000)]
) -> Detailed[UserProfile, HasLogo]:
    """Set the logo of the caller's own profile; If-Match is that of the profile.

    What is kept is a picture of at most 600 by 300 pixels, without whatever else was in the file.
    """
    return profiles.put_logo(clinic, picture)


@api.delete("/logo", roles=ANYONE, status=204)
def delete_logo(clinic: Clinic) -> None:
    """Delete the logo of the caller's own profile; If-Match is that of the profile."""
    profiles.delete_logo(clinic)


@api.get("/devices", roles=ANYONE)
def list_devices(clinic: Clinic) -> Page[Device]:
    """List the caller's own devices that get push messages, the latest registered first. One page has all of them."""
    return devices.listed(clinic)


@api.post("/devices", roles=ANYONE, status=201)
def register_device(clinic: Clinic, new: NewDevice) -> Device:
    """Register a device for push messages, by its registration token of Firebase Cloud Messaging.

    A token that is registered already keeps its device id. At most 10 devices are kept: the one registered earliest
    gives way. Messages have ids only; docs/api.md describes them.
    """
    return devices.register(clinic, new)


@api.delete("/devices/{id}", roles=ANYONE, status=204, requires_if_match=False)
def remove_device(clinic: Clinic, id: str) -> None:
    """Remove one of the caller's own devices: it gets no more messages."""
    devices.remove(clinic, id)


@api.get("/calendar", roles=DOCTORS)
def get_calendar(clinic: Clinic) -> CalendarFeedState:
    """Tell whether the caller has a calendar feed (404 without one), and what it shows."""
    return calendars.get(clinic)


@api.post("/calendar", roles=DOCTORS, status=201)
def issue_calendar(clinic: Clinic, new: NewCalendarFeed) -> IssuedCalendarFeed:
    """Make a calendar feed (iCalendar) of the caller's appointments, in place of an earlier one.

    `url` is shown only now. A calendar program subscribes to it without a password, so whoever has it reads the feed:
    the times of the visits, and the names of the patients only with `with_names`.
    """
    return calendars.issue(clinic, new)


@api.delete("/calendar", roles=DOCTORS, status=204, requires_if_match=False)
def revoke_calendar(clinic: Clinic) -> None:
    """Revoke the caller's calendar feed: its URL is 404 at once. Calendars keep what they have until they ask again."""
    calendars.revoke(clinic)


@api.post("/sign-out", roles=ANYONE, status=204, requires_idempotency_key=False)
def sign_out(clinic: Clinic) -> None:
    """Sign the caller out on all devices: every ID token so far is refused from the next request on.

    All devices that were registered for push messages are removed.
    """
    staff.sign_out(clinic)


main = api.function(me)
