"""The ways in. Settings and containers live here and nowhere else."""

VERSION = "0.1.0"
"""The release: the version in pyproject.toml."""
