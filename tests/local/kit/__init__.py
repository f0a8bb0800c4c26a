"""What the local services share."""
