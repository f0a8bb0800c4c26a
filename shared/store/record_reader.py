"""Reading records: opened, and only what the caller may see."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from shared.lazily import lazily
from shared.records import numbering
from shared.records.clinic.people import User
from shared.records.clinic.settings import ClinicSettings
from shared.records.patients.patient import Patient
from shared.records.problems import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from shared.records.record import SYSTEM, Keyset, R, Record, Ref
from shared.records.types import Role, local_date
from shared.store import clinic_keys, numbers
from shared.store.access import Access
from shared.store.admission import Admission
from shared.store.context import RequestContext
from shared.store.firestore.snapshot import Snapshot
from shared.store.idempotency import Idempotency, Replayed
from shared.store.integrity import reading
from shared.store.reader import Reader, paths_of, patient_named_by
from shared.store.record_keys import RecordKeys
from shared.store.sequences import is_number, reservation
from shared.store.touched import Touched
from shared.vault.keyring import Keyring

with lazily(globals()):
    from shared.records.reports.report import Report


class RecordReader:
    """The reading half of a unit of work. The first read checks the caller, opens the clinic's keys and replays a
    stored response."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._reader = Reader(context.clinic_id)
        self._admission = Admission(context.caller)
        self._idempotency = context.idempotency
        self._record_keys: RecordKeys | None = None
        self._warm = context.keyrings.get(context.clinic_id)
        """Looked up once: the keyring may expire during the read."""
        self._touched = Touched()
        self._access = Access(self._admission, self._reader, self._touched)
        self._expected: tuple[Ref[Any], ...] = ()
        self.now: datetime = context.clock()

    def prefetch(self, *refs: Ref[Any] | str) -> None:
        """Read records (or raw paths) in one call, with what every request needs: caller, keys, stored response.

        Records of a patient come with the patient, whose document has the patient's keys.
        """
        refs, self._expected = (*refs, *self._expected), ()
        paths = self._standing_paths() + [path for each in refs for path in paths_of(each)]
        self._touched.patients |= {patient for each in refs if (patient := patient_named_by(each))}
        self._reader.read(paths)
        if self._record_keys is None:
            self._enter()

    def expect(self, *refs: Ref[Any]) -> None:
        """Let the next read include these records, which saves a call later."""
        self._expected += refs

    def forget(self, ref: Ref[Any]) -> None:
        """Let the next read of a record see it as it is then: of a record that may have been created since the first
        read, as another one says that was read later."""
        self._reader.forget(ref.path)

    def exists(self, ref: Ref[Any]) -> bool:
        """True if there is a live record. It is not opened; the caller must have been admitted to its patient."""
        self.prefetch(ref)
        snapshot = self._reader.snapshot(ref.path)
        return snapshot.exists and bool(snapshot.get("live"))

    def get_or_none(self, ref: Ref[R], *, live: bool = True) -> R | None:
        """The live record (with `live=False`, the deleted one), or None.

        Raises NotFound when it belongs to a patient that the caller may not see, unless the record itself is shared
        with the caller.
        """
        ref = self._resolve_number(ref)
        snapshot = self._admitted_snapshot(ref, live=live)
        return None if snapshot is None else self._record_of(ref, snapshot)

    def get(self, ref: Ref[R], *, live: bool = True) -> R:
        """The record. Raises NotFound when there is none that the caller may see."""
        record = self.get_or_none(ref, live=live)
        if record is None:
            raise NotFound
        return record

    def get_for_update(self, ref: Ref[R], *, live: bool = True) -> R:
        """The record, to be changed. Raises as `require_seen`."""
        record = self.get(ref, live=live)
        self.require_seen(record)
        return record

    def require_seen(self, record: Record) -> None:
        """Raises PreconditionRequired without If-Match, PreconditionFailed when the record has another revision."""
        if self._context.if_match is None:
            raise PreconditionRequired
        if self._context.if_match != record.revision:
            raise PreconditionFailed

    def get_or_none_for_update(self, ref: Ref[R]) -> R | None:
        """The record, to be changed, or None when it is to be created. Raises PreconditionFailed when If-Match names a
        revision of a record that does not exist."""
        if self.get_or_none(ref) is not None:
            return self.get_for_update(ref)
        if self._context.if_match is not None:
            raise PreconditionFailed
        return None

    def from_snapshot(self, model: type[R], snapshot: Snapshot) -> R:
        """The record that a query found; its patient was read before. Raises NotFound if the caller may not see it."""
        ref = model.ref(snapshot.id)
        self._reader.add(ref.path, snapshot)
        if model.keyset != Keyset.CLINIC:
            self._access.admit_to(ref, snapshot, live=snapshot.get("live") or model is not Patient)
        return self._record_of(ref, snapshot)

    def keyring(self) -> Keyring:
        """The clinic's opened keys; the first call reads and checks what every request needs."""
        return self._keys().keyring

    def settings_ref(self) -> Ref[ClinicSettings]:
        """The ref of the clinic's settings, to prefetch them with other records."""
        return ClinicSettings.ref(self.clinic_id)

    def settings(self) -> ClinicSettings:
        return self.get(self.settings_ref())

    def today(self) -> date:
        """The date in the clinic's time zone."""
        return local_date(self.now, self.settings().time_zone)

    @property
    def clinic_id(self) -> str:
        return self._context.clinic_id

    @property
    def user_id(self) -> str:
        return self._context.caller.user_id

    def require_fresh_sign_in(self) -> None:
        """Raises FreshSignInRequired unless the caller signed in within the last 5 minutes."""
        self._context.caller.require_fresh_sign_in(self.now)

    def require_second_factor(self) -> None:
        """Raises SecondFactorRequired unless the caller signed in with a second factor."""
        self._context.caller.require_second_factor()

    @property
    def user(self) -> User | None:
        """The caller's record; None for the system and before the first read."""
        return self._admission.user

    @property
    def scope(self) -> str:
        """The scope of the search tokens that the caller finds patients by."""
        return self._admission.scope

    @property
    def clinical(self) -> bool:
        """True while the caller may see the clinical fields of every patient read so far."""
        return self._admission.clinical

    def has_role(self, role: Role) -> bool:
        return self._admission.has_role(role)

    def _keys(self) -> RecordKeys:
        if self._record_keys is None:
            self.prefetch()
        assert self._record_keys is not None
        return self._record_keys

    def _standing_paths(self) -> list[str]:
        """What every request reads, once."""
        if self._record_keys is not None:
            return []
        paths = [] if self.user_id == SYSTEM else [User.path_of(self.user_id)]
        if self._warm is None:
            paths.append(clinic_keys.PATH)
        if self._idempotency:
            target = self._idempotency.target
            paths.append(reservation(target) if numbering.is_number(target) else self._idempotency.path)
        return paths

    def _enter(self) -> None:
        """After the first read: open the keys, check the caller, replay a stored response."""
        self._record_keys = RecordKeys(self._open_keyring(), self._reader.get)
        if self.user_id != SYSTEM:
            self._check_user()
        if self._idempotency:
            self._idempotency = numbers.resolve_target(self._reader, self._idempotency)
            self._replay(self._idempotency)

    def _open_keyring(self) -> Keyring:
        # Another request may have opened it while this one was reading.
        keyring = self._warm or self._context.keyrings.get(self.clinic_id)
        if keyring is not None:
            return keyring
        return clinic_keys.unlock(self.clinic_id, self._reader.snapshot(clinic_keys.PATH), self._context.keyrings)

    def _check_user(self) -> None:
        snapshot = self._reader.snapshot(User.path_of(self.user_id))
        if not snapshot.exists or not snapshot.get("live"):
            raise Forbidden
        self._admission.check_user(self._keys().decode(User.ref(self.user_id), snapshot))

    def _replay(self, idempotency: Idempotency) -> None:
        """Raises Replayed when the request was done before and the caller may still see what the response says."""
        snapshot = self._reader.snapshot(idempotency.path)
        if not snapshot.exists:
            return
        with reading(self.clinic_id, "StoredResponse", snapshot.id):
            candidate = idempotency.stored_candidate(snapshot.to_dict(), self.keyring(), self.now)
        if candidate is None:
            return
        self.prefetch(*map(Patient.path_of, (*candidate.patient_ids, *candidate.identified_ids)))
        self._access.admit_each(candidate.patient_ids)
        for report_id in candidate.report_ids:
            self.get(Report.ref(report_id))
        if candidate.clinical and not self.clinical:
            raise Forbidden
        self._access.admit_each(candidate.identified_ids)
        raise Replayed(candidate.response)

    def _admitted_snapshot(self, ref: Ref[Any], *, live: bool) -> Snapshot | None:
        """The document of a live record (with `live=False`, of the deleted one), or None; raises as `get_or_none`."""
        self.prefetch(ref)
        snapshot = self._reader.snapshot(ref.path)
        if ref.model.keyset != Keyset.CLINIC:
            self._access.admit_to(ref, snapshot, live=live or ref.model is not Patient)
        if not snapshot.exists:
            return None
        named_by_kept = live and ref.model is Patient and self._access.is_kept(ref, snapshot)
        return snapshot if snapshot.get("live") == live or named_by_kept else None

    def _record_of(self, ref: Ref[R], snapshot: Snapshot) -> R:
        self._touched.add_read(ref.model, ref.path)
        return self._keys().decode(ref, snapshot)

    def _resolve_number(self, ref: Ref[R]) -> Ref[R]:
        if not is_number(ref):
            return ref
        self.prefetch(ref)
        return numbers.resolve(self._reader, ref)
