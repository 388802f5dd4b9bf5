"""Conversations with planted facts, in Japanese and English."""
