"""Token counts by tiktoken, from the tables in ``adapters/encodings`` and never from the web.

By default tiktoken downloads a table at first use, and again when the file in its cache is damaged, which it
deletes. Here a table is read from a folder of the project, its hash is checked, and it is never written.
"""

import base64
import functools
import hashlib
import importlib.util
import threading
from collections.abc import Mapping
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from domain.ports.model import CountTokens

if TYPE_CHECKING:
    from tiktoken import Encoding

ENCODINGS = Path(__file__).with_name("encodings")
"""Tables as tiktoken publishes them, each under the name it has in tiktoken's cache: the SHA-1 of its address."""

FALLBACK = "o200k_base"
"""Counts for a model that tiktoken does not know, or whose table is not carried, are an estimate by this encoding."""

_loading = threading.Lock()


def count_tokens_for(model: str, encodings: Path = ENCODINGS) -> CountTokens:
    """A counter of tokens for this model. What looks like a special token in a text is text.

    Nothing is loaded before the first count, which takes some 300 ms; later ones take microseconds.
    Any thread may count.

    Raises:
        OSError: A table is damaged, or the fallback's is missing: the installation must be repaired. Names the file.
    """

    def count(text: str) -> int:
        with _loading:  # two first counts at once would each read the table
            encoding = _encoding_of(model, encodings)
        return len(encoding.encode_ordinary(text))

    return count


@functools.cache
def _encoding_of(model: str, encodings: Path) -> "Encoding":
    from tiktoken.model import encoding_name_for_model  # noqa: PLC0415 - only when first needed

    try:
        return _encoding(encoding_name_for_model(model), encodings)
    except (KeyError, FileNotFoundError):
        return _encoding(FALLBACK, encodings)


@functools.cache
def _encoding(name: str, encodings: Path) -> "Encoding":
    """An encoding by tiktoken's own definition, with a table from the folder in place of a download.

    The definitions are functions that fetch their table themselves. They are run in a private copy of
    their module, in which fetching means reading the folder; the module that others import stays as it is.
    """
    from tiktoken import Encoding  # noqa: PLC0415 - only when first needed

    specification = cast(ModuleSpec, importlib.util.find_spec("tiktoken_ext.openai_public"))
    definitions = importlib.util.module_from_spec(specification)
    cast(Loader, specification.loader).exec_module(definitions)

    def read(address: str, expected_hash: str) -> Mapping[bytes, int]:
        return _table(encodings / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest(), expected_hash)

    def read_two(**addresses: str) -> Mapping[bytes, int]:
        raise FileNotFoundError(f"GPT-2's encoding is a pair of files that is not carried: {sorted(addresses)}")

    vars(definitions).update(load_tiktoken_bpe=read, data_gym_to_mergeable_bpe_ranks=read_two)
    return Encoding(**definitions.ENCODING_CONSTRUCTORS[name]())


def _table(path: Path, expected_hash: str) -> Mapping[bytes, int]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != expected_hash:
        raise OSError(f"{path} is damaged: its SHA-256 is not {expected_hash}; put the file of the project back")
    pairs = (line.split() for line in data.splitlines())
    return {base64.b64decode(token): int(rank) for token, rank in pairs}
