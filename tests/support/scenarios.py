"""A clinic with a user of every kind, and charts to read or to change."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import BytesIO
from threading import Lock

from PIL import Image

from local.demo.seed import SETTINGS
from local.services.auth.client import create_account
from local.services.razorpay.accounts import KEY_SECRET
from local.stack.environment import AUDIO_BUCKET, QUEUES
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.clinic.calendar_feed import CalendarFeed, OwnCalendar
from shared.records.clinic.devices import Devices, Platform, RegisteredDevice
from shared.records.clinic.logo import ClinicLogo
from shared.records.clinic.people import User
from shared.records.templates.style import StyleExamples
from shared.records.templates.template import TemplateVersion
from shared.records.types import Role, new_id
from shared.records.version import SettingsVersion
from shared.records.visits.recording import Recording
from shared.records.visits.session import Session
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.visits.object_names import recording_name
from tests.support.audio_files import UNDECODABLE
from tests.support.charts import LONG_AGO, Chart, plant
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic, clinic_with_profile, open_clinic
from tests.support.crashes import bucket_of, queues_of
from tests.support.database import alter
from tools import google_firestore
from tools.openapi import factories
from tools.openapi.operation_cases.billing import ONLINE_PAYMENT, PROVIDER
from tools.openapi.operation_cases.case import State
from tools.openapi.operation_cases.clinic_settings import PAYMENT_REMINDERS
from tools.openapi.operation_cases.reminders import POLICY
from tools.openapi.operation_cases.scheduling import SCHEDULE
from tools.openapi.operation_cases.templates import template


@dataclass(frozen=True)
class Person:
    """A user who sends requests."""

    name: str
    user_id: str
    clinic: TestClinic
    roles: frozenset[Role]


@dataclass
class Scenario:
    """A clinic with users of every kind, and a second clinic."""

    clinic: TestClinic
    other: TestClinic
    shared: str = field(default_factory=lambda: new_id(28))
    """The id of a doctor with whom every patient is shared to read."""
    writer: str = field(default_factory=lambda: new_id(28))
    """The id of a doctor with whom every patient is shared to write."""
    disabled: str = field(default_factory=lambda: new_id(28))
    """The id of a disabled doctor with whom every patient is shared as well."""
    colleague: str = field(default_factory=lambda: new_id(28))
    """The id of a doctor who sends no requests and to whom patients are transferred."""
    _fresh: dict[State, Chart] = field(default_factory=dict)
    _planting: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        # An expired token must be refused for its expiry alone, not because it was revoked.
        alter(self.clinic, f"users/{self.clinic.doctor.user_id}", {"tokens_valid_after": LONG_AGO})
        plant_user(self.clinic, self.shared, [Role.DOCTOR])
        plant_user(self.clinic, self.writer, [Role.DOCTOR])
        plant_user(self.clinic, self.colleague, [Role.DOCTOR])
        plant_user(self.clinic, self.disabled, [Role.DOCTOR, Role.ADMIN], disabled=True)

    @cached_property
    def chart(self) -> Chart:
        """A chart for requests that change none of its records."""
        return self._planted(State.VISIT)

    @cached_property
    def other_patient(self) -> str:
        """The id of a patient of the doctor, who consents to recordings and has no visit of the charts."""
        return str(self.clinic.patient().body["id"])

    def fresh_chart(self, state: State = State.VISIT) -> Chart:
        """A chart that no request has changed."""
        with self._planting:
            if state not in self._fresh:
                self._fresh[state] = self._planted(state)
            return self._fresh[state]

    def mark_used(self) -> None:
        """Discard the fresh charts, which a request has changed, and let its session exclude no other one."""
        self._fresh.clear()
        self.clinic.forget_running()

    def _planted(self, state: State) -> Chart:
        doctors = [self.shared, self.writer, self.disabled]
        chart = plant(self.clinic.id, self.clinic.doctor.user_id, doctors, state, writers=[self.writer])
        if state == State.RECORDED:
            name = recording_name(self.clinic.id, chart.id_of(Session), chart.id_of(Recording))
            bucket_of(self.clinic.stack, AUDIO_BUCKET).blob(name).upload_from_string(UNDECODABLE, "audio/flac")
        return chart


@contextmanager
def new_scenario(stack: Stack) -> Iterator[Scenario]:
    """A scenario in clinics of its own. Tasks that its requests enqueued are deleted at the end."""
    yield Scenario(clinic_with_profile(stack), open_clinic(stack))
    for queue in ("reports", "transcriptions", "exports"):
        queues_of(stack).purge_queue(name=f"{QUEUES}/{queue}")


def plant_user(clinic: TestClinic, user_id: str, roles: list[Role], *, disabled: bool = False) -> None:
    """Create a member of the staff without an invitation."""

    def transaction(work: UnitOfWork) -> None:
        work.keyring()
        values = {"id": user_id, "roles": roles, "disabled": disabled, "tokens_valid_after": LONG_AGO}
        work.create(factories.user(work.stamp, **values))

    create_account(clinic.stack.url, user_id, clinic.id)
    system_clinic(clinic.id, "planted").perform("user.plant", transaction)


def undo_sign_out(clinic: TestClinic, user_id: str, valid_after: datetime = LONG_AGO) -> None:
    """Make the earlier tokens of a user valid again, from this time on."""
    clinic.stack.wait_idle(60)
    alter(clinic, f"users/{user_id}", {"tokens_valid_after": valid_after})
    clinic.stack.wait_idle(60)
    accounts.sign_out(user_id, int(valid_after.timestamp()))


def signed_in_earlier(clinic: TestClinic, person: ApiClient, *, seconds_ago: int, second_factor: str = "") -> None:
    """Give a person the token of an earlier sign-in, and make the membership older than it."""
    alter(clinic, f"users/{person.user_id}", {"tokens_valid_after": LONG_AGO})
    person.sign_in(seconds_ago=seconds_ago, second_factor=second_factor)


def plant_profile(clinic: TestClinic, user_id: str, **values: str) -> None:
    """Reset a user's profile to its first revision, with a logo, and its excerpt."""

    def transaction(work: UnitOfWork) -> None:
        logo = base64.b64encode(picture()).decode()
        profile = factories.profile(user_id, work.stamp, logo=logo, **values)
        work.upsert(profile)
        if user := work.get_or_none(User.ref(user_id)):
            work.save_edit(user, user.with_excerpt(profile))

    system_clinic(clinic.id, "planted").perform("profile.plant", transaction)


