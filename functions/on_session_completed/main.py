"""A session changed: when it is completed, issue its bill."""

from shared.web.triggers import on_document_written
from shared.workflows.billing import bills

main = on_document_written(bills.bill_session)
