"""One try at one change: reads together what it needs, and collects what it will write."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from google.cloud import firestore

from shared.records import numbering
from shared.records.clinic.people import User
from shared.records.clinic.settings import ClinicSettings
from shared.records.numbering import Series
from shared.records.patients.patient import Patient
from shared.records.patients.terms import terms_of
from shared.records.problems import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, Unauthenticated
from shared.records.record import SYSTEM, Keyset, R, Record, Ref, Stamp, patient_of
from shared.records.types import Role
from shared.store import codec, database
from shared.store.idempotency import Idempotency, Replayed
from shared.vault.keyring import Keyring, PatientKeys

if TYPE_CHECKING:
    from tink.aead import Aead

    from shared.store.clinic import Clinic

FRONT_DESK = "front-desk"
"""The scope of search tokens of those who see all patients."""
KEYS = "keys/clinic"


class UnitOfWork:
    """What a story sees: records to read, and a change to make. Nothing is written before the story ends."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._root = f"clinics/{clinic.id}"
        self._snapshots: dict[str, Any] = {}
        self._patient_keys: dict[str, PatientKeys] = {}
        self._care_keys: dict[str, Aead] = {}
        """Of patients that a list found, from the copy in their documents."""
        self._keyring: Keyring | None = None
        self._warm = clinic.keyrings.get(clinic.id)
        """Looked up once: it may be forgotten while we read."""
        self.now: datetime = clinic.clock()
        self.user_id = clinic.caller.user_id
        self.user: User | None = None
        self.clinical = True
        """Whether the caller may see clinical fields of every patient read so far."""
        self.patients: set[str] = set()
        self.documents: set[str] = set()
        self.granted: set[str] = set()
        """User id and role of those whose record is written."""
        self.batch: firestore.WriteBatch = database.client().batch()

    # Reading

    def prefetch(self, *wanted: Ref[Any] | str) -> None:
        """Read records (or raw paths) in one call, with what every request needs: caller, keys, earlier answer.

        What belongs to a patient comes with the patient and the patient's keys.
        """
        paths = self._standing_paths()
        for want in wanted:
            paths += [want] if isinstance(want, str) else self._paths_of(want)
        self.patients |= {patient for want in wanted if (patient := _patient_asked_for(want))}
        missing = [path for path in dict.fromkeys(paths) if path not in self._snapshots]
        if missing:
            references = {self._reference(path): path for path in missing}
            for snapshot in database.client().get_all(list(references)):
                self._snapshots[references[snapshot.reference]] = snapshot
        if self._keyring is None:
            self._enter()

    def get_or_none(self, ref: Ref[R], *, live: bool = True) -> R | None:
        """The record, or none when there is no such live record (or deleted one, if that is asked for).

        Raises NotFound for a stranger's patient.
        """
        ref = self._resolved(ref)
        self.prefetch(ref)
        snapshot = self._snapshots[ref.path]
        if ref.model.keyset != Keyset.CLINIC:
            self._admit(patient_of(ref.id), live=live or ref.model is not Patient)
        if not snapshot.exists or snapshot.get("live") != live:
            return None
        self.documents.add(ref.path)
        return self._decode(ref, snapshot.to_dict())

    def get(self, ref: Ref[R], *, live: bool = True) -> R:
        """The record. Raises NotFound when there is none that the caller may see."""
        record = self.get_or_none(ref, live=live)
        if record is None:
            raise NotFound
        return record

    def get_for_update(self, ref: Ref[R], *, live: bool = True) -> R:
        """The record, to be changed: it must be the revision that the client saw. Raises Stale otherwise."""
        record = self.get(ref, live=live)
        if self._clinic.if_match is None:
            raise PreconditionRequired
        if self._clinic.if_match != record.revision:
            raise PreconditionFailed
        return record

    def get_or_none_for_update(self, ref: Ref[R]) -> R | None:
        """The record, to be changed, or none when it is to be created; Stale when the client saw one then."""
        if self.get_or_none(ref) is not None:
            return self.get_for_update(ref)
        if self._clinic.if_match is not None:
            raise PreconditionFailed
        return None

    def from_snapshot(self, model: type[R], snapshot: Any) -> R:
        """A record that a query of the clinic found. Raises NotFound when the caller may not see it.

        Of what belongs to a patient, the patient must have been read before.
        """
        ref, document = model.ref(snapshot.id), snapshot.to_dict()
        self._snapshots[ref.path] = snapshot
        if model.keyset != Keyset.CLINIC:
            patient = patient_of(ref.id)
            self._admit(patient, live=document["live"] or model is not Patient)
            if model is Patient and patient not in self._care_keys:
                self._care_keys[patient] = self.keyring().patient_key(patient, document, Keyset.CARE)
        self.documents.add(ref.path)
        return self._decode(ref, document)

    def keyring(self) -> Keyring:
        """The clinic's keys; reads what every request needs, if nothing was read before."""
        if self._keyring is None:
            self.prefetch()
        assert self._keyring is not None
        return self._keyring

    @property
    def clinic_id(self) -> str:
        return self._clinic.id

    @property
    def scope(self) -> str:
        """Whose search tokens the caller finds patients by: the front desk's, or a doctor's own."""
        return FRONT_DESK if self._sees_all_patients() else self.user_id

    @property
    def stamp(self) -> Stamp:
        """Who makes this change, and when."""
        return Stamp(self.user_id, self.now)

    def settings_ref(self) -> Ref[ClinicSettings]:
        """Where the clinic's settings are, to fetch them with other things."""
        return ClinicSettings.ref(self._clinic.id)

    def settings(self) -> ClinicSettings:
        """The clinic's settings."""
        return self.get(self.settings_ref())

    # Writing

    def create(self, record: R) -> R:
        """A document that must not exist yet."""
        extra = {}
        if isinstance(record, Patient):
            keys = self._create_patient_keys(record.id)
            self.clinical = self.clinical and self._treats(record.owner_id, record.shared_with)
            # A copy, so that a page of patients opens without reading the keys of each. It is erased with the rest.
            extra = {Keyset.CARE.value: keys[Keyset.CARE.value]}
        self.batch.create(self._reference(self._path(record)), self._encode(record) | extra)
        return record

    def save(self, record: R) -> R:
        """A document as it now is, if nobody changed it since it was read."""
        path = self._path(record)
        self.batch.update(self._reference(path), self._encode(record), self._unchanged(path))
        return record

    def upsert(self, record: R) -> R:
        """Create or replace, whichever it takes."""
        self.prefetch(type(record).ref(record.id))
        self._write(self._path(record), self._encode(record))
        return record

    def require_unchanged(self, record: Record) -> None:
        """The change holds only if this record, which it relied on, is unchanged; the record itself is not touched."""
        path = self._path(record)
        self.batch.update(self._reference(path), {"guard": firestore.DELETE_FIELD}, self._unchanged(path))

    def next_number(self, series: Series, target_id: str) -> str:
        """The next number of a series, counted and reserved in this same change: no gap, no twin."""
        self.prefetch(series.counter)
        snapshot = self._snapshots[series.counter]
        counts: dict[str, int] = dict(snapshot.get("counts")) if snapshot.exists else {}
        counts[series.year] = counts.get(series.year, 0) + 1
        self._write(series.counter, {"counts": counts})
        number = series.write(counts[series.year])
        self.batch.create(self._reference(_reservation(number)), {"id": target_id})
        return number

    def progress(self, session_id: str, **state: str) -> None:
        """Tell the apps that listen how far a session is: states only, no text."""
        self.batch.set(self._reference(f"progress/{session_id}"), {**state, "at": self.now}, merge=True)

    # What the clinic's commit needs

    @property
    def opened_keyring(self) -> Keyring | None:
        """The clinic's keys; none before the first read."""
        return self._keyring

    def store_response(self, result: Any) -> None:
        """Seal the answer of an idempotent request into the change."""
        idempotency = self._clinic.idempotency
        if idempotency is None or self._keyring is None:
            return
        given = idempotency.candidate(result, sorted(self.patients), clinical=self.clinical)
        # An earlier one is expired, or it would have been replayed.
        self._write(idempotency.path, idempotency.document(given, self._keyring, self.now))

    # Inside

    def _standing_paths(self) -> list[str]:
        if self._keyring is not None:
            return []
        paths = [] if self._clinic.caller.user_id == SYSTEM else [User.path_of(self.user_id)]
        if self._warm is None:
            paths.append(KEYS)
        if self._clinic.idempotency:
            paths.append(self._clinic.idempotency.path)
        return paths

    def _paths_of(self, ref: Ref[Any]) -> list[str]:
        if _is_number(ref):
            return [_reservation(ref.id)]
        if ref.model.keyset == Keyset.CLINIC:
            return [ref.path]
        patient = patient_of(ref.id)
        return [ref.path, Patient.path_of(patient), f"patient_keys/{patient}"]

    def _enter(self) -> None:
        """After the first read: open the keys, check the caller, answer a repeated request."""
        clinic = self._clinic
        # Another request may have opened it while this one was reading.
        keyring = self._warm or clinic.keyrings.get(clinic.id)
        if keyring is None:
            keys = self._snapshots[KEYS]
            if not keys.exists:
                raise Forbidden
            keyring = clinic.keyrings.unlock(clinic.id, keys.to_dict())
        self._keyring = keyring
        self._check_caller()
        if clinic.idempotency:
            self._replay(clinic.idempotency, keyring)

    def _replay(self, idempotency: Idempotency, keyring: Keyring) -> None:
        """Raises Replayed when the request was done before, if the caller may still be told what was told then."""
        snapshot = self._snapshots[idempotency.path]
        earlier = idempotency.stored_candidate(snapshot.to_dict(), keyring, self.now) if snapshot.exists else None
        if earlier is None:
            return
        self.prefetch(*map(Patient.path_of, earlier.patient_ids))
        for patient_id in earlier.patient_ids:
            self._admit(patient_id)
        if earlier.clinical and not self.clinical:
            raise Forbidden
        raise Replayed(earlier.answer)

    def _check_caller(self) -> None:
        caller = self._clinic.caller
        if caller.user_id == SYSTEM:
            return
        snapshot = self._snapshots[User.path_of(caller.user_id)]
        if not snapshot.exists or not snapshot.get("live"):
            raise Forbidden
        self.user = self._decode(User.ref(caller.user_id), snapshot.to_dict())
        if not self.user.accepts(caller.token_issued_at):
            raise Unauthenticated
        if not self.user.may(caller.allowed):
            raise Forbidden

    def _admit(self, patient_id: str, *, live: bool = True) -> None:
        """The caller may know of this patient, or NotFound: a stranger cannot tell it from a missing one."""
        self.patients.add(patient_id)
        if self.user is None:
            return
        snapshot = self._snapshots[Patient.path_of(patient_id)]
        if not snapshot.exists or snapshot.get("live") != live:
            raise NotFound
        clinical = self._treats(snapshot.get("owner_id"), snapshot.get("shared_with"))
        if not clinical and not self._sees_all_patients():
            raise NotFound
        self.clinical = self.clinical and clinical

    def _sees_all_patients(self) -> bool:
        """Whether the caller knows of every patient of the clinic, in this operation."""
        if self.user is None or Role.ADMIN in self.user.roles:
            return True
        return Role.RECEPTIONIST in self.user.roles and Role.RECEPTIONIST in self._clinic.caller.allowed

    def _treats(self, owner_id: str, shared_with: list[str]) -> bool:
        """Whether clinical content of a patient is open to the caller."""
        if self.user is None or Role.ADMIN in self.user.roles:
            return True
        return Role.DOCTOR in self.user.roles and self.user_id in (owner_id, *shared_with)

    def _resolved(self, ref: Ref[R]) -> Ref[R]:
        """A number such as PAT-20260001 is looked up; an id stays."""
        if not _is_number(ref):
            return ref
        self.prefetch(ref)
        snapshot = self._snapshots[_reservation(ref.id)]
        if not snapshot.exists:
            raise NotFound
        return Ref(ref.model, snapshot.get("id"))

    def _create_patient_keys(self, patient_id: str) -> dict[str, bytes]:
        keyring = self.keyring()
        document = keyring.new_patient_keys(patient_id)
        self._patient_keys[patient_id] = keyring.patient_keys(patient_id, document)
        self.batch.create(self._reference(f"patient_keys/{patient_id}"), document)
        return document

    def _key_of(self, model: type[Record], id: str) -> tuple[Any, str]:
        """The key that seals a record, and the key's id."""
        keyring = self.keyring()
        if model.keyset == Keyset.CLINIC:
            return keyring.aead, "clinic"
        patient = patient_of(id)
        if model.keyset == Keyset.CARE and patient in self._care_keys:
            return self._care_keys[patient], f"{patient}/{model.keyset.value}"
        if patient not in self._patient_keys:
            path = f"patient_keys/{patient}"
            self.prefetch(path)
            snapshot = self._snapshots[path]
            if not snapshot.exists:
                raise NotFound
            self._patient_keys[patient] = keyring.patient_keys(patient, snapshot.to_dict())
        key = self._patient_keys[patient].of(model.keyset)
        if key is None:
            raise NotFound
        return key, f"{patient}/{model.keyset.value}"

    def _decode(self, ref: Ref[R], document: dict[str, Any]) -> R:
        key, key_id = self._key_of(ref.model, ref.id)
        return codec.decode(ref.model, document, key, self._clinic.id, key_id)

    def _encode(self, record: Record) -> dict[str, Any]:
        key, key_id = self._key_of(type(record), record.id)
        document = codec.encode(record, key, self._clinic.id, key_id)
        if isinstance(record, Patient):
            document["tokens"] = self._tokens(record)
        if isinstance(record, User):
            self.granted |= {f"{record.id} {role}" for role in record.roles}
        self.documents.add(self._path(record))
        if type(record).keyset != Keyset.CLINIC:
            self.patients.add(patient_of(record.id))
        return document

    def _tokens(self, patient: Patient) -> list[bytes]:
        keyring = self.keyring()
        scopes = [FRONT_DESK, *dict.fromkeys([patient.owner_id, *patient.shared_with])]
        terms = sorted(terms_of(patient))
        return [keyring.token(scope, kind, value) for scope in scopes for kind, value in terms]

    def _write(self, path: str, document: dict[str, Any]) -> None:
        """Create a document that was read and is not there, or replace it if nobody changed it since."""
        if self._snapshots[path].exists:
            self.batch.update(self._reference(path), document, self._unchanged(path))
        else:
            self.batch.create(self._reference(path), document)

    def _unchanged(self, path: str) -> Any:
        """The precondition that a document is as it was read."""
        return database.client().write_option(last_update_time=self._snapshots[path].update_time)

    def _path(self, record: Record) -> str:
        return type(record).path_of(record.id)

    def _reference(self, path: str) -> Any:
        return database.client().document(f"{self._root}/{path}" if path else self._root)


def _reservation(number: str) -> str:
    """The document that says whose number this is."""
    return f"numbers/{number}"


def _is_number(ref: Ref[Any]) -> bool:
    """Whether a number stands for the id. What belongs to no patient has none: there it is an id that nothing has."""
    return ref.model.keyset != Keyset.CLINIC and numbering.is_number(ref.id)


def _patient_asked_for(want: Ref[Any] | str) -> str:
    """The id of the patient that a read is about, as the caller named it; empty when it is about none."""
    if isinstance(want, str) or want.model.keyset == Keyset.CLINIC or _is_number(want):
        return ""
    return patient_of(want.id)
