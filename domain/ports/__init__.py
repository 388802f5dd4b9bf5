"""Interfaces that the domain depends on. Adapters implement them; tests use fakes."""
