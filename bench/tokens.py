"""Texts as the numbers of OpenAI's tokens."""

import os

import tiktoken

from adapters.tiktoken import ENCODINGS

# tiktoken reads its table from there instead of fetching it; so does every library that counts with it.
os.environ["TIKTOKEN_CACHE_DIR"] = str(ENCODINGS)


def encode(text: str) -> list[int]:
    return tiktoken.get_encoding("o200k_base").encode_ordinary(text)
