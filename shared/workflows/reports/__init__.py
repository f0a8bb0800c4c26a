"""Use cases of reports: drafting, editing, signing and export."""
