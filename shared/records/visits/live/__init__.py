"""Live recordings: audio that arrives in pieces while it is recorded."""
