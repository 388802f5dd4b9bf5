"""Where files are uploaded to and downloaded from, as at files.slack.com."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from entrypoints.playground.emulator.workspace.files import UPLOAD_LIMIT, Files
from entrypoints.playground.emulator.workspace.model import Refused, SharedFile

SIGN_IN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Playground</body></html>"


class FileServer:
    """The routes for files. Downloads want a valid token; without it Slack answers 200 and its sign-in page."""

    def __init__(self, files: Files, is_valid: Callable[[str], bool]) -> None:
        self._files = files
        self._is_valid = is_valid
        self.routes: list[BaseRoute] = [
            Route("/upload/v1/{secret}", self._upload, methods=["POST"]),
            Route("/files-pri/{team_and_file}/{name:path}", self._download),
        ]

    async def _upload(self, request: Request) -> Response:
        try:
            body = await whole_body(request, UPLOAD_LIMIT, "file_upload_size_restricted")
        except Refused as refusal:
            return PlainTextResponse(refusal.code, 413)
        try:
            self._files.fill(request.path_params["secret"], body)
        except Refused as refusal:
            return PlainTextResponse(refusal.code, 400)
        return PlainTextResponse(f"OK - {len(body)}")

    async def _download(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not self._is_valid(token):
            return HTMLResponse(SIGN_IN)
        try:
            file, data = self._files.content(request.path_params["team_and_file"].rpartition("-")[2])
        except Refused:
            return HTMLResponse(SIGN_IN, 404)
        return file_response(file, data, inline=False)


async def whole_body(request: Request, limit: int, too_large: str) -> bytes:
    """Return the body of a request.

    Raises:
        Refused: ``too_large`` where it has more than ``limit`` bytes. ``request_timeout``, Slack's word for a body that
            is truncated, where its sender hung up.
    """
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limit:
                raise Refused(too_large)
    except ClientDisconnect:
        raise Refused("request_timeout") from None
    return bytes(body)


def file_response(file: SharedFile, data: bytes, *, inline: bool) -> Response:
    """A file's bytes, shown in the page or offered to be saved."""
    kind, _, rest = file.type.partition("/")
    is_type = all(
        part and part.isascii() and part.replace("-", "").replace(".", "").replace("+", "").isalnum()
        for part in (kind, rest)
    )
    disposition = "inline" if inline else f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    media_type = file.type if is_type else "application/octet-stream"
    return Response(data, headers={"Content-Type": media_type, "Content-Disposition": disposition})
