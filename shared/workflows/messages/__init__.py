"""Messages by mail and SMS: queued with the change that causes them, sent by a task."""
