"""Messages to patients about their appointments: what a clinic wants, when each is due, and what makes it void."""
