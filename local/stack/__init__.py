"""The running stack: its services, their environment and one gateway."""
