"""Use cases of patients."""
