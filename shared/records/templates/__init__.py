"""Templates of reports: their sections, versions, inheritance, and the templates and instruments that ship."""
