"""The language model at OpenAI, or at any server that speaks chat completions."""

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel

__all__ = ["OpenAILanguageModel", "openai_client"]
