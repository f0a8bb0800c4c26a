"""Use cases of series of visits. Each books, changes or cancels all its visits in one commit, or none."""
