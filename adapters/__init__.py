"""Implements the domain's ports: one file or folder for each vendor."""
