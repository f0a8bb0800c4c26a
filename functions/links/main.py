"""/api/v1/links: the pages of links, for people without an account. Not part of the API's description."""

from __future__ import annotations

from shared.lazily import lazily
from shared.records.links.purpose import LinkPurpose
from shared.web.link_pages import site

with lazily(globals()):
    from shared.workflows.billing.linked import BillSubject
    from shared.workflows.reports.linked import ReportSubject
    from shared.workflows.scheduling.answering import AppointmentDialogue


def of_report() -> ReportSubject:
    return ReportSubject()


def of_bill() -> BillSubject:
    return BillSubject()


def of_appointment() -> AppointmentDialogue:
    return AppointmentDialogue()


main = site.function(
    {LinkPurpose.REPORT: of_report, LinkPurpose.BILL: of_bill, LinkPurpose.APPOINTMENT: of_appointment}
)
