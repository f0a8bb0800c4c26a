"""The table of permissions: complete, monotonic, and as the rules of the product state it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records import permissions
from shared.records.permissions import REFUSALS, RULES, Action, Relation, ShareLevel, allows
from shared.records.types import Role

READING = {Action.READ_PATIENT, Action.READ_VISIT, Action.READ_REPORT}
ids = st.sampled_from(["doctor-1", "doctor-2", "doctor-3", "doctor-4"])
lists = st.lists(ids, unique=True)
roles = st.sets(st.sampled_from(Role), min_size=1)


def test_every_action_has_a_rule_and_a_refusal() -> None:
    assert set(RULES) == set(REFUSALS) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_without_a_relation_every_action_is_refused(action: Action) -> None:
    assert not allows(action, [])
    assert not allows(action, [Relation.OTHER_DOCTOR])


@given(st.sampled_from(Action), st.sets(st.sampled_from(Relation)), st.sampled_from(Relation))
def test_one_more_relation_never_takes_a_permission_away(action: Action, held: set[Relation], more: Relation) -> None:
    assert allows(action, held | {more}) == (allows(action, held) or allows(action, {more}))


@pytest.mark.parametrize(
    ("reads", "writes"),
    [(Relation.PATIENT_READ, Relation.PATIENT_WRITE), (Relation.REPORT_READ, Relation.REPORT_WRITE)],
)
def test_a_share_to_read_only_reads_and_a_share_to_write_does_more(reads: Relation, writes: Relation) -> None:
    read = {action for action in Action if allows(action, {reads})}
    written = {action for action in Action if allows(action, {writes})}

    assert read <= READING
    assert read < written
    assert written.isdisjoint({Action.SIGN_REPORT, Action.MOVE_VISIT, Action.WRITE_NOTES, Action.SHARE_PATIENT})


def test_a_single_report_opens_nothing_else() -> None:
    alone = {Relation.REPORT_READ, Relation.REPORT_WRITE, Relation.SIGNER, Relation.COSIGNER}

    assert {action for action in Action if allows(action, alone)} == {
        Action.READ_REPORT,
        Action.EDIT_REPORT,
        Action.RESOLVE_DOUBTS,
        Action.COSIGN_REPORT,
        Action.RETURN_REPORT,
        Action.ADD_ADDENDUM,
        Action.READ_PSYCHOTHERAPY_NOTES,
        Action.EXPORT_PSYCHOTHERAPY_NOTES,
    }


@pytest.mark.parametrize(
    ("action", "relations"),
    [
        (Action.MOVE_VISIT, {Relation.VISIT_DOCTOR, Relation.ADMIN}),
        (Action.WRITE_NOTES, {Relation.VISIT_DOCTOR}),
        (Action.SIGN_REPORT, {Relation.RESPONSIBLE}),
        (Action.COSIGN_REPORT, {Relation.COSIGNER}),
        (Action.RETURN_REPORT, {Relation.COSIGNER, Relation.RESPONSIBLE}),
        (Action.SHARE_PATIENT, {Relation.OWNER, Relation.ADMIN}),
        (Action.READ_PSYCHOTHERAPY_NOTES, {Relation.RESPONSIBLE, Relation.SIGNER, Relation.COSIGNER}),
        (Action.EXPORT_PSYCHOTHERAPY_NOTES, {Relation.RESPONSIBLE, Relation.SIGNER}),
    ],
)
def test_some_actions_are_reserved(action: Action, relations: set[Relation]) -> None:
    assert {relation for relation in Relation if allows(action, {relation})} == relations


def test_receptionists_do_nothing_with_visits_and_reports() -> None:
    allowed = {action for action in Action if allows(action, {Relation.RECEPTIONIST})}

    assert allowed == {Action.READ_PATIENT, Action.CHANGE_PATIENT}


@given(ids, roles, ids, lists, lists)
def test_relations_to_a_patient_need_the_role(
    user: str, held: set[Role], owner: str, shared_with: list[str], writers: list[str]
) -> None:
    found = permissions.patient_relations(user, held, owner, shared_with, writers)

    doctor = Role.DOCTOR in held
    shared = doctor and user in shared_with
    assert (Relation.OWNER in found) == (doctor and user == owner)
    assert (Relation.PATIENT_WRITE in found) == (shared and user in writers)
    assert (Relation.PATIENT_READ in found) == (shared and user not in writers)
    assert (Relation.ADMIN in found, Relation.RECEPTIONIST in found) == (Role.ADMIN in held, Role.RECEPTIONIST in held)


@given(lists, st.lists(st.tuples(ids, st.sampled_from([*ShareLevel, None])), max_size=6))
def test_the_last_change_of_a_share_decides(
    shared_with: list[str], changes: list[tuple[str, ShareLevel | None]]
) -> None:
    fields = {"shared_with": shared_with, "writers": []}
    for user, level in changes:
        change = permissions.without_share(**fields, user_id=user)
        fields = change if level is None else permissions.with_share(**fields, user_id=user, level=level)

    last = dict(changes)
    for user, level in last.items():
        assert permissions.level_of(user, **fields) == level
    for user in set(shared_with) - last.keys():
        assert permissions.level_of(user, **fields) == ShareLevel.READ
    assert set(fields["writers"]) <= set(fields["shared_with"])
    assert all(len(set(each)) == len(each) for each in fields.values())
