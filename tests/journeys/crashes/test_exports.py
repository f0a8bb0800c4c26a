"""An export that is killed after a call, or loses its response, ends with one file of each format; its calls."""

from __future__ import annotations

from typing import Any

import pytest

from local.stack.environment import EXPORTS_BUCKET
from tests.journeys.crashes.helpers import COMMIT, READ, plant
from tests.support import crashes as support
from tests.support.call_counts import GET_PUBLIC_KEY, SIGN, CountedCall, calls_during, commit, reads
from tests.support.clinics import TestClinic
from tests.support.database import plant_report
from tests.support.pdf_signatures import verdict
from tests.support.proofs import signed_report
from tests.support.thorough import sample

SIGN_DIGEST, STORE = "kms.AsymmetricSign", "storage.objects.insert"
SIGNED = [READ, READ, READ, READ, COMMIT, SIGN_DIGEST, READ, COMMIT, STORE, STORE, READ, COMMIT]
"""The calls of the first export of a signed report: what is exported; the report; whether a signed PDF is kept; the
certificate; the mark. Then the signature, the PDF that is kept, the files, and what they are."""
STORED: CountedCall = ("storage", "objects.insert", 0)


def export(clinic: TestClinic, report: str) -> dict[str, Any]:
    """Request an export; no task precedes the commit that needs it."""
    with support.paused(clinic.stack, "exports"):
        asked = clinic.doctor.post(f"/reports/{report}/export", {"formats": ["pdf", "json"]}).ok(202).body
    support.converge(clinic.stack)
    found: dict[str, Any] = clinic.doctor.get(f"/reports/{report}/exports/{asked['id']}").ok().body
    return found


def check(clinic: TestClinic, report: str, made: dict[str, Any]) -> None:
    """One export, one file of each format, one kept PDF, which the file is."""
    found = support.documents(clinic.id)
    blobs = support.bucket_of(clinic.stack, EXPORTS_BUCKET).list_blobs(
        prefix=f"clinics/{clinic.id}/exports/{made['id']}/"
    )
    stored = {blob.name.rpartition(".")[2]: blob.download_as_bytes() for blob in blobs}
    kept = [path for path in found if path.startswith(f"reports/{report}/bodies/pdf-")]

    assert (made["status"], made["error_code"], made["attempt"]) == ("completed", None, 1)
    assert [path for path in found if path.startswith(f"exports/{report}-")] == [f"exports/{made['id']}"]
    assert stored.keys() == {"pdf", "json"}
    assert len(kept) == 1
    assert stored["pdf"] == clinic.doctor.get(f"/reports/{report}/pdf").ok().content
    assert verdict(stored["pdf"]).good
    assert found[f"progress/{made['session_id']}"]["export"] == "completed"


@pytest.fixture(scope="module")
def warm(clinic: TestClinic) -> TestClinic:
    """A clinic with a certificate, whose function is running."""
    export(clinic, signed_report(clinic))
    return clinic


def test_the_first_and_the_second_export_of_a_report_make_these_calls(warm: TestClinic) -> None:
    report = signed_report(warm)

    first = calls_during(warm, "export_report", lambda: export(warm, report))
    second = calls_during(warm, "export_report", lambda: export(warm, report))
    draft = plant_report(warm, str(warm.session().body["id"]))
    of_draft = calls_during(warm, "export_report", lambda: export(warm, draft))

    # Export, patient and keys; report, content, signature, session, settings; the kept PDF; the certificates. The
    # export and its progress are written; then the kept PDF; then export, progress and report.
    started = [reads(3), reads(6), reads(1)]
    assert [one for one in first if one != GET_PUBLIC_KEY] == [
        *started,
        reads(1),
        commit(3),
        SIGN,
        *(reads(3), commit(2)),
        *(STORED, STORED),
        *(reads(4), commit(4)),
    ]
    assert second == [*started, commit(3), STORED, STORED, reads(4), commit(4)]
    assert [call[1] for call in of_draft if call[0] != "firestore"] == ["objects.insert"] * 2


@pytest.mark.parametrize("number", sample(range(len(SIGNED)), 2))
def test_kill_after_any_call_leaves_one_export(warm: TestClinic, number: int) -> None:
    report, call = signed_report(warm), SIGNED[number]
    mark = warm.stack.recorder.mark()
    fault = plant(warm.stack, "export_report", call, "kill", skip=SIGNED[:number].count(call))

    made = export(warm, report)

    assert fault.fired.wait(5)
    calls = [
        one
        for one in support.calls_of(warm.stack, "export_report", mark)
        if one.partition(".")[0] != "kms" or one == SIGN_DIGEST
    ]
    assert calls[: number + 1] == SIGNED[: number + 1], "the function was killed after a different call"
    check(warm, report, made)


def test_lost_responses_to_all_calls_leave_one_export(warm: TestClinic) -> None:
    report = signed_report(warm)
    faults = [plant(warm.stack, "export_report", call, "cut") for call in SIGNED]

    made = export(warm, report)

    assert all(fault.fired.is_set() for fault in faults)
    check(warm, report, made)
