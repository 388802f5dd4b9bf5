"""The ways in. Settings and containers live here and nowhere else."""
