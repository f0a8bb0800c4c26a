"""One attempt at one change: it reads together what the change needs, and collects what the commit will write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records.patients.merging import followed
from shared.records.patients.patient import Patient
from shared.records.record import SYSTEM, Keyset, R, Record, Stamp, patient_of
from shared.records.version import version_of
from shared.store import patient_tokens, template_uses
from shared.store.audit import Entry, audit_path
from shared.store.context import RequestContext
from shared.store.counting import Counting
from shared.store.passcode_quota import COUNT as WRONG_PASSCODES
from shared.store.passcode_quota import MOST_IN_HOUR, PasscodeQuota
from shared.store.patient_tokens import TOKENS
from shared.store.reader import patient_keys_path
from shared.store.shown_quota import COUNT, ShownQuota


class UnitOfWork(Counting):
    """What a transaction sees: records to read, and a change to make. Nothing is written before the commit."""

    def __init__(self, context: RequestContext, *, is_retry: bool = False) -> None:
        super().__init__(context)
        self.is_retry = is_retry
        """True if an earlier attempt at the same change was not committed: another change came first."""
        self._shown_in_hour: int | None = None
        self._outcome = "done"
        self._saved: dict[str, Patient] = {}
        """The patients that this change writes, by id."""
        self._published: dict[str, dict[str, Any]] = {}
        """What listening apps learn with this commit, by session."""

    @property
    def stamp(self) -> Stamp:
        """Who makes this change, and when."""
        return Stamp(self.user_id, self.now)

    @property
    def origin_address(self) -> str:
        """The IP address that the request came from; empty if it is unknown."""
        return self._context.origin.address

    def show_kept(self) -> None:
        """Let callers read what the clinic keeps of deleted patients (`Record.is_kept`), if they could read it before.
        The patient is then read too, and is marked as deleted where the record names them."""
        self._access.shows_kept = True

    def create(self, record: R) -> R:
        """Write a record that must not exist yet."""
        if isinstance(record, Patient):
            self._changes.create(patient_keys_path(record.id), self._keys().create_patient_keys(record.id))
            self._admission.admit_new(record.owner_id, record.shared_with)
        self._changes.create(_path(record), self._encode(record))
        return record

    def save(self, record: R) -> R:
        """Write a record that must be unchanged since it was read, and the version that a person's change leaves."""
        # Of the clinic's own records the system changes none by itself: there it stands for the platform's operator.
        if record.versioned and (self.user_id != SYSTEM or record.keyset == Keyset.CLINIC):
            self._keep_version(record)
        if isinstance(record, Patient):
            self._saved[record.id] = record
            self._let_merged_follow(record)
        self._changes.update(_path(record), self._encode(record))
        return record

    def save_edit(self, before: R, after: R) -> R:
        """As `save`, unless the edit changed nothing: `after` is then `before` itself."""
        return after if after is before else self.save(after)

    def index(self, patient: Patient) -> None:
        """Write a patient who was read as it is, with its search tokens computed again."""
        self._changes.update(_path(patient), self._encode(patient, indexed=True))

    def upsert(self, record: R) -> R:
        """Create or replace a record."""
        self.prefetch(type(record).ref(record.id))
        self._changes.upsert(_path(record), self._encode(record))
        return record

    def require_unchanged(self, record: Record) -> None:
        """Let the commit fail if this record changed since it was read; the record itself is not written."""
        self._changes.require_unchanged(_path(record))

    def touch(self, record: Record) -> None:
        """As `require_unchanged`; moreover, of concurrent commits that touch or write this record, one is retried."""
        self._changes.touch(_path(record))

    def others_of(self, survivor: Patient) -> list[Patient]:
        """The records that are merged into a patient once this change is committed, the earliest merge first."""
        if not survivor.merged_patient_ids:
            return []
        stored = [id for id in survivor.merged_patient_ids if id not in self._saved]
        read = self.merged_into(survivor.amended(merged_patient_ids=stored))
        return [*read, *(self._saved[id] for id in survivor.merged_patient_ids if id in self._saved)]

    def progress(self, session_id: str, **state: str | Mapping[str, str]) -> None:
        """Publish the state of a session to listening apps: states only, no text. Other entries of a mapping stay. A
        commit writes the document once."""
        published = self._published.setdefault(session_id, {})
        for name, value in state.items():
            before = published.get(name, {})
            published[name] = {**before, **value} if isinstance(value, Mapping) else value

    def count_template_use(self, template_id: str, doctor_id: str) -> None:
        """Count a report of a doctor that is written with a template, in this commit."""
        path, last = template_uses.path_of(doctor_id), {template_uses.LAST: {template_id: self.now}}
        self._changes.count(path, template_uses.COUNTS, template_id, last)

    def passcodes_left(self, quota: PasscodeQuota) -> bool:
        """True if further passcodes may be tried at this link in this hour."""
        self.prefetch(quota.path)
        counter = self._reader.snapshot(quota.path)
        return not counter.exists or counter.get(WRONG_PASSCODES) < MOST_IN_HOUR

    def count_wrong_passcode(self, quota: PasscodeQuota) -> None:
        """Count a wrong passcode in this commit, which is audited as such although it is done."""
        self._outcome = "wrong-passcode"
        self._changes.add(quota.path, WRONG_PASSCODES, 1, {"expires_at": quota.expires_at})

    def answer_without_clinical(self) -> None:
        """Leave clinical fields out of the response, though the caller could see them before this change."""
        self._admission.clinical = False

    # What Clinic calls

    @property
    def is_open(self) -> bool:
        """True once the clinic's keys are open; before that no data was read."""
        return self._record_keys is not None

    def store_response(self, result: Any) -> None:
        """Add the response of an idempotent request to the commit."""
        idempotency = self._idempotency
        if idempotency is None or not self.is_open:
            return
        alone = sorted(self._access.shared_alone)
        identified = self._touched.identified
        patients = sorted(self._touched.patients - {patient_of(report_id) for report_id in alone} - identified)
        candidate = idempotency.candidate(result, patients, alone, sorted(identified), clinical=self.clinical)
        # An earlier document has expired, or its response would have been replayed.
        self._changes.upsert(idempotency.path, idempotency.document(candidate, self.keyring(), self.now))

    @property
    def touches_patients(self) -> bool:
        """True if a record of a patient was read or will be written."""
        return bool(self._touched.patients)

    def audit_entry(self, entry_id: str, action: str, outcome: str = "", attempt: int = 0) -> Entry:
        """The audit entry of what was read and will be written; without an outcome that of the transaction."""
        result = {"action": action, "outcome": outcome or self._outcome, "attempt": attempt}
        return self._touched.entry(entry_id, self._context, self.user, self.now, **result)

    def commit(self, entry: Entry) -> None:
        """Write everything, the audit entry and the count of shown records in one commit. Raises ApiError.

        The turns of this change end, whether it is committed or not.
        """
        try:
            assert self.is_open, "a transaction must read before it writes"
            for session_id, state in self._published.items():
                self._changes.merge(f"progress/{session_id}", {**state, "at": self.now})
            self._changes.create(audit_path(entry.id), entry.document(self.keyring()))
            quota = self._quota
            if quota is not None:
                self._changes.add(quota.path, COUNT, len(self._touched.shown), {"expires_at": quota.expires_at})
            *_, last = self._commit_changes()
            if quota is not None:
                self._shown_in_hour = last.transformed[0]
        finally:
            self.end_turns()

    def require_quota(self) -> None:
        """Raises TooManyRequests when the committed read exceeds the caller's quota of shown records.

        The sum is read again after a commit whose response was lost.
        """
        quota = self._quota
        if quota is not None:
            total = self._shown_in_hour
            quota.require(self._reader.fresh(quota.path).get(COUNT) if total is None else total, self.clinic_id)

    @property
    def _quota(self) -> ShownQuota | None:
        """The quota that this read counts for, if it opened a record of a patient."""
        limit = self._context.shown_per_hour
        return ShownQuota(self.user_id, self.now, limit) if limit is not None and self._touched.shown else None

    def _keep_version(self, record: Record) -> None:
        """Write what a change replaces, unless it keeps the revision or no field changes that a person sees."""
        model, path = type(record), _path(record)
        snapshot = self._reader.snapshot(path)
        if snapshot.get("revision") == record.revision:
            return
        version = version_of(self._keys().decode(model.ref(record.id), snapshot), record, self.stamp)
        if version is not None:
            self.create(version)

    def _let_merged_follow(self, survivor: Patient) -> None:
        """Give the records that stay merged into a patient the doctors of that one, or let them be deleted with it."""
        for id in self._merged_ids(survivor.id):
            path, fields = Patient.path_of(id), followed(survivor)
            if id not in survivor.merged_patient_ids or id in self._saved:
                continue
            self.prefetch(Patient.ref(survivor.id))
            if {name: self._reader.snapshot(path).get(name) for name in fields} != fields:
                self._changes.update(path, fields)
                self._touched.documents.add(path)

    def _encode(self, record: Record, *, indexed: bool = False) -> dict[str, Any]:
        """The document to write: without the search tokens that stay as they are, unless they are to be `indexed`."""
        document = self._keys().encode(record)  # raises NotFound when the keys were destroyed
        if isinstance(record, Patient) and (indexed or not self._keeps_tokens(record)):
            document[TOKENS] = patient_tokens.tokens_of(self.keyring(), record, self.others_of(record))
        self._touched.add_written(record)
        return document

    def _keeps_tokens(self, patient: Patient) -> bool:
        """True if this change leaves the stored search tokens of the patient as they are."""
        path = _path(patient)
        if not (self._reader.has(path) and self._reader.snapshot(path).length(TOKENS)):
            return False
        before = self._keys().decode(Patient.ref(patient.id), self._reader.snapshot(path))
        return patient_tokens.are_kept(before, patient)


def _path(record: Record) -> str:
    return type(record).path_of(record.id)
