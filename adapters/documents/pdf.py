"""The text of PDFs, read by a process of its own.

A PDF may be made to exhaust whoever reads it: fonts that unfold the same table a hundred times, a page tree without
end. No bound inside the reading catches all of that, so a child reads it and dies when its time or its memory is up.
It hands over each page as soon as that is read, so that those before the trouble are kept.
"""

import io
import json
import logging
import math
import os
import resource
import subprocess  # nosec B404 # nothing is run but this module
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

PAGES = 200
"""Pages that are read at most; long before, most documents have filled what is read of them."""

SECONDS = 15.0
"""How long one PDF may take, of the time in which a person waits for their answer."""

MEMORY = 512_000_000
"""Bytes that the child may take beyond what Python and pypdf do. Where a system knows no such bound, as macOS, its
time is what ends it."""

STREAM_BYTES = 20_000_000
"""Bytes that any stream of a PDF may unfold into."""

OPERATIONS = 300_000
"""Operations and operands on one page; a page crowded with text has a few thousand."""

_UNFOLDING = (
    "maximum_declared_stream_length",
    "array_based_stream_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "zlib_maximum_output_length",
    "brotli_maximum_output_length",
    "stream_decoding_work_maximum_length",
)


def pages_of(data: bytes, limit: int, *, seconds: float = SECONDS, memory: int = MEMORY) -> tuple[list[str], bool]:
    """The text of the pages, to the one with which it is more than ``limit`` characters, and whether there may be more.

    Comes back within ``seconds``, with the pages that were read by then.
    """
    try:
        said = subprocess.run(  # noqa: S603 - this Python, this module and three numbers # nosec B603
            command(limit, seconds, memory),
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote the file
            timeout=seconds,
            check=False,
            env=environment(),
            process_group=0,  # a Ctrl-C is the parent's, who finishes the answers under way
        ).stdout
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
    except OSError:  # no further process is to be had
        said = b""
    pages, more = [], True
    for line in said.splitlines():
        with suppress(ValueError):  # it was killed in the middle of a line
            told = json.loads(line)
            if isinstance(told, str):
                pages.append(told)
            else:
                more = bool(told)
    return pages, more


def command(limit: int, seconds: float, memory: int) -> list[str]:
    """What reads the PDF at its standard input. ``-P`` keeps what lies about in the working directory out."""
    return [sys.executable, "-P", "-m", "adapters.documents.pdf", str(limit), str(math.ceil(seconds)), str(memory)]


def environment() -> dict[str, str]:
    """The parent's, and its path: that is not everywhere the one with which a Python starts."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path)}


def read(data: bytes, limit: int) -> Iterator[str | bool]:
    """The text of each page as soon as it is read, and last whether there are more."""
    import pypdf  # noqa: PLC0415 - 150 ms that whoever waits for the child need not take

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it complains of, it quotes
    bounds: dict[str, Any] = dict.fromkeys(_UNFOLDING, STREAM_BYTES)
    bounds["stream_parsing_work_maximum_count"] = OPERATIONS
    more = False
    # A PDF can be wrong in any way, and meets errors of any kind deep inside; none of them is this bot's.
    with suppress(Exception), pypdf.apply_configuration(disable_legacy_handling=True, **bounds):
        pages = pypdf.PdfReader(
            io.BytesIO(data), root_object_recovery_limit=1_000, xref_stream_maximum_entries=200_000
        ).pages
        more = True
        for page in pages[:PAGES]:
            text = page.extract_text().strip()
            yield text[: limit + 1]  # the parent's memory has no bound but this
            limit -= len(text)
            if limit < 0:
                break
        else:
            more = len(pages) > PAGES
    yield more


def _main(limit: int, seconds: int, memory: int) -> None:
    import pypdf  # noqa: F401, PLC0415 - its own memory does not count

    # The parent's patience ends first. This is for a child whose parent was killed.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 1))
    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
    for told in read(sys.stdin.buffer.read(), limit):
        print(json.dumps(told), flush=True)  # noqa: T201 - this is how the parent hears of it


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
