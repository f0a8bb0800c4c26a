"""The fixed words of a printed report, one module for each language."""
