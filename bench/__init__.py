"""Benchmarks: what we add to what we build on, as ratios within bounds."""
