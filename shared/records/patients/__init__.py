"""Patients: records, names and search."""
