"""The signed PDF of a final report: requested when the report becomes final, or prints otherwise; then always given.

An addendum and a later report change what is printed, because they must be seen. Each such state has its own PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from shared.records.reports.exporting import Export
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.exporting import enqueue

T = TypeVar("T")


class FinalPdfs:
    """The signed PDFs that a transaction requests, each by an export that is created in its commit."""

    def __init__(self) -> None:
        self._exports: list[Export] = []

    def request(self, work: UnitOfWork, finals: Iterable[Report]) -> dict[str, str]:
        """Request those of reports, each of which is final and prints otherwise from this commit on.

        Returns the states to publish; none without a report.
        """
        states: dict[str, str] = {}
        for report in finals:
            states = self._create(work, report, has_part_2_notice=False)
            if report.disclosed_with_notice:
                self._create(work, report, has_part_2_notice=True)
        return states

    def request_with_notice(self, work: UnitOfWork, report: Report) -> Report:
        """Request one with the notice of 42 CFR part 2, unless an earlier share did; later states have one, too."""
        if report.disclosed_with_notice:
            return report
        self._create(work, report, has_part_2_notice=True)
        return work.save(report.amended(disclosed_with_notice=True))

    def perform(self, clinic: Clinic, action: str, transaction: Callable[[UnitOfWork], T]) -> T:
        """Perform the transaction, and let what it requests be made at once.

        The tasks follow the commit: one that comes before it is refused, and comes again only seconds later, while a
        person waits for the PDF. The sweep makes good those that a crash loses.
        """

        def attempt(work: UnitOfWork) -> T:
            self._exports.clear()
            return transaction(work)

        answer = clinic.perform(action, attempt)
        for export in self._exports:
            enqueue(clinic, export)
        return answer

    def _create(self, work: UnitOfWork, report: Report, *, has_part_2_notice: bool) -> dict[str, str]:
        export = work.create(Export.of_final(report, work.stamp, has_part_2_notice=has_part_2_notice))
        self._exports.append(export)
        return export.published
