"""Measures what the README promises, as ratios within one run: `make bench`."""
