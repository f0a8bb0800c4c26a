"""The clinic: its settings and its people."""
