"""The fixed words of bills, receipts, credit notes and statements of account."""
