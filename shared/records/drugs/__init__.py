"""Drugs: their names from one list with provenance, and the classes of them that people are allergic to."""
