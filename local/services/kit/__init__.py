"""Shared by the local services: their interface, servers, caller identity, recorded calls, private files."""
