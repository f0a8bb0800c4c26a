"""Enqueue the reminders of appointments that are due soon."""

from shared.web.triggers import on_schedule
from shared.workflows.reminders import sweeping

main = on_schedule(sweeping.sweep)
