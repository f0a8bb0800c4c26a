"""Visits: consultation sessions, their recordings and transcriptions."""
