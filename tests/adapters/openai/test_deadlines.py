"""A model's server that never ends, on loopback: the real client gives up by a clock of ours, or when it is stopped."""

import gc
import itertools
import queue
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import openai
import pytest

from adapters import deadlines
from adapters.openai import language_model
from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from adapters.openai.transport import TransportWithDeadlines
from bench.ports import free_port
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.errors import AnsweringError, ModelBusy, ModelRefused, ModelUnavailable, SummaryTooSlow
from domain.prompts import Part, Role
from tests.adapters.openai.servers import CONDENSATION, HELLO, KEY, PROMPT, delta, streaming
from tests.stand_ins import SOON

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ERROR = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

Speech = Callable[[], Iterable[bytes]]


def chunked(*data: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in data)


class Peer:
    """A server on loopback that says the same to everybody, piece by piece, and waits for a hang-up at the end.

    ``closed`` gets an item for each connection that the client has closed.
    """

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self.requests: queue.Queue[bytes] = queue.Queue()
        self.closed: queue.Queue[str] = queue.Queue()
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(SOON)
        with connection:
            try:
                while request := _request(connection):
                    self.requests.put(request)
                    for each in self._speech():
                        connection.sendall(each)
                        self._ended.wait(0.002)
            except OSError:
                pass
        self.closed.put("closed")

    def end(self) -> None:
        self._ended.set()
        self._listener.close()


def _request(connection: socket.socket) -> bytes:
    request = b""
    while data := connection.recv(65_536):
        request += data
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length and len(body) >= int(length[1]):
            return request
    return b""


@pytest.fixture
def listen() -> Iterator[Callable[[Speech], Peer]]:
    peers: list[Peer] = []

    def begin(speech: Speech) -> Peer:
        peers.append(Peer(speech))
        return peers[-1]

    yield begin
    for peer in peers:
        peer.end()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "LOOK_SECONDS", 0.01)


def model_with(client: openai.OpenAI) -> OpenAILanguageModel:
    return OpenAILanguageModel(
        client=client, chat_model="m", summary_model="s", temperature=None, reply_token_limit=2000
    )


@contextmanager
def model_at(peer: Peer) -> Iterator[OpenAILanguageModel]:
    with openai_client(api_key=KEY, base_url=peer.base_url).copy(max_retries=0) as client:
        yield model_with(client)


def after_looks(count: int) -> Deadline:
    """Over when it has been looked at so often."""
    return Deadline(itertools.count().__next__, at=count)


ENDLESS: dict[str, Speech] = {
    "accepts and never speaks": list,
    "drips a header": lambda: itertools.chain([b"HTTP/1.1 200 OK\r\nX-Pochi: "], itertools.repeat(b"w")),
    "drips an error": lambda: itertools.chain([ERROR], itertools.repeat(chunked(b" "))),
    "says no word": lambda: [HEAD],
    "sends comments": lambda: itertools.chain([HEAD], itertools.repeat(chunked(b": keep-alive\n\n"))),
    "thinks in a field": lambda: itertools.chain([HEAD], itertools.repeat(chunked(delta(reasoning_content="?")))),
    "thinks in tags": lambda: itertools.chain(
        [HEAD, chunked(delta(content="<think>"))], itertools.repeat(chunked(delta(content="")))
    ),
    "has nothing to say": lambda: itertools.chain([HEAD], itertools.repeat(chunked(delta(content=None)))),
    "drips an event": lambda: itertools.chain([HEAD, chunked(b"data: ")], itertools.repeat(chunked(b" "))),
    "drips the line before a chunk": lambda: itertools.chain([HEAD, b"5;x="], itertools.repeat(b"w")),
}


@pytest.mark.parametrize("speech", ENDLESS.values(), ids=ENDLESS)
def test_a_server_that_never_ends_is_left_when_the_deadline_is_over(
    listen: Callable[[Speech], Peer], speech: Speech
) -> None:
    peer = listen(speech)
    with model_at(peer) as model:
        assert list(model.reply(PROMPT, after_looks(10))) == []
        assert peer.closed.get(timeout=SOON)


@pytest.mark.parametrize("speech", ENDLESS.values(), ids=ENDLESS)
def test_a_summary_that_never_ends_is_left_too(listen: Callable[[Speech], Peer], speech: Speech) -> None:
    peer = listen(speech)
    with model_at(peer) as model:
        with pytest.raises(SummaryTooSlow, match="s did not end its summary in time"):
            model.summarise(CONDENSATION, after_looks(10))
        assert peer.closed.get(timeout=SOON)


