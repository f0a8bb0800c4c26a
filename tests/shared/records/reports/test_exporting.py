"""Exports of a report and the parts of its signed PDF: rules without I/O."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from pydantic import ValidationError

from shared.records.problems import Conflict
from shared.records.reports.exporting import (
    FILES_KEPT_FOR,
    Export,
    ExportedFile,
    ExportFormat,
    ExportRequest,
    ExportStatus,
    is_of,
)
from shared.records.reports.signed_pdf import BYTES_A_PART, SignedPdf, edition_of, joined, part_id, parts_of
from tests.support.factories import BY_DOCTOR, NOON, SESSION_ID, after, report

REPORT = report()
DIGEST = "5" * 64
FILE = ExportedFile(format=ExportFormat.PDF, size_bytes=1, sha256=DIGEST)
SECOND = timedelta(seconds=1)


def export() -> Export:
    return Export.of(REPORT.id, SESSION_ID, ExportRequest(formats=[ExportFormat.PDF]), BY_DOCTOR)


@pytest.mark.parametrize(
    ("formats", "words"),
    [
        ([], "at least 1"),
        (["pdf", "pdf"], "named twice: pdf"),
        (["word"], "pdf"),
        (["pdf", "json"] * 9, "at most"),
        (None, "list"),
    ],
)
def test_formats_are_named_once_each_and_known(formats: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ExportRequest.model_validate({"formats": formats})


def test_an_export_runs_and_keeps_its_files_for_seven_days() -> None:
    done = export().running(BY_DOCTOR).completed(BY_DOCTOR, [FILE], file_stem="REP-20260001")

    assert done.status == ExportStatus.COMPLETED
    assert not done.waiting
    assert done.has_files(NOON)
    assert done.has_files(NOON + FILES_KEPT_FOR - SECOND)
    assert not done.has_files(NOON + FILES_KEPT_FOR)
    assert not export().has_files(NOON)


def test_an_export_that_ended_does_not_run_again() -> None:
    for ended in (export().completed(BY_DOCTOR, []), export().failed("too_large", BY_DOCTOR)):
        assert not ended.is_current(1)
        with pytest.raises(Conflict):
            ended.running(BY_DOCTOR)
        with pytest.raises(Conflict):
            ended.completed(BY_DOCTOR, [])


def test_ids_of_exports_begin_with_the_reports_and_differ() -> None:
    first, second = export().id, export().id

    assert first != second
    assert is_of(first, REPORT.id)
    assert not is_of(REPORT.id, REPORT.id)
    assert not is_of(first, f"{SESSION_ID}-r2")
    assert not is_of(f"x{first}", REPORT.id)


def test_the_report_says_how_it_was_exported_and_by_whom_last_in_the_same_revision() -> None:
    once = REPORT.exported(["pdf", "json"], "doctor-1", NOON)
    twice = once.exported(["pdf"], "doctor-2", after(hours=1))

    assert twice.exported_formats == ["pdf", "json"]
    assert (twice.last_exported_by, twice.last_exported_at) == ("doctor-2", after(hours=1))
    assert (twice.revision, twice.updated_at) == (REPORT.revision, REPORT.updated_at)


@pytest.mark.parametrize("size", [1, BYTES_A_PART - 1, BYTES_A_PART, BYTES_A_PART + 1, 3 * BYTES_A_PART])
def test_a_signed_pdf_is_joined_as_it_was(size: int) -> None:
    pdf = os.urandom(size)

    parts = list(parts_of(REPORT.id, DIGEST, pdf, BY_DOCTOR))

    assert [part.id for part in parts] == [part_id(REPORT.id, DIGEST, n + 1) for n in range(-(-size // BYTES_A_PART))]
    assert {part.parts for part in parts} == {len(parts)}
    assert joined(parts) == pdf


def test_what_is_printed_besides_makes_another_edition() -> None:
    plain, with_findings = edition_of(DIGEST), edition_of(DIGEST, "findings")

    assert plain == DIGEST
    assert with_findings == edition_of(DIGEST, "findings") != edition_of(DIGEST, "findings", "addendum") != plain


def test_parts_lie_below_their_report() -> None:
    assert SignedPdf.path_of(part_id(REPORT.id, DIGEST, 2)) == f"reports/{REPORT.id}/bodies/pdf-{'5' * 16}-2"


def test_parts_of_two_pdfs_are_not_joined() -> None:
    first, second = (list(parts_of(REPORT.id, DIGEST, os.urandom(BYTES_A_PART + 9), BY_DOCTOR)) for _ in range(2))

    with pytest.raises(ValueError, match="one PDF"):
        joined([first[0], second[1]])
    with pytest.raises(ValueError, match="one PDF"):
        joined(first[:1])
