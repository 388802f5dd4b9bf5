"""A network between the bot and its Slack that can begin to lie: a TCP proxy that knows the frames of a WebSocket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HANDSHAKE = b"GET /socket-mode"
TEXT = 0x1
ALL = frozenset(range(16))
"""The kinds of frames."""


class LyingNetwork:
    """Passes every connection on to ``port``. Its WebSockets can begin to lie, and stay as they are from then on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._kept_back: list[frozenset[int]] = []
        """For each WebSocket, in the order in which they were opened, the kinds of frames that do not reach the bot."""
        self._next = frozenset[int]()
        self._sockets: list[socket.socket] = [self._listener]
        self._sides: list[socket.socket] = []
        self._bots: list[socket.socket] = []
        """Of the WebSockets, those that lead to Slack, and those that lead to the bot."""
        threading.Thread(target=self._accept, daemon=True).start()

    def end(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    @property
    def websockets(self) -> int:
        """How many were opened."""
        return len(self._kept_back)

    def fall_silent(self) -> None:
        """Nothing comes from Slack any more, and the connections stay open; so do those that are made meanwhile."""
        self._keep_back(ALL)

    def lose_events(self) -> None:
        """Slack's messages do not come any more, and pings are answered."""
        self._keep_back(frozenset({TEXT}))

    def half_open(self) -> None:
        """Slack's side of each connection ends, and the bot is not told."""
        self._keep_back(ALL)
        for each in self._sides:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def tell_the_truth(self) -> None:
        """Connections that are made from now on are good ones; the others stay as they are."""
        self._next = frozenset()

    def _keep_back(self, kinds: frozenset[int]) -> None:
        self._next = kinds
        self._kept_back[:] = [kinds] * len(self._kept_back)

    def say_goodbye(self) -> None:
        """Close the WebSockets as a server does that goes away."""
        for each in self._bots:
            with suppress(OSError):
                each.sendall(b"\x88\x02\x03\xe9")

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                bot, _ = self._listener.accept()
                slack = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += (bot, slack)
                threading.Thread(target=self._serve, args=(bot, slack), daemon=True).start()

    def _serve(self, bot: socket.socket, slack: socket.socket) -> None:
        with suppress(OSError):
            first = bot.recv(65_536)
            slack.sendall(first)
            back: tuple[object, ...] = (slack, bot)
            if is_websocket := first.startswith(HANDSHAKE):
                self._sides.append(slack)
                self._bots.append(bot)
                back = (slack, bot, len(self._kept_back))
                self._kept_back.append(self._next)
            threading.Thread(target=self._lying if is_websocket else self._honest, args=back, daemon=True).start()
            self._honest(bot, slack)

    def _honest(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _lying(self, slack: socket.socket, bot: socket.socket, number: int) -> None:
        with suppress(OSError, EOFError):
            stream = slack.makefile("rb")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += _exactly(stream, 1)
            bot.sendall(head)
            while True:
                opcode, frame = _frame(stream)
                if opcode not in self._kept_back[number] or b'"hello"' in frame:
                    bot.sendall(frame)
        if not self._kept_back[number]:
            with suppress(OSError):
                bot.shutdown(socket.SHUT_WR)


def _frame(stream) -> tuple[int, bytes]:
    """A frame of a server, which is not masked: its opcode and its bytes."""
    head = _exactly(stream, 2)
    length = head[1] & 0x7F
    if length >= 126:
        more = _exactly(stream, 2 if length == 126 else 8)
        head, length = head + more, int.from_bytes(more, "big")
    return head[0] & 0xF, head + _exactly(stream, length)


def _exactly(stream, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


@contextmanager
def lying_network(url: str) -> Iterator[LyingNetwork]:
    """In front of what is served at ``url``."""
    network = LyingNetwork(int(url.rpartition(":")[2]))
    try:
        yield network
    finally:
        network.end()
