"""Extracts the text of files: text files in the encodings that people use, and PDFs that contain text.

What a file claims about itself may be wrong, so every step is bounded, and a file that exceeds a bound counts as
unreadable.
"""

import re

from adapters.documents import pdf
from adapters.documents.encodings import decoded

_TEXT_TYPES = re.compile(
    r"text/.+|application/(?:.+\+)?(?:json|xml|yaml)|image/svg\+xml"
    r"|application/(?:x-)?(?:ndjson|yaml|toml|javascript|typescript|sh|shellscript|python|ruby|perl|php|sql|tex|httpd-php)"
)
_TEXT_NAME = re.compile(
    r".*\.(?:"
    r"adoc|asm|bash|bat|bib|c|cc|cfg|clj|conf|cpp|cs|css|csv|dart|diff|el|env|erl|ex"
    r"|exs|fish|go|gql|gradle|graphql|h|hcl|hpp|hs|htm|html|ini|ipynb|java|jl|js|json"
    r"|json5|jsonl|jsx|kt|kts|less|lisp|log|lua|m|md|mjs|ml|ndjson|patch|php|pl"
    r"|properties|proto|ps1|py|pyi|r|rb|rs|rst|sass|scala|scss|sh|sql|srt|svelte|svg"
    r"|swift|tex|tf|tfvars|toml|ts|tsv|tsx|txt|vb|vim|vtt|vue|xml|xsl|yaml|yml|zig|zsh"
    r")",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def is_pdf(name: str, media_type: str) -> bool:
    return media_type == "application/pdf" or name.lower().endswith(".pdf")


def is_text(name: str, media_type: str) -> bool:
    """By its media type or by its name: unknown types are uploaded as ``application/octet-stream``."""
    return bool(_TEXT_TYPES.fullmatch(media_type) or _TEXT_NAME.fullmatch(name))


def text_of(data: bytes, limit: int, *, seconds: float = pdf.SECONDS) -> tuple[str, bool] | None:
    """The first ``limit`` characters of a file's text, and whether there is more; ``None`` for no text at all.

    A PDF is recognised by its first bytes. A damaged one is read as far as possible, and one that takes too long or too
    much memory as far as ``seconds`` and the bounds of its process allow; an encrypted or scanned one has no text.

    Raises:
        UncertainEncoding: The file may be text, but in which encoding is not certain.
    """
    text, cut = _of_pdf(data, limit, seconds) if b"%PDF-" in data[:1024] else (decoded(data), False)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # PDFs can contain lone surrogates
    text = re.sub(r"\n{3,}", "\n\n", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    return (text[:limit], cut or len(text) > limit) if text else None


def _of_pdf(data: bytes, limit: int, seconds: float) -> tuple[str, bool]:
    pages, more = pdf.pages_of(data, limit, seconds=seconds)
    return "\n\n".join(pages), more
