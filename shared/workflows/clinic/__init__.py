"""Use cases of the clinic: opening it, its people and their profiles."""
