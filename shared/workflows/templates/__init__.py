"""Templates of reports: read, written, inherited from, and chosen as the clinic's default."""
