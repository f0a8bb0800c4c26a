"""Cloud Functions: one process a function."""
