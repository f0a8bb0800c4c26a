"""Stalled jobs are finished by the sweep, whatever crashed before, in their own clinic, however often it runs."""
