"""A day in a small practice: of its receptionist, of a doctor, and of the developer of their app."""
