"""Enqueue the reminders of appointments that are due soon, mark bills overdue, and remind patients of overdue bills."""

from shared.web.triggers import on_schedule
from shared.workflows import hourly

main = on_schedule(hourly.run)
