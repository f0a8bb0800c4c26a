"""Billing: bills and payments."""
