"""A session changed: when it is completed, issue its bill."""

from shared.web.jobs import on_document
from shared.workflows.billing import bills

main = on_document(bills.bill_session)
