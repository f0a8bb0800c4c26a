"""How each operation is asked for something real, by whoever asks: what the tests of all operations have in common."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from threading import Lock
from typing import Any

from PIL import Image

from local.stack.environment import QUEUES
from local.stack.stack import Stack
from shared.records.billing.bill import Bill
from shared.records.clinic.people import User, UserProfile
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Record, Stamp
from shared.records.reports.report import Report
from shared.records.scheduling.appointment import Appointment
from shared.records.types import Role, new_id
from shared.records.visits.session import Session
from shared.records.visits.transcription import Transcription
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from shared.web.operations import Operation
from tests.support.charts import LONG_AGO, PRIVATE, Chart, State, plant
from tests.support.client import ApiClient, Reply
from tests.support.clinics import PROFILE, TestClinic, clinic_with_profile, open_clinic
from tests.support.crashes import queues_of
from tests.support.database import alter
from tools.openapi.document import apis

_ID_PARTS = re.compile(r"[a-z0-9]{8,}")


def operations() -> dict[str, Operation]:
    """Every operation of the API, by its resource and its name."""
    return {f"{api.resource}.{operation.name}": operation for api in apis() for operation in api.operations}


@dataclass(frozen=True)
class Person:
    """Somebody who asks."""

    name: str
    user_id: str
    clinic: TestClinic
    roles: frozenset[Role]


@dataclass
class World:
    """A clinic with people of every kind, and another one."""

    clinic: TestClinic
    other: TestClinic
    shared: str = field(default_factory=lambda: new_id(28))
    """The id of a doctor with whom all patients are shared."""
    disabled: str = field(default_factory=lambda: new_id(28))
    """Of one who is disabled, with whom they are shared, too."""
    colleague: str = field(default_factory=lambda: new_id(28))
    """Of one who asks for nothing: patients are given to them."""
    _unspent: dict[State, Chart] = field(default_factory=dict)
    _planting: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        # An expired token is to be refused for that alone.
        alter(self.clinic, f"users/{self.clinic.doctor.user_id}", {"tokens_valid_after": LONG_AGO})
        plant_user(self.clinic, self.shared, [Role.DOCTOR])
        plant_user(self.clinic, self.colleague, [Role.DOCTOR])
        plant_user(self.clinic, self.disabled, [Role.DOCTOR, Role.ADMIN], disabled=True)

    @cached_property
    def chart(self) -> Chart:
        """One that is only read."""
        return self._planted(State.USUAL)

    def unspent(self, state: State = State.USUAL) -> Chart:
        """One that nobody has changed yet."""
        with self._planting:
            if state not in self._unspent:
                self._unspent[state] = self._planted(state)
            return self._unspent[state]

    def spend(self) -> None:
        """The unspent ones were changed."""
        self._unspent.clear()

    def _planted(self, state: State) -> Chart:
        return plant(self.clinic.id, self.clinic.doctor.user_id, [self.shared, self.disabled], state)


@contextmanager
def new_world(stack: Stack) -> Iterator[World]:
    """A world of its own; the tasks that were asked for in it are not waited for."""
    yield World(clinic_with_profile(stack), open_clinic(stack))
    for queue in ("reports", "transcriptions"):
        queues_of(stack).purge_queue(name=f"{QUEUES}/{queue}")


@dataclass(frozen=True)
class Ask:
    """What is sent, besides the method and the path."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """What is asked for, by parameter of the path or field of the body."""
    body: Any = None
    etag: str = ""
    media_type: str = "application/json"

    def of_nothing(self, name: str) -> Ask:
        """The same about something that is not there, by an id of the same form."""
        known = self.ids[name]
        unknown = _ID_PARTS.sub(lambda part: new_id(len(part[0])), known)
        body = json.loads(json.dumps(self.body).replace(known, unknown))
        return Ask({**self.ids, name: unknown}, body, self.etag, self.media_type)

    def send(self, client: ApiClient, name: str, operation: Operation) -> Reply:
        """Ask it of an operation."""
        path = "/" + name.partition(".")[0] + operation.path.format(**self.ids)
        headers = {"Content-Type": self.media_type} if operation.media_types else {}
        if operation.accepts_idempotency_key:
            headers["Idempotency-Key"] = new_id()
        return client.send(operation.method, path, self.body, etag=self.etag, **headers)


SEEN = '"1"'
"""The ETag of what was planted."""
OF_A_PATIENT, OF_A_CLINIC, OF_ANYBODY = "patient", "clinic", "anybody"


@dataclass(frozen=True)
class Recipe:
    """How an operation is asked, and who may know of what it is about."""

    ask: Callable[[World, Person], Ask]
    of: str = OF_A_PATIENT
    """What is of a patient is not there for doctors who are strangers, nor for other clinics."""
    otherwise: Mapping[str, int] = field(default_factory=dict)
    """What some are answered who know of it and whose role would allow it."""
    vanishes: bool = False
    """Afterwards it is not there any more."""


NOT_THE_OWNER = {"doctor-shared": 403}
"""Only the responsible doctor and admins do this."""
NAMES = {"first_name": "Nova", "last_name": "Kurz", "date_of_birth": "1990-05-17"}


def _demographics(world: World, person: Person) -> Any:
    """A registration; who is no doctor names one of their clinic."""
    own = {} if Role.DOCTOR in person.roles else {"owner_id": person.clinic.doctor.user_id}
    return {**NAMES, **own, "allow_duplicate": True}


def _read(model: type[Record]) -> Recipe:
    """Something of a patient is read."""
    return Recipe(lambda world, person: Ask({"id": world.chart.id_of(model)}))


def _change(
    model: type[Record],
    body: Any = None,
    *,
    state: State = State.USUAL,
    etag: str = SEEN,
    otherwise: Mapping[str, int] | None = None,
    vanishes: bool = False,
) -> Recipe:
    """Something of a patient is changed."""

    def ask(world: World, person: Person) -> Ask:
        return Ask({"id": world.unspent(state).id_of(model)}, body, etag)

    return Recipe(ask, otherwise=otherwise or {}, vanishes=vanishes)


def _handed(doctor: str, *, named: bool) -> Recipe:
    """A patient is given to, or taken from, a doctor, who is named in the body or in the path."""

    def ask(world: World, person: Person) -> Ask:
        who, patient = getattr(world, doctor), world.unspent().id_of(Patient)
        if named:
            return Ask({"id": patient}, {"owner_id": who}, SEEN)
        return Ask({"id": patient, "doctor_id": who}, None, SEEN)

    return Recipe(ask, otherwise=NOT_THE_OWNER)


def _about_a_patient(body: Callable[[World], dict[str, Any]]) -> Recipe:
    """Something is made for a patient that the body names."""

    def ask(world: World, person: Person) -> Ask:
        patient = world.chart.id_of(Patient)
        return Ask({"patient_id": patient}, {"patient_id": patient, **body(world)})

    return Recipe(ask)


def _listed(body: Any = None) -> Recipe:
    """Everybody lists what they may see."""
    return Recipe(lambda world, person: Ask(body=body), of=OF_ANYBODY)


def _own_profile(body: Any = None, media_type: str = "application/json", etag: str = SEEN) -> Recipe:
    """The caller's own profile, planted anew, with a logo."""

    def ask(world: World, person: Person) -> Ask:
        plant_profile(person)
        return Ask(body=body, etag=etag, media_type=media_type)

    return Recipe(ask, of=OF_ANYBODY)


