"""Adding to a signed report, which itself stays as it is."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed
from shared.records.reports.addenda import Addendum, NewAddendum, ReportAddenda
from shared.records.reports.additions import AddendumPayload
from shared.records.reports.report import Report
from shared.records.reports.signed import Meaning
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.clinic.supervision import cosigner_of
from shared.workflows.printability import must_be_printable
from shared.workflows.reports import addenda, signers
from shared.workflows.reports.body import Body
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import Proof, proof_of
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs, signed_body
from shared.workflows.reports.verification import Genuine


def add(clinic: Clinic, report_id: str, new: NewAddendum) -> ReportDetail:
    """Add a text to a signed report, with a signature of its own.

    Raises Conflict for a report that is not signed, beyond the most addenda, and for a caller whose signature needs a
    co-signature; otherwise as `signers.declared`.
    """

    pdfs = FinalPdfs()

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        refs = ReportAddenda.ref(report_id), work.settings_ref(), UserProfile.ref(work.user_id)
        work.prefetch(*report_refs(report_id), *refs)
        report = permissions.get_for_update(work, Report.ref(report_id), Action.ADD_ADDENDUM)
        proof = proof_of(work, report)
        if proof is None:
            raise Conflict(ConflictCode.REPORT_NOT_SIGNED, "the report is not signed: correct it")
        report.must_be_newest()
        if cosigner_of(work, report) is not None:
            detail = "what you sign needs a co-signature: let your supervisor write the addendum"
            raise Conflict(ConflictCode.COSIGNATURE_REQUIRED, detail)
        added = _append(work, report, proof, new)
        amended = report.with_addendum(work.stamp)
        work.progress(report.session_id, **pdfs.request(work, [amended]))
        return signed_body(work.save(amended), proof, added)

    return pdfs.perform(clinic, "report.amend", named_body(transaction))


def _append(work: UnitOfWork, report: Report, proof: Proof, new: NewAddendum) -> list[Genuine[AddendumPayload]]:
    """Write one addendum more, which names the one before it; returns all, verified: what cannot be read back must not
    be stored. Raises Conflict for a character that cannot be printed."""
    from shared.workflows.reports.printed_signatures import printed_addendum

    stored = addenda.stored_addenda(work, report)
    stored.must_have_room()
    before = addenda.chained(work, proof, stored.signed)
    declaration = signers.declared(work, work.get_or_none(UserProfile.ref(work.user_id)), Meaning.AUTHOR)
    payload = AddendumPayload(
        **signers.about(proof),
        **declaration,
        number=len(before) + 1,
        previous_digest=before[-1].digest.hex() if before else None,
        text=new.text,
    )
    addendum = Addendum(number=payload.number, text=payload.text, signature=payload.shown_signature(bytes(32), ""))
    must_be_printable(printed_addendum(addendum))
    signed = signers.signed_by_key(payload, payload.key_version)
    work.upsert(stored.with_one(signed, work.stamp))
    return addenda.chained(work, proof, [*stored.signed, signed])
