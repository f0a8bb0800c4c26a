"""Use cases of live recordings, whose audio comes in pieces."""
