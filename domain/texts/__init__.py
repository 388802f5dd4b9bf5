"""Prompts and sentences in each language."""
