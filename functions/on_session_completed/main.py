"""Issue the bill of a session that was completed."""

from shared.records.visits.uneventful import session_is_uneventful
from shared.web.triggers import on_document_written
from shared.workflows.billing import bills

main = on_document_written(bills.bill_session, session_is_uneventful)
