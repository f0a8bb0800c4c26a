"""Taxes on services, and where they are supplied."""
