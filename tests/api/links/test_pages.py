"""The pages of links: who opens a document, and what everybody else sees."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.records.links.link import MOST_WRONG
from shared.records.links.token import new_token
from shared.store.passcode_quota import MOST_IN_HOUR, PasscodeQuota
from tests.support import crashes
from tests.support.audit import entries, verify
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.concurrency import at_once
from tests.support.database import alter
from tests.support.links import BORN, PROVIDER, Shared, enter, form_of, share, typing_time, visit
from tests.support.proofs import forge, raw, signed_report, stored_proof
from tools import google_firestore

WRONG = {**BORN, "day": "28"}
TEXT = "Sleeps badly since March."
PAST = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture(scope="module")
def report(clinic: TestClinic) -> str:
    """A signed report."""
    return signed_report(clinic)


@pytest.fixture
def shared(clinic: TestClinic, report: str) -> Shared:
    return share(clinic, report)


def stored(clinic: TestClinic, shared: Shared) -> dict[str, Any]:
    """The link as it is stored."""
    return raw(clinic, f"links/{shared.link_id}")


def says(reply: Reply, status: int, heading: str) -> Reply:
    """The reply, which is this page and nothing else."""
    assert reply.status == status, reply.content[:500]
    assert f"<h1>{heading}</h1>" in reply.content.decode()
    assert TEXT.encode() not in reply.content
    return reply


def test_the_right_passcode_opens_the_report_and_the_opening_is_recorded(
    clinic: TestClinic, report: str, shared: Shared
) -> None:
    opened = enter(shared.url, BORN).ok()

    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Cache-Control"] == "no-store"
    assert opened.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert opened.headers["Content-Disposition"].startswith('inline; filename="REP-')
    assert TEXT in PdfReader(io.BytesIO(opened.content)).pages[0].extract_text()
    (listed,) = clinic.doctor.get(f"/reports/{report}/shares?page_size=1").ok().body["items"]
    assert (listed["id"], listed["state"], listed["wrong_passcodes"]) == (shared.id, "open", 0)
    assert [opening["address"] for opening in listed["openings"]] == ["127.0.0.1"]
    entry = entries(clinic)[-1]
    verify(clinic, entry)
    assert (entry["outcome"], entry["origin"]["purpose"], entry["actor_id"]) == ("done", "link", "system")
    assert entry["patient_ids"] == [report.partition("-")[0]]
    assert {f"links/{shared.link_id}", f"reports/{report}"} <= set(entry["documents"])


def test_looking_shows_nothing_and_changes_nothing(clinic: TestClinic, shared: Shared) -> None:
    before, audited = stored(clinic, shared), len(entries(clinic))

    pages = [visit(shared.url, method).ok() for method in ("GET", "HEAD") * 3]

    assert stored(clinic, shared) == before
    assert len(entries(clinic)) == audited
    says(pages[0], 200, "A document for you")
    assert not pages[1].content
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert page.headers["Strict-Transport-Security"]
        assert page.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in page.headers
    assert not any(name in pages[0].content.decode() for name in ("Zoë", "Fernandes", "Aster", "1984", "http"))


def test_one_form_opens_once_and_two_at_the_same_time_make_one_opening(clinic: TestClinic, shared: Shared) -> None:
    form = form_of(visit(shared.url))
    typing_time()

    replies = at_once(3, lambda _: visit(shared.url, "POST", {"form": form, **BORN}))

    assert sorted(reply.status for reply in replies) == [200, 409, 409]
    assert stored(clinic, shared)["revision"] == 2
    says(visit(shared.url, "POST", {"form": form, **BORN}), 409, "Please enter it once more")
    says(visit(shared.url, "POST", {"form": form, **WRONG}), 409, "Please enter it once more")
    assert stored(clinic, shared)["wrong_passcodes"] == 0


def test_five_wrong_passcodes_lock_the_link_also_at_the_same_time(clinic: TestClinic, shared: Shared) -> None:
    said = [enter(shared.url, WRONG) for _ in range(MOST_WRONG - 2)]
    says(said[-1], 403, "That does not match")
    assert 'aria-invalid="true"' in said[-1].content.decode()
    form = form_of(visit(shared.url))
    typing_time()
    at_once(3, lambda _: visit(shared.url, "POST", {"form": form, **WRONG}))
    assert stored(clinic, shared)["wrong_passcodes"] == MOST_WRONG - 1
    form = form_of(enter(shared.url, {"day": ""}))
    typing_time()
    says(visit(shared.url, "POST", {"form": form, **WRONG}), 423, "This link is locked")

    page = says(visit(shared.url, "POST", {"form": form, **BORN}), 423, "This link is locked")

    assert b"<form" not in page.content
    assert entries(clinic)[-1]["outcome"] == "wrong-passcode"
    assert stored(clinic, shared)["wrong_passcodes"] == MOST_WRONG


CLOSED: dict[str, tuple[Callable[[TestClinic, str, Shared], object], str]] = {
    "expired": (
        lambda clinic, _, shared: alter(clinic, f"links/{shared.link_id}", {"opens_until": PAST}),
        "This link has expired",
    ),
    "revoked": (
        lambda clinic, report, shared: clinic.doctor.delete(f"/reports/{report}/shares/{shared.id}").ok(),
        "This link was withdrawn",
    ),
    "used": (lambda _clinic, _report, shared: enter(shared.url, BORN).ok(), "This link is used up"),
}


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_link_says_so_and_opens_nothing(clinic: TestClinic, report: str, state: str) -> None:
    shared = share(clinic, report, most_openings=1)
    form = form_of(visit(shared.url))
    close, heading = CLOSED[state]
    close(clinic, report, shared)
    before, audited = stored(clinic, shared), len(entries(clinic))

    says(visit(shared.url), 410, heading)
    typing_time()
    page = says(visit(shared.url, "POST", {"form": form, **BORN}), 410, heading)

    assert b"<form" not in page.content
    assert (stored(clinic, shared), len(entries(clinic))) == (before, audited)
    (listed,) = clinic.doctor.get(f"/reports/{report}/shares?page_size=1").ok().body["items"]
    assert listed["state"] == state


def test_guessed_tampered_cut_and_foreign_links_are_unknown(
    clinic: TestClinic, other_clinic: TestClinic, shared: Shared
) -> None:
    base = shared.url.removesuffix(f"{clinic.id}/{shared.token}")
    tampered = shared.token[:-1] + ("A" if shared.token[-1] != "A" else "B")
    audited = len(entries(clinic))
    tokens = [tampered, shared.token[:-1], new_token(), shared.link_id, "", "..", "x" * 3_000]
    urls = [f"{base}{clinic.id}/{token}" for token in tokens]
    urls += [f"{base}{other_clinic.id}/{shared.token}", f"{base}nobody/{shared.token}", f"{base}%00/{shared.token}"]
    urls += [f"{shared.url}/", f"{shared.url}/more", base]

    for url in urls:
        for method, fields in (("GET", None), ("POST", {"form": "x", **BORN})):
            page = says(visit(url, method, fields), 404, "There is no such link")
            assert b"<form" not in page.content

    assert len(entries(clinic)) == audited
    assert stored(clinic, shared)["revision"] == 1


def test_guesses_at_many_links_are_limited_by_the_hour(clinic: TestClinic, shared: Shared) -> None:
    quota = PasscodeQuota(shared.link_id, datetime.now(UTC))
    counter = google_firestore.client().document(f"clinics/{clinic.id}/{quota.path}")
    counter.set({"wrong_passcodes": MOST_IN_HOUR, "expires_at": quota.expires_at})
    try:
        for fields in (WRONG, BORN):
            page = says(enter(shared.url, fields), 429, "Please try again later")
            assert 0 < int(page.headers["Retry-After"]) <= 3_600
        assert stored(clinic, shared)["revision"] == 1
        assert counter.get().get("wrong_passcodes") == MOST_IN_HOUR
    finally:
        counter.delete()
    enter(shared.url, BORN).ok()


def test_a_link_to_others_ends_with_the_patients_consent(clinic: TestClinic, report: str) -> None:
    patient = report.partition("-")[0]
    consent = consent_to(clinic.doctor, patient, purposes=["data_sharing"]).body["consents"][0]["id"]
    other, own = share(clinic, report, recipient=PROVIDER, channel="mail"), share(clinic, report)
    enter(other.url, BORN).ok()
    clinic.doctor.post(f"/patients/{patient}/consents/{consent}/withdraw", {"requested_by": "patient"}).ok()

    says(enter(other.url, BORN), 410, "The document is no longer shared")

    assert stored(clinic, other)["revision"] == 2
    enter(own.url, BORN).ok()


def test_a_corrected_date_of_birth_opens_the_link_and_a_deleted_patient_ends_it(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    shared, path = share(clinic, report), f"/patients/{report.partition('-')[0]}"
    patient = clinic.doctor.get(path)
    clinic.doctor.send("PATCH", path, {"date_of_birth": "1985-02-28"}, etag=patient.etag).ok()
    says(enter(shared.url, BORN), 403, "That does not match")
    enter(shared.url, {"day": "28", "month": "२", "year": "१९८५"}).ok()
    clinic.doctor.delete(path, etag=clinic.doctor.get(path).etag)
    alter(clinic, path.removeprefix("/"), {"live": False})

    says(enter(shared.url, BORN), 410, "The document is no longer shared")


@pytest.mark.parametrize("kind", ["sent_code", "told_code"])
def test_a_code_opens_its_own_link_only(clinic: TestClinic, report: str, kind: str) -> None:
    recipient = {"recipient": PROVIDER, "channel": "mail", "passcode": kind}
    consent_to(clinic.doctor, report.partition("-")[0], purposes=["data_sharing"])
    one, other = share(clinic, report, **recipient), share(clinic, report, **recipient)
    assert one.code and other.code
    if one.code != other.code:
        says(enter(other.url, {"code": one.code}), 403, "That does not match")

    enter(one.url, {"code": f"{one.code[:3]} {one.code[3:]}"}).ok()


def test_the_page_speaks_the_visitors_language(shared: Shared) -> None:
    by_browser = visit(shared.url, accept_language="hi-IN,hi;q=0.9,en;q=0.8")
    by_choice = visit(f"{shared.url}?lang=hi")
    neither = visit(f"{shared.url}?lang=xx", accept_language="ta")

    for page in (by_browser, by_choice):
        assert '<html lang="hi">' in page.content.decode()
        assert "आपके लिए एक दस्तावेज़" in page.content.decode()
        assert page.headers["Content-Language"] == "hi"
    assert '<html lang="en">' in neither.content.decode()
    assert "Accept-Language" in neither.headers["Vary"]


def test_a_forged_proof_opens_nothing(clinic: TestClinic) -> None:
    report = signed_report(clinic)
    shared = share(clinic, report)
    forge(clinic, report, stored_proof(clinic, report).canonical.replace("badly", "well"), "AAAA")

    says(enter(shared.url, BORN), 500, "It cannot be opened now")

    assert stored(clinic, shared)["revision"] == 1
    assert entries(clinic)[-1]["outcome"] == "signature-invalid"


def test_other_methods_and_bodies_do_nothing(clinic: TestClinic, shared: Shared) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert visit(shared.url, method).headers["Allow"] == "GET, HEAD, POST"
    form = form_of(visit(shared.url))
    typing_time()
    body = {"form": form, **BORN}
    for fields, headers in (
        (body, {"content_type": "multipart/form-data; boundary=x"}),
        ({**body, "note": "x" * 8_000}, {}),
        ({f"f{number}": "1" for number in range(50)} | body, {}),
    ):
        says(visit(shared.url, "POST", fields, **headers), 422, "Please check what you entered")
    assert stored(clinic, shared)["revision"] == 1


def test_no_log_has_the_token(stack: Stack, shared: Shared) -> None:
    enter(shared.url, WRONG)
    enter(shared.url, BORN).ok()
    visit(shared.url, "PUT")

    logs = "\n".join(path.read_text() for path in stack.logs.rglob("*.log"))
    assert shared.link_id in logs, "what is refused is logged"
    assert shared.token not in logs


def test_a_process_that_dies_while_it_opens_gives_nothing_and_leaves_the_link_open(
    clinic: TestClinic, shared: Shared
) -> None:
    form = form_of(visit(shared.url))
    typing_time()
    with crashes.quiet(clinic.stack):
        death = clinic.stack.recorder.plant(Fault("firestore", "Commit", "links", "kill"))
        lost = visit(shared.url, "POST", {"form": form, **BORN})
        assert death.fired.wait(10), lost

    assert lost.status == 502
    assert stored(clinic, shared)["revision"] == 2, "the opening is recorded before the document goes out"
    says(visit(shared.url, "POST", {"form": form, **BORN}), 409, "Please enter it once more")
    enter(shared.url, BORN).ok()
    assert stored(clinic, shared)["revision"] == 3


def test_the_calls_of_a_page_and_of_an_opening(clinic: TestClinic, shared: Shared) -> None:
    """A page reads the link. An opening then reads it again with counter, patient, share, report, proof,
    consents and settings, then the signed PDF, and writes link and audit entry."""
    crashes.converge(clinic.stack)
    visit(shared.url).ok()
    looking = calls_during(clinic, "links", lambda: visit(shared.url).ok())
    form = form_of(visit(shared.url))
    typing_time()

    opening = calls_during(clinic, "links", lambda: visit(shared.url, "POST", {"form": form, **BORN}).ok())

    assert looking == [reads(1)]
    assert opening == [reads(1), reads(8), reads(1), commit(2)]
