"""Programs for developers and operators; never deployed."""
