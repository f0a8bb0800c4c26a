"""Use cases of messages about appointments."""