def test_what_was_said_by_then_is_kept_and_has_no_ending(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [HEAD, chunked(delta(content="ポチは"), delta(content="柴犬"))])
    with model_at(peer) as model:
        assert list(model.reply(PROMPT, after_looks(30))) == ["ポチは", "柴犬"]
        assert peer.closed.get(timeout=SOON)


def test_a_person_stops_a_silent_model(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [HEAD, chunked(delta(content="ポチは"))])
    stopped = threading.Event()
    with model_at(peer) as model:
        pieces = model.reply(PROMPT, NO_DEADLINE.or_stopped(stopped.is_set))
        assert next(pieces) == "ポチは"
        stopped.set()
        assert list(pieces) == []
        assert peer.closed.get(timeout=SOON)


BUSY = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n"


@pytest.mark.parametrize("asked", [b"Retry-After: 9", b"Retry-After-Ms: 9000"])
def test_a_person_stops_a_wait_that_the_server_asked_for(listen: Callable[[Speech], Peer], asked: bytes) -> None:
    peer = listen(lambda: [BUSY + asked + b"\r\n\r\n"])
    looks = itertools.count()
    with openai_client(api_key=KEY, base_url=peer.base_url) as client:
        assert list(model_with(client).reply(PROMPT, NO_DEADLINE.or_stopped(lambda: next(looks) > 10))) == []
    assert peer.requests.qsize() == 1


def test_a_short_wait_that_the_server_asked_for_is_waited_for(listen: Callable[[Speech], Peer]) -> None:
    speeches = iter([[BUSY + b"Retry-After: 0.01\r\n\r\n"], [HEAD, chunked(*HELLO), b"0\r\n\r\n"]])
    peer = listen(lambda: next(speeches))
    with openai_client(api_key=KEY, base_url=peer.base_url) as client:
        assert len(list(model_with(client).reply(PROMPT))) == 4
    assert peer.requests.qsize() == 2


def test_until_a_date_nobody_waits(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [BUSY + b"Retry-After: Fri, 27 Nov 2099 10:00:00 GMT\r\n\r\n"])
    with openai_client(api_key=KEY, base_url=peer.base_url) as client, pytest.raises(ModelBusy):
        list(model_with(client).reply(PROMPT))
    assert peer.requests.qsize() == 1


def test_a_consumer_who_stops_early_closes_the_connection(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [HEAD, chunked(*HELLO[:2])])
    with model_at(peer) as model:
        pieces = model.reply(PROMPT)
        next(pieces)
        pieces.close()
        assert peer.closed.get(timeout=SOON)


def test_a_deadline_that_is_over_already_asks_nothing(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [HEAD, chunked(*HELLO), b"0\r\n\r\n"])
    with model_at(peer) as model:
        assert list(model.reply(PROMPT, after_looks(0))) == []
    assert peer.requests.empty()


def test_the_next_answer_has_a_deadline_of_its_own(listen: Callable[[Speech], Peer]) -> None:
    speeches = iter([[HEAD, chunked(*HELLO), b"0\r\n\r\n"], [HEAD]])
    peer = listen(lambda: next(speeches))
    with model_at(peer) as model:
        assert len(list(model.reply(PROMPT))) == 4
        assert list(model.reply(PROMPT, after_looks(10))) == []
        assert [peer.closed.get(timeout=SOON) for _ in range(2)]


def test_one_threads_deadline_is_not_anothers(listen: Callable[[Speech], Peer]) -> None:
    peer = listen(lambda: [HEAD, chunked(*HELLO), b"0\r\n\r\n"])
    with model_at(peer) as model, ThreadPoolExecutor(1) as other:
        pieces = model.reply(PROMPT, after_looks(10))
        next(pieces)
        assert len(other.submit(lambda: list(model.reply(PROMPT))).result(SOON)) == 4


