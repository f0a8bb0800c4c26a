"""Enqueue the reminders of appointments that are due soon, and mark bills overdue whose due date has passed."""

from shared.web.triggers import on_schedule
from shared.workflows import hourly

main = on_schedule(hourly.run)
