"""The fields of records and documents that only the server writes: no request may name one."""

from __future__ import annotations

from shared.records.record import Record

_AUTHORITY = "disabled identity_confirmation invitation shared_with tokens_valid_after writers"
_AUTHORSHIP = (
    "addenda_count amended_at confirmed_at confirmed_by corrected_by corrections cosigned_at cosigner_id"
    " new_version_reason next_version_id returns reviewed_at reviewed_by reviews signature signed_at signed_by"
    " superseded superseded_by supersedes"
)
_DOCUMENT = "care clinic clinic_id retained schema sealed tokens"
_MONEY = "account payment_history refund_history subtotal taxable_amount taxes tax_amount total_amount"
_WORK = "attempt canonical generated number object_name operation_name reported_allergies resumable_url segments"

SERVER_FIELDS = frozenset(Record.model_fields) | frozenset(
    " ".join((_AUTHORITY, _AUTHORSHIP, _DOCUMENT, _MONEY, _WORK)).split()
)
