"""Files: what is shared in posts, and what the bot uploads."""

import mimetypes
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM, Json, Refused, SharedFile, Upload

KEPT_BYTES = 50_000_000
"""Of all files together; the content of the oldest is forgotten beyond."""

UPLOAD_LIMIT = 5_000_000
"""Bytes of a file that the bot uploads. Slack takes a gigabyte; a bot that sends more than this is not this one."""

TICKETS_KEPT = 100


@dataclass
class _Ticket:
    """Permission to upload one file."""

    file: SharedFile
    data: bytes | None = None


class Files:
    """The contents of files, by their ids. Safe to use from any thread. They do not outlive the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[SharedFile, bytes]] = OrderedDict()
        self._tickets: OrderedDict[str, _Ticket] = OrderedDict()

    def keep(self, upload: Upload, user: str) -> SharedFile:
        """Take a file that a person shares."""
        file = self._new(upload.name, upload.type, len(upload.data), user)
        with self._lock:
            self._keep(file, upload.data)
        return file

    def content(self, file: str) -> tuple[SharedFile, bytes]:
        """A file and what is in it. Raises ``Refused`` for one that is not there, or no longer."""
        with self._lock:
            if file not in self._kept:
                raise Refused("file_not_found")
            return self._kept[file]

    def ticket(self, name: str, length: int) -> tuple[str, str]:
        """Begin an upload by the bot: returns the file's id and the secret that its upload URL ends with."""
        if not name or not length:
            raise Refused("missing_argument")
        if length > UPLOAD_LIMIT:
            raise Refused("file_upload_size_restricted")
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file, secret = self._new(name, media_type, length, BOT_USER), secrets.token_urlsafe()
        with self._lock:
            self._tickets[secret] = _Ticket(file)
            if len(self._tickets) > TICKETS_KEPT:
                self._tickets.popitem(last=False)
        return file.id, secret

    def fill(self, secret: str, data: bytes) -> None:
        """Take the bytes of an upload, as many as were announced. Raises ``Refused`` for any others."""
        with self._lock:
            ticket = self._tickets.get(secret)
            if ticket is None or ticket.data is not None:
                raise Refused("file_not_found")
            if len(data) != ticket.file.size:
                raise Refused("file_upload_size_mismatch")
            ticket.data = data

    def complete(self, uploads: Sequence[tuple[str, str]]) -> tuple[SharedFile, ...]:
        """End uploads, each an id and a title or nothing. Raises ``Refused`` where one has no bytes; then none ends."""
        with self._lock:
            found: list[tuple[str, SharedFile, bytes]] = []
            for file_id, title in uploads:
                for secret, ticket in self._tickets.items():
                    if ticket.file.id == file_id and ticket.data is not None:
                        found.append((secret, replace(ticket.file, title=title or ticket.file.name), ticket.data))
                        break
                else:
                    raise Refused("file_not_found")
            for secret, file, data in found:
                del self._tickets[secret]
                self._keep(file, data)
            return tuple(file for _, file, _ in found)

    def _new(self, name: str, media_type: str, size: int, user: str) -> SharedFile:
        return SharedFile(f"F{secrets.token_hex(5).upper()}", name, name, media_type, size, user, int(self._clock()))

    def _keep(self, file: SharedFile, data: bytes) -> None:
        self._kept[file.id] = (file, data)
        while len(self._kept) > 1 and sum(len(each) for _, each in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


def file_object(file: SharedFile, address: str) -> Json:
    """A file as messages show it; ``address`` is where this Slack is served."""
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    private = f"{address}/files-pri/{TEAM}-{file.id}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.type,
        "filetype": {"txt": "text", "md": "markdown", "py": "python"}.get(extension, extension or "binary"),
        "pretty_type": extension.upper() or "Binary",
        "user": file.user,
        "user_team": TEAM,
        "editable": False,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{private}/{quote(file.name, safe='')}",
        "url_private_download": f"{private}/download/{quote(file.name, safe='')}",
        "permalink": f"https://playground.example/files/{file.user}/{file.id}/{quote(file.name, safe='')}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
