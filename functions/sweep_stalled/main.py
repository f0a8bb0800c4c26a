"""Recover or fail stalled jobs."""

from shared.web.triggers import on_schedule
from shared.workflows import sweep

main = on_schedule(sweep.sweep)
