"""Templates: who reads and changes them, their versions, and the reports that keep theirs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from shared.records.templates import shipped
from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import plant_transcription
from tests.support.problems import pointers, without_trace
from tests.support.visits import new_session

SLEEP = {"id": "sleep", "title": "Sleep", "required": True, "guidance": "Hours and waking."}
PLAN = {"id": "plan", "title": "Plan", "type": "list"}
MOOD = {"id": "mood", "title": "Mood", "assessed": True}
NEW: dict[str, Any] = {"name": "Sleep clinic", "sections": [SLEEP, PLAN]}


def create(client: ApiClient, **values: Any) -> Reply:
    return client.post("/templates", {**NEW, **values}).ok(201)


def change(client: ApiClient, template: Reply, **values: Any) -> Reply:
    path = f"/templates/{template.body['id']}"
    update = {name: template.body[name] for name in ("name", "sections", "ai_prompt", "is_public", "is_active")}
    return client.put(path, {**update, **values}, etag=client.get(path).etag)


def listed(client: ApiClient, **query: str) -> list[str]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [item["id"] for item in client.get(f"/templates?{asked}").ok().body["items"]]


def report_by_hand(clinic: TestClinic, template_id: str, section: str = "sleep", text: str = "Six hours.") -> Reply:
    session_id = new_session(clinic, template_id=template_id)
    return clinic.doctor.post(
        f"/sessions/{session_id}/report", {"statements": [{"section": section, "text": text}]}
    ).ok(201)


def test_a_doctor_makes_changes_lists_and_hides_a_template(clinic: TestClinic) -> None:
    made = create(clinic.doctor)
    path = f"/templates/{made.body['id']}"

    changed = change(clinic.doctor, made, sections=[SLEEP, PLAN, MOOD], is_active=False).ok()
    again = change(clinic.doctor, changed).ok()

    assert (made.body["version"], made.body["doctor_id"], made.body["usage_count"]) == (1, clinic.doctor.user_id, 0)
    assert (changed.body["version"], again.body["version"], again.etag) == (2, 2, changed.etag)
    assert clinic.doctor.get(path).ok().body["sections"][2]["title"] == "Mood"
    assert made.body["id"] in listed(clinic.doctor, shelf="own", active="false")
    assert made.body["id"] not in listed(clinic.doctor, shelf="own", active="true")

    clinic.doctor.delete(path, etag=changed.etag).ok(204)
    clinic.doctor.get(path).refused(404, "not-found")
    assert made.body["id"] not in listed(clinic.doctor)


def test_of_two_changes_at_the_same_time_one_is_stale(clinic: TestClinic) -> None:
    made = create(clinic.doctor)
    path = f"/templates/{made.body['id']}"

    replies = at_once(2, lambda n: clinic.doctor.put(path, {**NEW, "name": f"Name {n}"}, etag=made.etag))

    assert statuses(replies) == {200: 1, 412: 1}
    assert clinic.doctor.get(path).body["version"] == 2


def test_others_read_what_is_public_and_nothing_else(clinic: TestClinic) -> None:
    own, public = create(clinic.doctor), create(clinic.doctor, is_public=True)
    other, unknown = clinic.other_doctor, clinic.other_doctor.get("/templates/nothing").refused(404, "not-found")

    hidden = other.get(f"/templates/{own.body['id']}").refused(404, "not-found")
    other.get(f"/templates/{own.body['id']}/versions").refused(404, "not-found")
    shown = other.get(f"/templates/{public.body['id']}").ok()

    assert without_trace(hidden) == without_trace(unknown)
    assert (shown.body["may_change"], public.body["may_change"]) == (False, True)
    change(other, public, name="Mine").refused(403, "forbidden")
    other.delete(f"/templates/{public.body['id']}", etag=public.etag).refused(403, "forbidden")
    assert public.body["id"] in listed(other, shelf="public")
    assert own.body["id"] not in listed(other)


def test_admins_make_templates_of_the_clinic_and_change_public_ones(clinic: TestClinic) -> None:
    of_clinic, public, own = create(clinic.admin), create(clinic.doctor, is_public=True), create(clinic.doctor)

    assert of_clinic.body["doctor_id"] is None
    clinic.doctor.get(f"/templates/{of_clinic.body['id']}").refused(404, "not-found")
    change(clinic.admin, public, name="Renamed").ok()
    clinic.admin.get(f"/templates/{own.body['id']}").refused(404, "not-found")
    refused = clinic.doctor.post("/templates", {**NEW, "of_clinic": True}).refused(403, "forbidden")
    assert pointers(refused) == {"/of_clinic"}
    assert of_clinic.body["id"] in listed(clinic.admin, shelf="own")


def test_everything_that_is_wrong_is_named(clinic: TestClinic) -> None:
    bad = {"name": "Bad", "sections": [{**SLEEP, "type": "choice"}, SLEEP], "ai_prompt": "For {patient_name}."}

    refused = clinic.doctor.post("/templates", bad).refused(422, "invalid")

    assert pointers(refused) == {"/sections", "/sections/0/choices", "/ai_prompt"}
    assert any("{patient_age}" in error["detail"] for error in refused.body["errors"])
    assert pointers(clinic.doctor.post("/templates", {"name": "None"}).refused(422, "invalid")) == {"/sections"}


def test_shipped_templates_are_there_without_a_document_and_are_copied_to_be_changed(clinic: TestClinic) -> None:
    first = clinic.other_doctor.get("/templates?shelf=shipped&page_size=5").ok().body
    rest = clinic.other_doctor.get(f"/templates?shelf=shipped&page_size=20&page_token={first['next_page_token']}").ok()
    soap = clinic.doctor.get("/templates/shipped-soap").ok()

    assert [item["id"] for item in [*first["items"], *rest.body["items"]]] == list(shipped.ids())
    assert (soap.body["is_shipped"], soap.body["may_change"]) == (True, False)
    change(clinic.doctor, soap, name="Mine").refused(403, "forbidden")
    parent = {"template_id": "shipped-soap", "version": 1}
    copied = clinic.doctor.post("/templates", {"name": "My SOAP", "parent": parent}).ok(201)
    assert copied.body["sections"] == soap.body["sections"]
    assert copied.body["inherited"] == {"overridden": [], "added": [], "removed": [], "reordered": False}
    versions = clinic.doctor.get("/templates/shipped-soap/versions").ok().body["items"]
    assert [one["number"] for one in versions] == [1]


def test_pages_have_the_clinics_templates_and_then_those_that_ship(own_clinic: TestClinic) -> None:
    made = [create(own_clinic.doctor).body["id"] for _ in range(3)]
    found: list[str] = []
    following = ""
    for _ in range(8):
        page = own_clinic.doctor.get(f"/templates?page_size=2{following}").ok().body
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        following = f"&page_token={page['next_page_token']}"

    assert found == [*reversed(made), *shipped.ids()]


def test_a_visit_takes_a_template_that_its_doctor_may_use(clinic: TestClinic) -> None:
    own, others = create(clinic.doctor, is_active=False), create(clinic.other_doctor)
    new = {"patient_id": clinic.patient().body["id"], "type": "followup"}

    for template_id in (own.body["id"], others.body["id"], "nothing", "shipped-nothing"):
        refused = clinic.doctor.post("/sessions", {**new, "template_id": template_id}).refused(422, "invalid")
        assert pointers(refused) == {"/template_id"}
    session = clinic.doctor.post("/sessions", {**new, "template_id": "shipped-dap"}).ok(201)

    path = f"/sessions/{session.body['id']}"
    moved = clinic.admin.send("PATCH", path, {"template_id": others.body["id"]}, etag=session.etag)
    assert pointers(moved.refused(422, "invalid")) == {"/template_id"}
    assert session.body["template_id"] == "shipped-dap"


def test_the_clinics_default_is_chosen_by_admins_and_stays_usable(own_clinic: TestClinic) -> None:
    admin, made = own_clinic.admin, create(own_clinic.doctor)
    path = f"/templates/{made.body['id']}"
    default = {"patient_id": own_clinic.patient().body["id"], "type": "followup"}

    admin.put(f"{path}/default", None, etag=made.etag).refused(404, "not-found")
    public = change(own_clinic.doctor, made, is_public=True).ok()
    own_clinic.doctor.put(f"{path}/default", None, etag=public.etag).refused(403, "forbidden")
    admin.put(f"{path}/default", None, etag=made.etag).refused(412, "stale")
    chosen = admin.put(f"{path}/default", None, etag=public.etag).ok()

    assert chosen.body["is_default"]
    assert own_clinic.doctor.post("/sessions", default).ok(201).body["template_id"] == made.body["id"]
    for refused in (
        own_clinic.doctor.delete(path, etag=public.etag),
        change(own_clinic.doctor, public, is_public=False),
        change(own_clinic.doctor, public, is_active=False),
    ):
        assert refused.refused(409, "conflict").body["code"] == "template_is_default"
    shipped_one = admin.get("/templates/shipped-soap").ok()
    admin.put("/templates/shipped-soap/default", None, etag=shipped_one.etag).ok()
    own_clinic.doctor.delete(path, etag=public.etag).ok(204)


def test_a_report_keeps_the_version_it_was_written_with_and_counts_as_a_use(clinic: TestClinic) -> None:
    made = create(clinic.doctor)
    path = f"/templates/{made.body['id']}"
    first = report_by_hand(clinic, made.body["id"])
    renamed = {**SLEEP, "title": "Nights"}
    changed = change(clinic.doctor, made, sections=[renamed, PLAN]).ok()
    second = report_by_hand(clinic, made.body["id"])

    used = clinic.doctor.get(path).ok().body
    clinic.doctor.delete(path, etag=changed.etag).ok(204)
    kept = clinic.doctor.get(f"/reports/{first.body['id']}").ok().body

    assert [one.body["template_version"] for one in (first, second)] == [1, 2]
    assert (used["usage_count"], used["last_used_at"]) == (2, second.body["created_at"])
    assert [section["title"] for section in kept["sections"]] == ["Sleep", "Plan"]
    assert {section["guidance"] for section in kept["sections"]} == {""}


def test_a_visit_that_began_with_a_template_is_reported_after_it_was_hidden(clinic: TestClinic) -> None:
    made = create(clinic.doctor)
    session_id = new_session(clinic, template_id=made.body["id"])
    clinic.doctor.delete(f"/templates/{made.body['id']}", etag=made.etag).ok(204)

    statement = {"section": "sleep", "text": "Six hours."}
    written = clinic.doctor.post(f"/sessions/{session_id}/report", {"statements": [statement]}).ok(201)

    assert written.body["template_version"] == 1


def test_a_parents_new_version_is_offered_with_its_difference_and_never_forced(clinic: TestClinic) -> None:
    parent = create(clinic.doctor, is_public=True)
    ids = {"template_id": parent.body["id"], "version": 1}
    own_plan = {**PLAN, "title": "My plan"}
    child = create(clinic.other_doctor, parent=ids, sections=[own_plan, SLEEP], is_public=True)
    path = f"/templates/{child.body['id']}"
    nothing = clinic.other_doctor.get(f"{path}/parent-changes").ok().body
    reports = [report_by_hand(clinic, parent.body["id"])]

    nights = {**SLEEP, "title": "Nights"}
    newer = change(clinic.doctor, parent, sections=[nights, {**PLAN, "guidance": "Short."}, MOOD]).ok()
    reports += [report_by_hand(clinic, one.body["id"]) for one in (parent, child)]
    before = [clinic.doctor.pdf(f"/reports/{one.body['id']}/pdf").ok().content for one in reports]
    unchanged = clinic.other_doctor.get(path).ok()
    offered = clinic.other_doctor.get(f"{path}/parent-changes").ok().body
    accept = f"{path}/parent-changes/accept"
    stale = clinic.other_doctor.post(accept, {"version": 3}, key="", etag=child.etag)
    accepted = clinic.other_doctor.post(accept, {"version": 2}, key="", etag=child.etag).ok()
    after = [clinic.doctor.pdf(f"/reports/{one.body['id']}/pdf").ok().content for one in reports]

    assert (nothing["offered_version"], nothing["sections"]) == (None, [])
    assert unchanged.body["sections"] == child.body["sections"]
    assert child.body["inherited"] == {"overridden": ["plan"], "added": [], "removed": [], "reordered": True}
    differences = {one["section"]: (one["change"], one["kept_own"]) for one in offered["sections"]}
    assert offered["offered_version"] == newer.body["version"] == 2
    assert differences == {"sleep": ("changed", False), "plan": ("changed", True), "mood": ("added", False)}
    assert stale.refused(409, "conflict").body["code"] == "template_up_to_date"
    assert [one["title"] for one in accepted.body["sections"]] == ["My plan", "Mood", "Nights"]
    assert (accepted.body["version"], accepted.body["parent_version"]) == (2, 2)
    assert after == before
    assert len({*before}) == 3


def test_a_hidden_parent_breaks_no_child(clinic: TestClinic) -> None:
    parent = create(clinic.doctor, is_public=True)
    child = create(clinic.other_doctor, parent={"template_id": parent.body["id"], "version": 1})
    newer = change(clinic.doctor, parent, sections=[MOOD]).ok()
    clinic.doctor.delete(f"/templates/{parent.body['id']}", etag=newer.etag).ok(204)

    shown = clinic.other_doctor.get(f"/templates/{child.body['id']}").ok().body
    offered = clinic.other_doctor.get(f"/templates/{child.body['id']}/parent-changes").ok().body

    assert shown["inherited"]["overridden"] == []
    assert offered["offered_version"] is None


def test_a_parent_must_be_visible_and_its_version_be_there(clinic: TestClinic) -> None:
    private = create(clinic.other_doctor)
    public = create(clinic.doctor, is_public=True)

    for parent, pointer in (
        ({"template_id": private.body["id"], "version": 1}, "/parent/template_id"),
        ({"template_id": "nothing", "version": 1}, "/parent/template_id"),
        ({"template_id": public.body["id"], "version": 2}, "/parent/version"),
        ({"template_id": "shipped-soap", "version": 9}, "/parent/version"),
    ):
        refused = clinic.doctor.post("/templates", {**NEW, "parent": parent}).refused(422, "invalid")
        assert pointers(refused) == {pointer}


def test_the_number_of_ancestors_is_bounded(clinic: TestClinic) -> None:
    parent = "shipped-soap"
    for _ in range(5):
        ids = {"template_id": parent, "version": 1}
        parent = clinic.doctor.post("/templates", {**NEW, "parent": ids}).ok(201).body["id"]

    deeper = clinic.doctor.post("/templates", {**NEW, "parent": {"template_id": parent, "version": 1}})

    assert pointers(deeper.refused(422, "invalid")) == {"/parent"}


def test_versions_are_listed_and_read(clinic: TestClinic) -> None:
    made = create(clinic.doctor)
    change(clinic.doctor, made, name="Renamed").ok()
    path = f"/templates/{made.body['id']}/versions"

    lines = clinic.doctor.get(path).ok().body["items"]
    first = clinic.doctor.get(f"{path}/1").ok().body

    assert [(one["number"], one["name"]) for one in lines] == [(2, "Renamed"), (1, "Sleep clinic")]
    assert first["content"]["sections"][0]["guidance"] == "Hours and waking."
    for number in ("3", "0", "x", "٣"):
        clinic.doctor.get(f"{path}/{number}").refused(404, "not-found")


def test_a_preview_fills_in_the_variables_on_a_sample_and_on_a_visit(clinic: TestClinic) -> None:
    made = create(clinic.doctor, ai_prompt="Aged {patient_age}: {visit_minutes} minutes.", language="ta")
    session_id = new_session(clinic)
    plant_transcription(clinic, session_id, text="I sleep badly.")
    path = f"/templates/{made.body['id']}/preview"

    sample = clinic.doctor.post(path, {}, key="").ok().body
    visit = clinic.doctor.post(path, {"session_id": session_id}, key="").ok().body
    clinic.other_doctor.post("/templates/shipped-soap/preview", {"session_id": session_id}, key="").refused(
        404, "not-found"
    )

    assert "Aged 42: 24 minutes." in sample["instruction"]
    assert "in the language ta" in sample["instruction"]
    assert "- sleep: Sleep — Hours and waking." in sample["prompt"]
    assert "[1] PRACTITIONER:" in sample["prompt"]
    assert (sample["template_version"], sample["prompt_hash"]) == (1, visit["prompt_hash"])
    assert visit["variables"]["visit_type"] == "followup"


def test_choices_are_chosen_and_a_score_is_computed(clinic: TestClinic) -> None:
    urgency = {"id": "urgency", "title": "Urgency", "type": "choice", "choices": ["Routine", "Urgent"]}
    phq2 = {"id": "phq2", "title": "PHQ-2", "type": "instrument", "instrument": {"id": "phq-2"}}
    made = create(clinic.doctor, sections=[urgency, phq2, MOOD])
    session_id = new_session(clinic, template_id=made.body["id"])
    statements = [
        {"section": "urgency", "text": "Soon"},
        {"section": "phq2.q1", "text": "4"},
        {"section": "phq2.q2", "text": "Several days"},
    ]

    refused = clinic.doctor.post(f"/sessions/{session_id}/report", {"statements": statements}).refused(422, "invalid")
    valid = [{"section": "urgency", "text": "Urgent"}, *statements[2:]]
    report = clinic.doctor.post(f"/sessions/{session_id}/report", {"statements": valid}).ok(201)
    edit = {"edits": [{"section": "phq2.q1", "text": "Often"}]}
    clinic.doctor.put(f"/reports/{report.body['id']}", edit, etag=report.etag).refused(422, "invalid")
    edit["edits"][0]["text"] = "Nearly every day"
    scored = clinic.doctor.put(f"/reports/{report.body['id']}", edit, etag=report.etag).ok().body

    assert pointers(refused) == {"/statements/0/text", "/statements/1/text"}
    (unknown,), (score,) = report.body["instrument_scores"], scored["instrument_scores"]
    assert (unknown["total"], unknown["unanswered"]) == (None, ["q1"])
    assert (score["total"], score["band"]) == (4, "Positive screen")
    assert "Total: 4 of 6, Positive screen" in scored["generated_content"]
    assert scored["unfilled"] == [{"section": "mood", "reads": "Not assessed"}]


def test_instruments_are_listed_with_their_licence(clinic: TestClinic) -> None:
    found = {one["id"]: one for one in clinic.doctor.get("/templates/instruments").ok().body["items"]}

    assert found.keys() == {"phq-9", "phq-2", "gad-7"}
    assert [item["id"] for item in found["phq-9"]["items"] if item["is_risk"]] == ["q9"]
    assert "No permission required" in found["gad-7"]["licence"]


@pytest.mark.parametrize("shelf", ["own", "public"])
def test_another_clinics_templates_are_in_no_list(clinic: TestClinic, own_clinic: TestClinic, shelf: str) -> None:
    made = create(clinic.doctor, is_public=True)

    assert made.body["id"] not in listed(own_clinic.doctor, shelf=shelf)
    own_clinic.admin.get(f"/templates/{made.body['id']}").refused(404, "not-found")


def test_the_calls_of_templates(own_clinic: TestClinic) -> None:
    made = create(own_clinic.doctor)
    path = f"/templates/{made.body['id']}"

    def calls(*requested: str) -> list[Any]:
        return [calls_when_repeated(own_clinic, "templates", partial(own_clinic.doctor.get, p)) for p in requested]

    # The caller, settings and the template; its newest version; the uses of all doctors, of whom none wrote a report: a
    # query that finds nothing counts as one document.
    read, shipped_one, own = calls(path, "/templates/shipped-soap", "/templates?shelf=own")
    assert read == [reads(3), reads(1), query(1), commit(1)]
    assert shipped_one == [reads(2), query(1), commit(1)]
    assert own == [reads(2), query(1), query(1), commit(1)]


def test_style_examples_are_the_doctors_alone(own_clinic: TestClinic) -> None:
    doctor, path = own_clinic.doctor, "/templates/style-examples"
    doctor.get(path).refused(404, "not-found")

    made = doctor.put(path, {"examples": ["Short sentences."]}).ok()
    own_clinic.other_doctor.get(path).refused(404, "not-found")
    own_clinic.admin.get(path).refused(403, "forbidden")
    preview = doctor.post("/templates/shipped-soap/preview", {}, key="").ok().body
    others = own_clinic.other_doctor.post("/templates/shipped-soap/preview", {}, key="").ok().body
    doctor.put(path, {"examples": ["Mail me: a@b.example"]}, etag=made.etag).refused(422, "invalid")
    doctor.put(path, {"examples": ["Other."]}, etag='"9"').refused(412, "stale")
    doctor.delete(path, etag=made.etag).ok(204)
    doctor.get(path).refused(404, "not-found")

    assert "[1] Short sentences." in preview["instruction"]
    assert "Short sentences." not in others["instruction"]
    doctor.put(path, {"examples": ["Once more."]}).ok()


def test_a_template_says_the_type_of_its_reports_and_a_child_takes_it_over(clinic: TestClinic) -> None:
    made = create(clinic.doctor, report_type="discharge")
    parent = {"template_id": made.body["id"], "version": 1}
    children = [create(clinic.doctor, parent=parent, **one).body["report_type"] for one in ({}, {"report_type": None})]

    before = report_by_hand(clinic, made.body["id"]).body
    changed = change(clinic.doctor, made, report_type="treatment_plan").ok().body
    after = report_by_hand(clinic, made.body["id"]).body

    assert children == ["discharge", None]
    assert (changed["report_type"], changed["version"]) == ("treatment_plan", 1)
    assert [before["report_type"], after["report_type"]] == ["discharge", "treatment_plan"]
    assert clinic.doctor.get(f"/reports/{before['id']}").ok().body["report_type"] == "discharge"
