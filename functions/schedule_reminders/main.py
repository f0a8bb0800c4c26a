"""Enqueue the reminders of appointments that are due soon, mark bills overdue, remind patients of overdue bills, and
cancel payment links that are left."""

from shared.web.triggers import on_schedule
from shared.workflows import hourly

main = on_schedule(hourly.run)
