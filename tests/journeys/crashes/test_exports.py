"""An export that is killed after a call, or loses its response, ends with one file of each format; its calls."""

from __future__ import annotations

from typing import Any

import pytest

from local.services.kit.recorder import Fault
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
SEALED = [READ, READ, READ, READ, COMMIT, SIGN_DIGEST, READ, COMMIT]
"""The calls of the automatic export: what is exported; the report; whether a signed PDF is kept; the certificate; the
audit entry. Then the signature, and the PDF that is kept with what it is."""
COPIED = [READ, READ, READ, COMMIT, STORE, STORE, READ, COMMIT]
"""The calls of an export that somebody requests: as before, with the kept PDF; then the files, and what they are."""
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
    exports = {path for path in found if path.startswith(f"exports/{report}-")}
    assert exports == {f"exports/{report}-v1a0", f"exports/{made['id']}"}
    assert stored.keys() == {"pdf", "json"}
    assert len(kept) == 1
    assert stored["pdf"] == clinic.doctor.pdf(f"/reports/{report}/pdf").ok().content
    assert verdict(stored["pdf"]).good
    assert found[f"progress/{made['session_id']}"]["export"] == "completed"


@pytest.fixture(scope="module")
def warm(clinic: TestClinic) -> TestClinic:
    """A clinic with a certificate, whose function is running."""
    export(clinic, signed_report(clinic))
    return clinic


def seal(clinic: TestClinic, *faults: tuple[str, str, int]) -> tuple[str, list[Fault]]:
    """Sign a report, whose PDF is made with these faults of the calls of `export_report`: call, outcome, how many
    before it."""
    planted = [plant(clinic.stack, "export_report", call, how, skip) for call, how, skip in faults]
    report = signed_report(clinic)
    support.converge(clinic.stack)
    return report, planted


def calls_since(clinic: TestClinic, mark: int) -> list[str]:
    """The calls of `export_report`; of those to KMS only the signatures, which no instance makes in advance."""
    found = support.calls_of(clinic.stack, "export_report", mark)
    return [one for one in found if one.partition(".")[0] != "kms" or one == SIGN_DIGEST]


def test_the_automatic_and_the_requested_export_of_a_report_make_these_calls(warm: TestClinic) -> None:
    reports: list[str] = []

    automatic = calls_during(warm, "export_report", lambda: reports.append(seal(warm)[0]))
    requested = calls_during(warm, "export_report", lambda: export(warm, reports[0]))
    draft = plant_report(warm, str(warm.session().body["id"]))
    of_draft = calls_during(warm, "export_report", lambda: export(warm, draft))

    # Export and patient; report and signature; the kept PDF; certificates and settings. What was read is
    # audited; then the export and its progress are written with the kept PDF.
    assert [one for one in automatic if one != GET_PUBLIC_KEY] == [
        *(reads(2), reads(2), reads(1), reads(2), commit(1)),
        SIGN,
        *(reads(2), commit(4)),
    ]
    # Export and progress are written, then both again with the report that was exported.
    assert requested == [reads(2), reads(2), reads(1), commit(3), STORED, STORED, reads(3), commit(4)]
    assert [call[1] for call in of_draft if call[0] != "firestore"] == ["objects.insert"] * 2


@pytest.mark.parametrize("number", sample(range(len(SEALED)), 2))
def test_kill_after_any_call_leaves_one_signed_pdf(warm: TestClinic, number: int) -> None:
    mark, call = warm.stack.recorder.mark(), SEALED[number]

    report, (fault,) = seal(warm, (call, "kill", SEALED[:number].count(call)))

    assert fault.fired.is_set()
    assert calls_since(warm, mark)[: number + 1] == SEALED[: number + 1], "it was killed after a different call"
    check(warm, report, export(warm, report))


@pytest.mark.parametrize("number", sample(range(len(COPIED)), 1))
def test_kill_after_any_call_leaves_one_export(warm: TestClinic, number: int) -> None:
    report, call = seal(warm)[0], COPIED[number]
    mark = warm.stack.recorder.mark()
    fault = plant(warm.stack, "export_report", call, "kill", skip=COPIED[:number].count(call))

    made = export(warm, report)

    assert fault.fired.is_set()
    assert calls_since(warm, mark)[: number + 1] == COPIED[: number + 1], "it was killed after a different call"
    check(warm, report, made)


def test_lost_responses_to_all_calls_leave_one_export(warm: TestClinic) -> None:
    report, sealing = seal(warm, *((call, "cut", 0) for call in SEALED))
    copying = [plant(warm.stack, "export_report", call, "cut") for call in COPIED]

    made = export(warm, report)

    assert all(fault.fired.is_set() for fault in (*sealing, *copying))
    check(warm, report, made)
