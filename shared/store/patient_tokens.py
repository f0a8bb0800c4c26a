"""The search tokens that are stored with a patient, padded to a bucket and sorted.

Their order and number reveal no kind, no alphabetical order and no length of a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from shared.records.patients.patient import Patient
from shared.records.patients.terms import Term, terms_together
from shared.records.privacy import fields_of
from shared.store.admission import FRONT_DESK
from shared.vault.keyring import Keyring

BUCKETS = (64, 128, 256, 512, 1024)
"""Numbers of tokens per scope. Names of two or three words fit in the first. The largest, for the front desk and 31
doctors, is 32,768 index entries; Firestore allows 40,000 a document."""
TOKENS = "tokens"
"""The field of a patient's document."""
_FOUND_BY = frozenset(
    {
        *("id", "number", "owner_id", "shared_with", "merge", "merged_patient_ids"),
        *(field for field, _ in fields_of(Patient).searchable),
    }
)
"""The fields of a patient that the tokens are made of."""


def tokens_of(keyring: Keyring, patient: Patient, others: Sequence[Patient] = ()) -> list[bytes]:
    """The tokens of all scopes together, sorted by their bytes: a function of the set of terms.

    Every scope has the same number of tokens. Clinical terms are only in the scopes of doctors. A patient is found by
    the terms of the records that are merged into it (`others`) too; those are not found by themselves.
    """
    if patient.merge is not None:
        return []
    desk, clinical = terms_together(patient, others, BUCKETS[-1])
    doctor = desk | clinical
    scopes = {FRONT_DESK: desk, **dict.fromkeys([patient.owner_id, *patient.shared_with], doctor)}
    size = bucket(len(doctor))
    return sorted(token for scope, terms in scopes.items() for token in _of_scope(keyring, scope, terms, size))


def are_kept(before: Patient, after: Patient) -> bool:
    """True if a change of a patient leaves the tokens as they are, for certain."""
    if after.merged_patient_ids:
        return False  # the merged records have a part in them
    return all(getattr(before, field) == getattr(after, field) for field in _FOUND_BY)


def bucket(count: int) -> int:
    """The number of tokens that `count` terms are padded to. Raises ValueError when there are too many."""
    for size in BUCKETS:
        if count <= size:
            return size
    raise ValueError(f"{count} terms: a patient has {BUCKETS[-1]} at most")


def _of_scope(keyring: Keyring, scope: str, terms: Set[Term], size: int) -> Iterator[bytes]:
    """The tokens of the terms, and keyed padding that only the holder of the key can tell from them.

    The padding depends on the terms: equal terms give equal arrays, and when a term changes, all padding changes with
    it, so a comparison of two versions does not single out the term.
    """
    yield from (keyring.token(scope, kind, value) for kind, value in terms)
    yield from keyring.padding(scope, repr(sorted(terms)), size - len(terms))