def _colleague(body: Any = None, *, etag: str = SEEN, disabled: bool = False) -> Recipe:
    """Somebody of the staff, planted anew."""

    def ask(world: World, person: Person) -> Ask:
        user_id = new_id(28)
        plant_user(world.clinic, user_id, [Role.RECEPTIONIST], disabled=disabled)
        return Ask({"id": user_id}, body, etag)

    return Recipe(ask, of=OF_A_CLINIC)


def _invitation(world: World, person: Person) -> Ask:
    return Ask(body={"email": f"{new_id()}@clinic.example", "roles": ["doctor"]})


def _picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(content, "PNG")
    return content.getvalue()


_EDIT = {"edits": [{"statement_id": "s1", "text": "Sleeps well.", "reason": "Misheard"}]}
_UPLOAD = {"content_type": "audio/flac", "size_bytes": 9}

RECIPES: dict[str, Recipe] = {
    "patients.newest": _listed(),
    "patients.register": Recipe(lambda world, person: Ask(body=_demographics(world, person)), of=OF_ANYBODY),
    "patients.search": _listed({"text": PRIVATE}),
    "patients.get": _read(Patient),
    "patients.sessions": _read(Patient),
    "patients.appointments": _read(Patient),
    "patients.bills": _read(Patient),
    "patients.reports": _read(Patient),
    "patients.write": _change(Patient, NAMES),
    "patients.change": _change(Patient, {"occupation": "Baker"}),
    "patients.delete": _change(Patient, otherwise=NOT_THE_OWNER, vanishes=True),
    "patients.restore": _change(Patient, state=State.DELETED, vanishes=True),
    "patients.share": _handed("colleague", named=False),
    "patients.withdraw": _handed("disabled", named=False),
    "patients.transfer": _handed("colleague", named=True),
    "sessions.start": _about_a_patient(lambda world: {"type": "followup"}),
    "sessions.get": _read(Session),
    "sessions.change": _change(Session, {"status": "paused"}),
    "sessions.complete": _change(Session),
    "sessions.cancel": _change(Session),
    "sessions.open_upload": _change(Session, _UPLOAD, etag=""),
    "sessions.transcription": _read(Session),
    "sessions.generate_report": _change(Session, state=State.UNWRITTEN, etag=""),
    "transcriptions.get": _read(Transcription),
    "transcriptions.regenerate": _change(Transcription),
    "reports.get": _read(Report),
    "reports.correct": _change(Report, _EDIT),
    "reports.review": _change(Report),
    # only the doctor of the visit signs
    "reports.sign": _change(Report, {}, otherwise={"doctor-shared": 403}),
    "reports.pdf": _read(Report),
    "bills.get": _read(Bill),
    "bills.pay": _change(Bill, {"amount": 100, "method": "cash"}),
    "bills.pdf": _read(Bill),
    "appointments.book": _about_a_patient(
        lambda world: {
            "doctor_id": world.clinic.doctor.user_id,
            "scheduled_at": "2099-01-01T10:00:00Z",
            "duration_minutes": 30,
        }
    ),
    "appointments.get": _read(Appointment),
    "profile.get": _own_profile(etag=""),
    "profile.put": _own_profile(PROFILE),
    "profile.get_logo": _own_profile(etag=""),
    "profile.put_logo": _own_profile(_picture(), "image/png"),
    "profile.delete_logo": _own_profile(),
    "users.list_users": _listed(),
    "users.list_doctors": _listed(),
    "users.invite": Recipe(_invitation, of=OF_ANYBODY),
    "users.get": _colleague(etag=""),
    "users.set_roles": _colleague({"roles": ["doctor"]}),
    "users.disable": _colleague(),
    "users.enable": _colleague(disabled=True),
}
"""By the operation's resource and name."""


def plant_user(clinic: TestClinic, user_id: str, roles: list[Role], *, disabled: bool = False) -> None:
    """Somebody of the staff, who was never invited."""
    values = {"email": f"{user_id}@clinic.example", "roles": roles, "disabled": disabled}

    def transaction(work: UnitOfWork) -> None:
        work.keyring()
        work.create(User.new(user_id, Stamp(SYSTEM, work.now), tokens_valid_after=LONG_AGO, **values))

    system_clinic(clinic.id, "planted").perform("user.plant", transaction)


def plant_profile(person: Person) -> None:
    """The person's profile as it is at first, with a logo."""

    def transaction(work: UnitOfWork) -> None:
        values = {**PROFILE, "logo": base64.b64encode(_picture()).decode()}
        work.upsert(UserProfile.new(person.user_id, Stamp(SYSTEM, work.now), **values))

    system_clinic(person.clinic.id, "planted").perform("profile.plant", transaction)
