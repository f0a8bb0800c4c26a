"""Messages to people: what they may say, and how far each has got."""