def plant_calendar(clinic: TestClinic, user_id: str) -> None:
    """Give a user a calendar feed."""

    def transaction(work: UnitOfWork) -> None:
        feed = new_id()
        work.create(CalendarFeed.new(feed, work.stamp, doctor_id=user_id))
        work.upsert(OwnCalendar.new(user_id, work.stamp, feed_id=feed, issued_at=work.now))

    system_clinic(clinic.id, "planted").perform("calendar.plant", transaction)


def plant_device(clinic: TestClinic, user_id: str, device_id: str) -> None:
    """Give a user one device, with this id."""

    def transaction(work: UnitOfWork) -> None:
        token = f"planted-token-of-{user_id}"
        device = RegisteredDevice(id=device_id, platform=Platform.WEB, registered_at=work.now, token=token)
        work.upsert(Devices.new(user_id, work.stamp, registered=[device]))

    system_clinic(clinic.id, "planted").perform("device.plant", transaction)


def plant_templates(clinic: TestClinic, doctor_id: str | None, *versions: TemplateVersion) -> dict[str, str]:
    """Create public templates of a doctor, or of the clinic, with these versions; returns their ids by those given."""
    ids = {version.template_id: new_id() for version in versions}

    def transaction(work: UnitOfWork) -> None:
        work.keyring()
        for version in versions:
            parent = ids.get(version.parent_template_id or "")
            lineage = {"parent_template_id": parent, "parent_version": version.parent_version, "depth": version.depth}
            made = TemplateVersion.of(ids[version.template_id], version.number, version.content, work.stamp, **lineage)
            newest[made.template_id] = work.create(made)
        for made in newest.values():
            work.create(template(made, work.stamp, doctor_id=doctor_id))

    newest: dict[str, TemplateVersion] = {}
    system_clinic(clinic.id, "planted").perform("template.plant", transaction)
    return ids


def plant_schedule(clinic: TestClinic, doctor_id: str) -> None:
    """Give a doctor the working hours of the example, at revision 1."""

    def transaction(work: UnitOfWork) -> None:
        work.upsert(SCHEDULE.model_copy(update={"id": doctor_id}))

    system_clinic(clinic.id, "planted").perform("schedule.plant", transaction)


def plant_reminders(clinic: TestClinic) -> None:
    """Give a clinic the reminder policy of the example, at revision 1, but disabled: its other tests send nothing."""

    def transaction(work: UnitOfWork) -> None:
        work.upsert(POLICY.model_copy(update={"enabled": False}))

    system_clinic(clinic.id, "planted").perform("reminders.plant", transaction)


def plant_settings(clinic: TestClinic) -> None:
    """Reset the settings of a clinic to their first revision, with a logo and without earlier versions; its policy of
    payment reminders is that of the example, but disabled."""
    root = google_firestore.client().document("clinics", clinic.id)
    for version in root.collection(SettingsVersion.collection).stream():
        version.reference.delete()

    def transaction(work: UnitOfWork) -> None:
        settings, logo = work.settings(), ClinicLogo.of(picture(), work.stamp)
        work.upsert(logo)
        work.upsert(settings.amended(revision=1, logo_sha256=logo.id, payment_reminder_days=None, **SETTINGS))
        work.upsert(PAYMENT_REMINDERS.model_copy(update={"enabled": False}))

    system_clinic(clinic.id, "planted").perform("clinic.plant", transaction)


def plant_provider(clinic: TestClinic) -> None:
    """Give a clinic an account of its own at the local payment provider, at revision 1."""

    def transaction(work: UnitOfWork) -> None:
        key_id = f"rzp_test_{new_id(14)}"
        work.upsert(PROVIDER.copied(PROVIDER.id, key_id=key_id, stored_key_secret=KEY_SECRET))

    system_clinic(clinic.id, "planted").perform("payment_provider.plant", transaction)


def plant_online_payment(clinic: TestClinic) -> str:
    """Give a clinic the online payment of the example, which waits for a person, at revision 1."""

    def transaction(work: UnitOfWork) -> str:
        return work.upsert(ONLINE_PAYMENT.copied(ONLINE_PAYMENT.id)).id

    return system_clinic(clinic.id, "planted").perform("online_payment.plant", transaction)


def plant_style(clinic: TestClinic, user_id: str) -> None:
    """Reset the style examples of a user to their first revision."""

    def transaction(work: UnitOfWork) -> None:
        work.upsert(StyleExamples.new(user_id, work.stamp, examples=["Sleep: 7 h. Plan: as before."]))

    system_clinic(clinic.id, "planted").perform("style.plant", transaction)


def picture() -> bytes:
    """A small PNG."""
    content = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return content.getvalue()
