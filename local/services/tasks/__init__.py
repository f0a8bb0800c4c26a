"""Cloud Tasks."""
