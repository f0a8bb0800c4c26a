"""Use cases of reports: requesting, drafting, editing, signing and export."""
