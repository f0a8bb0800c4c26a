"""Cloud Functions: one process per function."""
