"""Extracts the text of PDFs in a child process.

A PDF can be made to exhaust its reader: fonts that decompress the same table a hundred times, a page tree without end.
No bound inside the parser covers all of that, so a child process reads the file and is killed when its time or its
memory is used up. It prints each page as soon as that is read, so that the pages before the fault are kept.
"""

import io
import json
import logging
import math
import os
import re
import resource
import subprocess  # nosec B404 # nothing is run but this module
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.documents.pdf_text import text_of_page

if TYPE_CHECKING:
    import pypdf

PAGES = 200
"""Pages that are read at most; most documents reach the limit of characters long before."""

SECONDS = 15.0
"""Time for one PDF: the person is waiting for the answer."""

MEMORY = 512_000_000
"""Bytes that the child may allocate beyond what Python and pypdf take. Systems without such a bound, as macOS, are left
with the bound on time."""

STREAM_BYTES = 20_000_000
"""Bytes that any stream of a PDF may decompress to."""

OPERATIONS = 300_000
"""Operations and operands on one page; a page crowded with text has a few thousand."""

_INHERITED = frozenset(
    {
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "PYTHONHOME",
        "PYTHONDONTWRITEBYTECODE",
    }
)
"""Variables that a Python may need to start; Lambda's needs LD_LIBRARY_PATH."""

_DECOMPRESSION_LIMITS = (
    "maximum_declared_stream_length",
    "array_based_stream_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "zlib_maximum_output_length",
    "brotli_maximum_output_length",
    "stream_decoding_work_maximum_length",
)


def pages_of(data: bytes, limit: int, *, seconds: float = SECONDS) -> tuple[list[str], bool]:
    """The text of each page and whether there may be more; stops after the page that exceeds ``limit`` characters.

    Returns within ``seconds``, with the pages that were read by then.
    """
    try:
        output = subprocess.run(  # noqa: S603 - this Python, this module and three numbers # nosec B603
            command(limit, seconds, MEMORY),
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote the file
            timeout=seconds,
            check=False,
            env=environment(),
            process_group=0,  # Ctrl-C is for the parent, which finishes the answers under way
        ).stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
    except OSError:  # no further process can be started
        output = b""
    pages, more = [], True
    for line in output.splitlines():
        with suppress(ValueError):  # it was killed in the middle of a line
            page = json.loads(line)
            if isinstance(page, str):
                pages.append(page)
            else:  # the last line
                more = bool(page)
    return pages, more


def command(limit: int, seconds: float, memory: int) -> list[str]:
    """The command that reads a PDF from its standard input. ``-P``: nothing is imported from the working directory."""
    return [sys.executable, "-P", "-m", "adapters.documents.pdf", str(limit), str(math.ceil(seconds)), str(memory)]


def environment() -> dict[str, str]:
    """The child's environment: what Python needs to start, and none of the parent's secrets.

    The parent's path comes along: that is not everywhere the one with which a Python starts.
    """
    inherited = {name: value for name, value in os.environ.items() if name in _INHERITED}
    return inherited | {"PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path)}


def read(data: bytes, limit: int) -> Iterator[str | bool]:
    """The text of each page as soon as it is read, and last whether there are more pages."""
    import pypdf  # noqa: PLC0415 - it takes 150 ms, which the parent need not spend

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file
    bounds: dict[str, Any] = dict.fromkeys(_DECOMPRESSION_LIMITS, STREAM_BYTES)
    bounds["stream_parsing_work_maximum_count"] = OPERATIONS
    more = False
    # A PDF can be malformed in any way, and pypdf then raises errors of any kind.
    with suppress(Exception), pypdf.apply_configuration(disable_legacy_handling=True, **bounds):
        pages = _opened(data).pages
        more = True
        for page in pages[:PAGES]:
            text = text_of_page(page)
            yield text[: limit + 1]  # the only bound on the parent's memory
            limit -= len(text)
            if limit < 0:
                break
        else:
            more = len(pages) > PAGES
    yield more


def _opened(data: bytes) -> "pypdf.PdfReader":
    """The PDF; one without an end is given one, after which pypdf looks for the objects by itself."""
    import pypdf  # noqa: PLC0415 - see above

    def reader(data: bytes) -> pypdf.PdfReader:
        return pypdf.PdfReader(io.BytesIO(data), root_object_recovery_limit=1_000, xref_stream_maximum_entries=200_000)

    try:
        return reader(data)
    except pypdf.errors.PyPdfError:
        return reader(data + _trailer(data) + b"\nstartxref\n0\n%%EOF\n")


def _trailer(data: bytes) -> bytes:
    """A trailer that names the catalog; none where there is one, or where the text would be encrypted without it."""
    catalogs = re.findall(rb"(\d{1,9}) (\d{1,5}) obj\b(?:(?!endobj).){0,2000}?/Type\s*/Catalog\b", data, re.DOTALL)
    if not catalogs or re.search(rb"\btrailer\b.*/Root\b|/Filter\s*/Standard\b", data, re.DOTALL):
        return b""
    return b"\ntrailer\n<< /Root %b %b R >>" % catalogs[-1]


def _main(limit: int, seconds: int, memory: int) -> None:
    import pypdf  # noqa: F401, PLC0415 - before its memory is measured

    # The parent's timeout comes first. This is for a child whose parent was killed.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 1, seconds + 1))
    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory, taken + memory))
    for page in read(sys.stdin.buffer.read(), limit):
        print(json.dumps(page), flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