def test_silence_is_measured_and_not_how_long_an_answer_takes(
    listen: Callable[[Speech], Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_model, "READ_SECONDS", 0.05)
    peer = listen(lambda: [HEAD, chunked(delta(content="ポチは"))])
    with model_at(peer) as model:
        pieces = model.reply(PROMPT)
        assert next(pieces) == "ポチは"
        with pytest.raises(ModelUnavailable, match="silent"):
            next(pieces)


def test_the_deadline_is_looked_at_also_where_no_connection_is_read() -> None:
    server, body = streaming(*[delta(reasoning_content="?")] * 1000)
    model = model_with(openai_client(api_key=KEY, transport=httpx2.MockTransport(server)))
    assert list(model.reply(PROMPT, after_looks(10))) == []
    assert body.closed


def test_only_the_beginning_of_an_error_is_read(listen: Callable[[Speech], Peer]) -> None:
    beginning = b'{"error": {"message": "Content Exists Risk", "code": "x", "padding": "'
    peer = listen(lambda: itertools.chain([ERROR, chunked(beginning)], itertools.repeat(chunked(b"w" * 10_000))))
    with model_at(peer) as model:
        with pytest.raises(ModelRefused):
            list(model.reply(PROMPT))
        assert peer.closed.get(timeout=SOON)


def test_a_connection_that_breaks_is_a_model_that_is_unavailable(listen: Callable[[Speech], Peer]) -> None:
    def broken() -> Iterator[bytes]:
        yield HEAD + chunked(delta(content="ポチは"))
        raise ConnectionError

    with model_at(listen(broken)) as model:
        pieces = model.reply(PROMPT)
        assert next(pieces) == "ポチは"
        with pytest.raises(ModelUnavailable, match="RemoteProtocolError"):
            next(pieces)


def test_a_server_that_is_not_there_is_a_model_that_is_unavailable() -> None:
    with (
        openai_client(api_key=KEY, base_url=f"http://127.0.0.1:{free_port()}/v1").copy(max_retries=0) as client,
        pytest.raises(ModelUnavailable, match="ConnectError"),
    ):
        list(model_with(client).reply(PROMPT))


def test_a_large_request_arrives_whole(listen: Callable[[Speech], Peer]) -> None:
    words = "ポチ" * 100_000
    peer = listen(lambda: [HEAD, chunked(*HELLO), b"0\r\n\r\n"])
    with model_at(peer) as model:
        assert len(list(model.reply((Part(Role.PERSON, words),)))) == 4
    assert words.encode() in peer.requests.get(timeout=SOON)


# Proxies of the environment


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", ["http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_asked_with_its_password(
    listen: Callable[[Speech], Peer], environment: pytest.MonkeyPatch, name: str
) -> None:
    proxy = listen(lambda: [HEAD, chunked(*HELLO), b"0\r\n\r\n"])
    environment.setenv(name, proxy.base_url.removesuffix("/v1").replace("//", "//pochi:wo%20of@"))
    with openai_client(api_key=KEY, base_url="http://model.invalid/v1") as client:
        model = model_with(client)
        assert len(list(model.reply(PROMPT))) == 4
    request = proxy.requests.get(timeout=SOON)
    assert request.startswith(b"POST http://model.invalid/v1/chat/completions HTTP/1.1\r\n")
    assert b"Basic cG9jaGk6d28gb2Y=" in request


def test_no_proxy_is_asked_for_a_host_that_the_environment_excepts(
    listen: Callable[[Speech], Peer], environment: pytest.MonkeyPatch
) -> None:
    peer = listen(lambda: [HEAD, chunked(*HELLO), b"0\r\n\r\n"])
    environment.setenv("http_proxy", "127.0.0.1:9")
    environment.setenv("no_proxy", "127.0.0.1")
    with model_at(peer) as model:
        assert len(list(model.reply(PROMPT))) == 4
    assert peer.requests.get(timeout=SOON).startswith(b"POST /v1/chat/completions")


def test_the_transport_reaches_servers_by_tls() -> None:
    transport = TransportWithDeadlines("https://127.0.0.1/v1")
    listener = socket.create_server(("127.0.0.1", 0))
    with (
        listener,
        openai_client(
            api_key=KEY, base_url=f"https://127.0.0.1:{listener.getsockname()[1]}/v1", transport=transport
        ).copy(max_retries=0) as client,
    ):
        model = model_with(client)

        def plain() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 400 This is no TLS\r\n\r\n")

        speaking = threading.Thread(target=plain, daemon=True)
        speaking.start()
        with pytest.raises(AnsweringError, match="ConnectError"):
            list(model.reply(PROMPT))
        speaking.join(SOON)


def test_connections_are_closed_when_nobody_uses_the_client_any_more(listen: Callable[[Speech], Peer]) -> None:
    ending = chunked(delta("stop", content="Woof")) + b"0\r\n\r\n"
    peer = listen(lambda: [HEAD, ending])
    client = openai_client(api_key=KEY, base_url=peer.base_url)
    assert len(list(model_with(client).reply(PROMPT))) == 2
    assert peer.closed.empty()  # a stream that is read to its end leaves its connection to the next answer
    del client
    gc.collect()
    assert peer.closed.get(timeout=SOON)
