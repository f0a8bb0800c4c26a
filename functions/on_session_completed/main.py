"""A session changed: when it is completed, issue its bill."""

from shared.web.jobs import on_document
from shared.workflows import billing

main = on_document(billing.bill_session)
