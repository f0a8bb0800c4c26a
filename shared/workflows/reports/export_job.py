"""Making the files of an export. A task may be delivered twice, late, and after a crash.

Nothing is made twice that a reader could tell apart: the signed PDF is kept under an id that follows from the signed
bytes, and files are created only once, under names that follow from the export and the revision of the report.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, SignatureInvalid
from shared.records.reports.exporting import MEDIA_TYPES, Export, ExportedFile, ExportFailure, ExportFormat
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.printing import RENDER, Printable, must_be_printable_as, printable

with lazily(globals()):
    from shared.gateways import export_files
    from shared.records.clinic.certificates import Certificate
    from shared.records.reports import signed_pdf
    from shared.records.reports.report import Report
    from shared.render import pades
    from shared.workflows import attempts
    from shared.workflows.clinic import certificates
    from shared.workflows.reports.exporting import object_name
    from shared.workflows.reports.kept_pdfs import kept_pdf


@dataclass(frozen=True)
class Job:
    """What one delivery makes."""

    export: Export
    printed: Printable
    kept_pdf: bytes | None
    """The signed PDF, if it was made before."""
    certificate: Certificate | None
    """What the signed PDF will name, if it must be made now."""
    clinic_name: str


class _TooLarge(Exception):
    """The signed PDF is larger than can be kept."""


def run(clinic: Clinic, export_id: str, attempt: int) -> None:
    """Make the files of an export, unless it ended. Whatever cannot be made fails the export with its reason; any other
    error lets the task be delivered again."""
    ref = Export.ref(export_id)
    try:
        job = clinic.perform("export.start", lambda work: _started(work, export_id, attempt))
    except Conflict as refused:
        unprintable = refused.code == ConflictCode.CHARACTERS_NOT_PRINTABLE
        reason = ExportFailure.CHARACTERS_NOT_PRINTABLE if unprintable else ExportFailure.REPORT_NOT_READY
        attempts.fail(clinic, ref, attempt, reason)
        return
    except SignatureInvalid:
        attempts.fail(clinic, ref, attempt, ExportFailure.SIGNATURE_INVALID)
        return
    if job is None:
        return
    try:
        if job.export.automatic:  # the PDF stays with the report, so no file is needed
            _seal(clinic, job)
            return
        files = [_stored(clinic, job, form) for form in job.export.formats]
    except _TooLarge:
        attempts.fail(clinic, ref, attempt, ExportFailure.TOO_LARGE)
        return
    clinic.perform("export.finish", lambda work: _finished(work, job, files))


def _started(work: UnitOfWork, export_id: str, attempt: int) -> Job | None:
    """Read what an export shows, and mark it as running; None if there is nothing to make. Nobody waits for the files
    of an automatic one, so it has no mark."""
    ref = Export.ref(export_id)
    work.prefetch(ref)
    export = attempts.accepted(work.get_or_none(ref), attempt)
    if export is None:
        return None
    printed = printable(work, export.report_id, export.options)
    for form in export.formats:
        must_be_printable_as(printed, form)
    kept, certificate, clinic_name = None, None, ""
    if ExportFormat.PDF in export.formats and printed.edition:
        kept = kept_pdf(work, printed)
        if kept is None:
            certificate, clinic_name = certificates.current(work), work.settings().name
    started = export if export.automatic else attempts.save(work, export.running(work.stamp))
    return Job(started, printed, kept, certificate, clinic_name)


def _stored(clinic: Clinic, job: Job, form: ExportFormat) -> ExportedFile:
    """Make one file and store it. If an earlier delivery stored one, that one is the file."""
    content = (
        _signed_pdf(clinic, job) if form == ExportFormat.PDF and job.printed.edition else RENDER[form](job.printed)
    )
    name = object_name(clinic.id, job.export, job.printed.report.revision, form)
    return _file(export_files.store(name, content, MEDIA_TYPES[form]), form)


def _file(content: bytes, form: ExportFormat = ExportFormat.PDF) -> ExportedFile:
    return ExportedFile(format=form, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _signed_pdf(clinic: Clinic, job: Job) -> bytes:
    """The PDF with its PDF signature, which is kept before a file of it is stored."""
    if job.kept_pdf is not None:
        return job.kept_pdf
    made = _made(job)
    return clinic.perform("export.seal", lambda work: _kept(work, job, made))


def _made(job: Job) -> bytes:
    """The PDF with a new PDF signature. Raises _TooLarge."""
    from shared.vault.certifying import sign_digest

    certificate, edition = job.certificate, job.printed.edition
    assert certificate and edition, "read with the report"
    made = pades.sign_pdf(
        RENDER[ExportFormat.PDF](job.printed),
        certificate.chain,
        lambda to_sign: sign_digest(to_sign, certificate.key_version),
        name=job.clinic_name,
        reason=f"This is {job.printed.document.report_number} as it was signed and has not been changed since.",
    )
    if len(made) > signed_pdf.MOST_BYTES:
        raise _TooLarge
    return made


def _kept(work: UnitOfWork, job: Job, made: bytes) -> bytes:
    """The signed PDF as it is kept; of two that are made at once, one is."""
    kept = kept_pdf(work, job.printed)
    return _created(work, job, made) if kept is None else kept


def _created(work: UnitOfWork, job: Job, made: bytes) -> bytes:
    """The signed PDF, which must not be kept yet."""
    edition = job.printed.edition
    assert edition, "only what is signed has a signed PDF"
    for part in signed_pdf.parts_of(job.printed.report.id, edition, made, work.stamp):
        work.create(part)
    return made


def _seal(clinic: Clinic, job: Job) -> None:
    """Keep the signed PDF of an automatic export, and record it at the export, in one commit. If another delivery has
    kept one since the job began, the commit fails, and the retry reads it."""
    made = job.kept_pdf or _made(job)

    def transaction(work: UnitOfWork) -> None:
        work.prefetch(Export.ref(job.export.id))
        keep = _kept if work.is_retry else _created
        _finished(work, job, [_file(job.kept_pdf or keep(work, job, made))])

    clinic.perform("export.finish", transaction)


def _finished(work: UnitOfWork, job: Job, files: list[ExportedFile]) -> None:
    """Record the files at the export, and the export at the report."""
    ref, report_ref = Export.ref(job.export.id), Report.ref(job.export.report_id)
    work.prefetch(ref, *([] if job.export.automatic else [report_ref]))
    export = work.get(ref)
    if not export.is_current(job.export.attempt):
        return
    printed = job.printed
    made = export.completed(
        work.stamp,
        files,
        report_version=printed.snapshot.version,
        report_revision=printed.report.revision,
        signed=printed.edition is not None,
        file_stem=printed.stem,
    )
    attempts.save(work, made)
    if export.automatic:
        return  # nobody has the report from it
    report = work.get(report_ref)
    work.save(report.exported([file.format for file in files], export.created_by, work.now))
