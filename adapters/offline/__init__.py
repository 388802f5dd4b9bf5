"""A stand-in for the language model, for a machine without a key."""

from adapters.offline.language_model import OfflineLanguageModel

__all__ = ["OfflineLanguageModel"]
