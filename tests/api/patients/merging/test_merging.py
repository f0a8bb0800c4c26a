"""Two records of one person: merged by reference, found and read as one, and apart again."""

from __future__ import annotations

from tests.api.billing.helpers import act, issued, pay
from tests.api.patients.merging.helpers import TWIN, code, found, merge, twin, unmerge
from tests.api.patients.test_obligations import booked, completed
from tests.support.clinics import TestClinic
from tests.support.patients import listed, path_of
from tests.support.problems import pointers


def test_two_records_are_one_and_apart_again(own_clinic: TestClinic) -> None:
    clinic = own_clinic
    first, second = clinic.patient(), twin(clinic)
    id, other = first.body["id"], second.body["id"]
    bills = {completed(clinic, first)["id"], completed(clinic, second)["id"]}
    appointments = {booked(clinic, first)["id"], booked(clinic, second)["id"]}
    first, second = clinic.doctor.get(path_of(first)), clinic.doctor.get(path_of(second))

    one = merge(clinic.admin, first, second).ok()

    assert one.body["merged_patient_ids"] == [other]
    assert [(record["id"], record["number"]) for record in one.body["merged_records"]] == [
        (other, second.body["number"])
    ]
    doctor = clinic.doctor
    for name in (id, other, first.body["number"], second.body["number"]):
        assert doctor.get(f"/patients/{name}").ok().body["id"] == id
        for kind, expected in (("bills", bills), ("appointments", appointments)):
            rows = doctor.get(f"/patients/{name}/{kind}").ok().body["items"]
            assert {row["id"] for row in rows} == expected, kind
            assert {row["patient"]["id"] for row in rows} == {id}
        assert len(doctor.get(f"/patients/{name}/sessions").ok().body["items"]) == 2
    for named in (id, other):
        assert {row["id"] for row in doctor.get(f"/bills?patient_id={named}").ok().body["items"]} == bills
        coming = doctor.get(f"/appointments?patient_id={named}").ok().body["items"]
        assert {row["id"] for row in coming} == appointments
    assert listed(doctor) == [id]
    number, mail = second.body["number"], second.body["email"]
    for text in ("Mahalakshmi Venkataraman", "venkatar", "+919845011111", number, mail, other):
        assert found(doctor, text) == [id], text

    apart = unmerge(clinic.admin, one, second.body["number"]).ok()

    assert (apart.body["merged_patient_ids"], apart.body["merged_records"]) == ([], [])
    assert doctor.get(f"/patients/{other}").ok().body["id"] == other
    assert sorted(listed(doctor)) == sorted([id, other])
    assert (found(doctor, "mahalak"), found(doctor, second.body["number"])) == ([other], [other])
    assert {row["id"] for row in doctor.get(f"/patients/{id}/bills").ok().body["items"]} | {
        row["id"] for row in doctor.get(f"/patients/{other}/bills").ok().body["items"]
    } == bills
    for after, before in ((id, first), (other, second)):
        stamps = ("revision", "updated_at", "updated_by")
        fields = {name: value for name, value in before.body.items() if name not in stamps}
        shown = doctor.get(f"/patients/{after}").ok().body
        assert {name: shown[name] for name in fields} == fields


def test_doctors_of_both_see_the_one_and_each_their_own_again(clinic: TestClinic) -> None:
    mine, theirs = clinic.patient(), twin(clinic, clinic.other_doctor)
    assert clinic.other_doctor.get(path_of(mine)).status == clinic.doctor.get(path_of(theirs)).status == 404

    one = merge(clinic.admin, mine, theirs).ok()

    assert one.body["owner_id"] == clinic.doctor.user_id
    assert one.body["shared_with"] == one.body["writers"] == [clinic.other_doctor.user_id]
    for doctor in (clinic.doctor, clinic.other_doctor):
        assert doctor.get(path_of(theirs)).ok().body["id"] == mine.body["id"]
        assert found(doctor, theirs.body["number"]) == found(doctor, mine.body["number"]) == [mine.body["id"]]
    assert clinic.doctor.get(f"{path_of(mine)}/versions").ok().body["items"][0]["before"]["shared_with"] == []

    unmerge(clinic.admin, one, theirs.body["id"]).ok()

    assert clinic.other_doctor.get(path_of(mine)).status == clinic.doctor.get(path_of(theirs)).status == 404
    assert clinic.other_doctor.get(path_of(theirs)).ok().body["owner_id"] == clinic.other_doctor.user_id
    assert clinic.doctor.get(path_of(mine)).ok().body["shared_with"] == []


