"""Posts in a file, one JSON object a line, so that they outlive the process: of a post's lines, the last one counts."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from adapters.private_files import make_private
from entrypoints.playground.emulator.workspace.model import Change, Json, Post, SharedFile


def read(path: Path) -> list[Post]:
    """The posts in the file, oldest first; none where there is no file. What is no post is passed over.

    A process that is killed may leave half a line, and this is a playground: nothing depends on it.
    """
    posts: dict[tuple[str, str], Post] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                post = _post(json.loads(line))
            except (ValueError, TypeError, AttributeError):
                continue
            posts[post.channel, post.ts] = post
    return sorted((post for post in posts.values() if not post.deleted), key=lambda post: post.ts)


class PostLog:
    """Writes what changes to the file, which is begun anew with the posts that are kept.

    Ephemeral posts end with the process, as do the contents of files.
    """

    def __init__(self, path: Path, posts: Iterable[Post]) -> None:
        beginning = path.with_suffix(".new")
        make_private(beginning)
        beginning.write_text("".join(map(_line, posts)), encoding="utf-8")
        beginning.replace(path)
        self._path = path

    def add(self, change: Change) -> None:
        if change.before and change.post.streamed is not None:
            return  # words of a stream: the whole of it follows when it ends
        if change.post.only_for:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(change.post))


def _post(fields: Json) -> Post:
    files = tuple(SharedFile(**file) for file in fields.pop("files", ()))
    return Post(**{**fields, "blocks": tuple(fields.get("blocks", ())), "files": files})


def _line(post: Post) -> str:
    return json.dumps(asdict(post)) + "\n"
