"""Entry points: HTTP requests, events, tasks and schedules."""

PREFIX = "/api/v1"
"""The path prefix of every resource."""
