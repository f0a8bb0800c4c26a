"""Bring what stalled to an end."""

from shared.web.jobs import on_tick
from shared.workflows import sweep

main = on_tick(sweep.sweep)
