"""What the local services share: servers, caller identity, recorded calls, private files."""
