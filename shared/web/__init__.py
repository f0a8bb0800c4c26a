"""The way in: HTTP, events, tasks and the clock."""

PREFIX = "/api/v1"
"""Before the path of every resource."""
