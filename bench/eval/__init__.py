"""Measures how much is remembered, and what that takes."""
