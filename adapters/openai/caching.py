"""The provider's prompt cache: what leads a request to the server that has seen the beginning of its prompt."""

import hashlib

HOSTS = (".openai.com", ".azure.com", ".mistral.ai")
"""Whose API documents ``prompt_cache_key``: OpenAI, which says to send the same key with requests that share a prefix,
and that a prefix and key together should stay under some 15 requests a minute, as one conversation does; Azure for
OpenAI's models, while others there refuse it; Mistral, which asks for no ids of people in it.

Nobody else is asked: Groq, Cerebras and Baseten refuse the whole request for it, and most cache without a key.
"""


def takes_key(host: str) -> bool:
    """Does the server at this host take ``prompt_cache_key``?"""
    return f".{host}".endswith(HOSTS)


def cache_key(conversation: str) -> str:
    """The key of a conversation: a hash, so that no ids of people, channels and workspaces go with it."""
    return hashlib.sha256(conversation.encode()).hexdigest()[:32]
