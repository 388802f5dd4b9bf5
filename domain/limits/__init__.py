"""Limits: what may be spent in a month and asked in a minute, and by whom."""
