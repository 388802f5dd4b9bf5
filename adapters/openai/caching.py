"""The provider's prompt cache: what leads a request to the server that has seen the beginning of its prompt."""

import hashlib

HOSTS = (".openai.com", ".azure.com", ".mistral.ai")
"""Whose API documents ``prompt_cache_key`` (November 2026).

OpenAI: it leads requests that share a prefix to the server that has it (developers.openai.com, prompt caching). Azure:
the same for OpenAI's models (learn.microsoft.com, prompt caching); others there refuse it, and are asked again without
it. Mistral: the id of a conversation, but none of people in it (docs.mistral.ai, prompt caching).

Nobody else is asked: Groq, Cerebras and Baseten refuse the whole request for it, and most cache without a key.
"""


def takes_key(host: str) -> bool:
    """Does the server at this host take ``prompt_cache_key``?"""
    return f".{host}".endswith(HOSTS)


def cache_key(conversation: str) -> str:
    """The key of a conversation: a hash, so that no ids of people, channels and workspaces go with it."""
    return hashlib.sha256(conversation.encode()).hexdigest()[:32]
