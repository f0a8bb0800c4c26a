"""What was sent by mail and SMS, as a page."""
