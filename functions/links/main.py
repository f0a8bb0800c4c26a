"""/api/v1/links: the pages of links, for people without an account. Not part of the API's description."""

from __future__ import annotations

from shared.records.links.purpose import LinkPurpose
from shared.web.link_pages import site
from shared.workflows.billing.linked import BillSubject
from shared.workflows.reports.linked import ReportSubject
from shared.workflows.scheduling.answering import AppointmentDialogue

main = site.function(
    {
        LinkPurpose.REPORT: ReportSubject(),
        LinkPurpose.BILL: BillSubject(),
        LinkPurpose.APPOINTMENT: AppointmentDialogue(),
    }
)