def test_what_is_shared_withdrawn_and_transferred_meanwhile(clinic: TestClinic) -> None:
    mine, theirs = clinic.patient(), twin(clinic, clinic.other_doctor)
    one, other = merge(clinic.admin, mine, theirs).ok(), clinic.other_doctor.user_id
    withdrawn = clinic.admin.delete(f"{path_of(mine)}/doctors/{other}", etag=one.etag).ok()
    assert clinic.other_doctor.get(path_of(theirs)).status == 404
    shared = clinic.admin.put(f"{path_of(mine)}/doctors/{other}", {"level": "read"}, etag=withdrawn.etag).ok()
    assert clinic.other_doctor.get(path_of(theirs)).ok().body["id"] == mine.body["id"]

    unmerge(clinic.admin, shared, theirs.body["id"]).ok()

    assert clinic.other_doctor.get(path_of(mine)).ok().body["shared_with"] == [other]
    assert clinic.other_doctor.get(path_of(theirs)).ok().body["owner_id"] == other


def test_the_chart_of_both_is_shown_to_clinicians_alone(clinic: TestClinic) -> None:
    first = clinic.patient()
    second = twin(clinic, allergies=["latex"], notes="Faints at needles.")

    one = merge(clinic.doctor, first, second).ok()

    (record,) = one.body["merged_records"]
    assert (record["chart"]["allergies"], record["chart"]["notes"]) == (["latex"], "Faints at needles.")
    assert record["primary_phone"] == TWIN["primary_phone"]
    (listed_one,) = [row for row in clinic.doctor.get("/patients").ok().body["items"] if row["id"] == one.body["id"]]
    assert listed_one["merged_records"] == one.body["merged_records"]
    (at_desk,) = clinic.receptionist.get(path_of(second)).ok().body["merged_records"]
    assert at_desk == {**record, "chart": None}


