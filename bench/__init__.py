"""Benchmarks: the overhead of the product over its libraries, as ratios with bounds."""