def test_records_are_deleted_and_restored_together(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    one = merge(clinic.admin, first, second).ok()

    assert clinic.admin.delete(path_of(second), etag=one.etag).status == 204

    for path in (path_of(first), path_of(second), f"/patients/{second.body['number']}"):
        assert clinic.doctor.get(path).status == clinic.admin.get(path).status == 404
    deleted = clinic.admin.get("/patients?deleted=true").ok().body["items"]
    assert [row["id"] for row in deleted if row["id"] in (first.body["id"], second.body["id"])] == [first.body["id"]]
    (row,) = [row for row in deleted if row["id"] == first.body["id"]]
    restored = clinic.admin.post(f"{path_of(second)}/restore", None, etag=f'"{row["revision"]}"', key="").ok()
    assert restored.body["id"] == first.body["id"]
    assert found(clinic.doctor, second.body["number"]) == [first.body["id"]]
    unmerge(clinic.admin, restored, second.body["id"]).ok()
    assert found(clinic.doctor, second.body["number"]) == [second.body["id"]]


def test_merges_that_are_refused(clinic: TestClinic) -> None:
    first, second, third = clinic.patient(), twin(clinic), twin(clinic, last_name="Iyer")
    stranger, foreign = twin(clinic, clinic.other_doctor), "pt7k3mq9xw2c5vbn8h4d"
    before = [clinic.admin.get(path_of(one)).ok().body for one in (first, second, third, stranger)]

    assert pointers(merge(clinic.admin, first, first)) == {"/patient_id"}
    assert pointers(merge(clinic.admin, first, second, patient_id=foreign)) == {"/patient_id"}
    assert pointers(merge(clinic.doctor, first, stranger)) == {"/patient_id"}
    assert pointers(merge(clinic.admin, first, second, patient_revision=0)) == {"/patient_revision"}
    stale = merge(clinic.admin, first, second, patient_revision=2).refused(412, "stale")
    assert stale.body["errors"][0]["pointer"] == "/patient_revision"
    body = {"patient_id": second.body["id"], "patient_revision": 1}
    path = f"{path_of(first)}/merge"
    clinic.admin.post(path, body, etag='"7"', key="").refused(412, "stale")
    clinic.admin.post(path, body, key="").refused(428, "precondition-required")
    clinic.receptionist.post(path, body, etag=first.etag, key="").refused(403, "forbidden")
    assert code(unmerge(clinic.admin, first, second.body["id"])) == "not_merged"
    assert [clinic.admin.get(path_of(one)).ok().body for one in (first, second, third, stranger)] == before

    one = merge(clinic.admin, first, second).ok()
    assert code(merge(clinic.admin, one, second)) == "already_merged"
    assert code(merge(clinic.admin, third, second, patient_revision=2)) == "already_merged"
    assert code(merge(clinic.admin, third, one)) == "has_merged_records"
    # The path of the merged record is that of the surviving one.
    body = {"patient_id": third.body["id"], "patient_revision": 1}
    both = clinic.admin.post(f"{path_of(second)}/merge", body, etag=one.etag, key="").ok()
    assert both.body["merged_patient_ids"] == [second.body["id"], third.body["id"]]
    assert clinic.admin.delete(path_of(stranger), etag=stranger.etag).status == 204
    assert pointers(merge(clinic.admin, both, stranger)) == {"/patient_id"}


def test_who_may_not_change_both_merges_nothing(clinic: TestClinic) -> None:
    mine, theirs = clinic.patient(), twin(clinic, clinic.other_doctor)
    shared = clinic.admin.put(f"{path_of(theirs)}/doctors/{clinic.doctor.user_id}", {"level": "write"}, etag='"1"').ok()

    merge(clinic.doctor, mine, shared).refused(403, "forbidden")
    merge(clinic.doctor, shared, mine).refused(403, "forbidden")

    one = merge(clinic.admin, mine, shared).ok()
    unmerge(clinic.other_doctor, one, theirs.body["id"]).refused(403, "forbidden")
    unmerge(clinic.doctor, one, theirs.body["id"]).ok()


def test_at_most_five_records_are_merged_into_one(clinic: TestClinic) -> None:
    one = clinic.patient()
    for number in range(5):
        one = merge(clinic.admin, one, twin(clinic, first_name=f"Twin{number}")).ok()

    assert code(merge(clinic.admin, one, twin(clinic))) == "too_many_merged"


def test_a_death_of_either_is_that_of_the_person(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    death = {"date": "2026-10-02"}
    dead = clinic.admin.post(f"{path_of(second)}/deceased", death, etag=second.etag, key="").ok()
    appointment = booked(clinic, first)
    blocked = merge(clinic.admin, first, dead).refused(409, "blocked")
    assert [one["id"] for one in blocked.body["blocked_by"]] == [appointment["id"]]
    cancel = {"reason": "moved away"}
    clinic.receptionist.post(f"/appointments/{appointment['id']}/cancel", cancel, etag='"1"', key="").ok()

    first = clinic.doctor.get(path_of(first)).ok()
    one = merge(clinic.admin, first, dead).ok()

    assert one.body["deceased"]["date"] == "2026-10-02"
    apart = unmerge(clinic.admin, one, second.body["id"]).ok()
    assert apart.body["deceased"] is None
    assert clinic.doctor.get(path_of(second)).ok().body["deceased"]["date"] == "2026-10-02"
    other = clinic.admin.post(f"{path_of(first)}/deceased", {"date": "2026-10-03"}, etag=apart.etag, key="").ok()
    assert code(merge(clinic.admin, other, clinic.doctor.get(path_of(second)).ok())) == "deaths_differ"


def test_credit_and_statement_are_of_the_person(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    owed, overpaid = (issued(clinic, 5000, patient=one.body["id"]) for one in (first, second))
    pay(clinic, overpaid, 8000, keep_excess_as_credit=True).ok(201)
    credit = {"from_bill_id": overpaid.body["id"]}
    assert pointers(act(clinic.receptionist, owed, "use-credit", credit)) == {"/from_bill_id"}

    merge(clinic.admin, clinic.doctor.get(path_of(first)), clinic.doctor.get(path_of(second))).ok()
    used = act(clinic.receptionist, owed, "use-credit", credit).ok()

    assert used.body["outstanding_amount"] == 2000
    for named in (first, second):
        statement = clinic.receptionist.get(f"{path_of(named)}/statement").ok().body
        assert statement["patient"]["id"] == first.body["id"]
        assert [one["closing_balance"] for one in statement["accounts"]] == [2000]


def test_lists_with_other_filters_are_of_the_person_too(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    appointment, bill = booked(clinic, second), completed(clinic, second)
    merge(clinic.admin, clinic.doctor.get(path_of(first)), clinic.doctor.get(path_of(second))).ok()
    day, id = appointment["scheduled_at"][:10], first.body["id"]

    for query in ("", f"&doctor_id={clinic.doctor.user_id}", "&status=scheduled"):
        rows = clinic.receptionist.get(f"/appointments?patient_id={id}&day={day}&days=2{query}").ok().body["items"]
        assert [row["id"] for row in rows] == [appointment["id"]], query
    for query in ("", f"&doctor_id={clinic.doctor.user_id}", f"&status={bill['status']}", f"&day={bill['bill_date']}"):
        rows = clinic.receptionist.get(f"/bills?patient_id={id}{query}").ok().body["items"]
        assert [row["id"] for row in rows] == [bill["id"]], query
    for client, path in (
        (clinic.doctor, f"/patients/{id}/reports"),
        (clinic.doctor, f"/reports?patient_id={id}"),
        (clinic.doctor, f"/reports?patient_id={id}&status=to_sign"),
        (clinic.doctor, f"/reports?patient_id={id}&status=signed&day={day}"),
        (clinic.receptionist, f"/messages?patient_id={id}"),
        (clinic.receptionist, "/appointments?unsettled=true&patient_id=" + id),
        (clinic.receptionist, "/appointments?asks_other_time=true&doctor_id=" + clinic.doctor.user_id),
    ):
        client.get(path).ok()
    clinic.doctor.get(f"/patients/{id}/last-visit").ok()
