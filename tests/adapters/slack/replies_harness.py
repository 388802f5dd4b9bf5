"""A workspace with one question in it, replies to answer it with, and a record of the calls."""

import json
import threading
from dataclasses import replace

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse

from adapters.slack.client import web_client
from adapters.slack.replying.replies import SlackReplies
from adapters.slack.replying.stops import InMemoryStops
from adapters.slack.texts import JAPANESE_LABELS
from domain.conversations.place import Scope
from domain.requests import Question
from domain.spending.usage import Receipt, Usage
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM, Refused
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.stand_ins import SOON

TOKEN = "xoxb-made-up"
RECEIPT = Receipt("gpt-6-mini", "0123abcd", Usage(120, 34, 100, 1), 2.5)


class Slack:
    """A workspace with one question in it, replies to answer it with, and every call that was made."""

    def __init__(self, serve, clock, *, username="", direct=False, rates=None, sessions=False, timeout=10) -> None:
        self.clock = clock
        self.workspace = Workspace("ja", clock)
        self.stand_in = SlackEmulator(
            self.workspace,
            bot_token=TOKEN,
            signing_secret="s",
            events_url="http://127.0.0.1:9/",
            clock=clock,
            rates=rates,
        )
        self.calls: list[str] = []
        self.said: list[tuple[str, bytes]] = []
        self.rate_limited: list[str] = []
        self.faults: dict[str, list] = {}
        self.refusals: dict[str, tuple] = {}
        self.url = f"{serve(self._noting(Starlette(routes=self.stand_in.routes)))}/api/"
        self.workspace.address = self.url.removesuffix("/api/")
        self.client = web_client(TOKEN, self.url, timeout=timeout)
        self.stops = InMemoryStops()
        self.replies = SlackReplies(
            self.client,
            clock=clock,
            labels=JAPANESE_LABELS,
            username=username,
            sessions=sessions,
            stops=self.stops,
        )
        self._begin, self.replies.open = self.replies.open, self._open
        place = next(each for each in self.workspace.directory.channels if each.direct == direct)
        person = place.owner or self.workspace.directory.people[0].id
        said = self.workspace.say(person, place.id, "犬の話をして")
        self.question = Question(TEAM, place.id, said.ts, person, "犬の話をして", direct=direct)
        self.place = self.question.place(Scope.THREAD)

    def _noting(self, app):
        async def noted(scope, receive, send):
            if scope["type"] != "http":
                return await app(scope, receive, send)
            method = scope["path"].removeprefix("/api/")
            self.calls.append(method)

            message = await receive()
            if message.get("body"):
                self.said.append((method, message["body"]))
            code, is_wrong = self.refusals.get(method, ("", None))
            if is_wrong and is_wrong(json.loads(message["body"])):
                return await JSONResponse({"ok": False, "error": code})(scope, receive, send)

            replayed = [message]

            async def heard():
                return replayed.pop() if replayed else await receive()

            async def said(message):
                if message.get("status") == 429:
                    self.rate_limited.append(method)
                await send(message)

            faults = self.faults.get(method)
            return await (faults.pop(0)(app) if faults else app)(scope, heard, said)

        return noted

    def refuse(self, method: str, code: str, wrong) -> None:
        """Let Slack refuse every call of a method whose arguments are wrong."""
        self.refusals[method] = code, wrong

    def fail(self, method: str, response, *, times: int = 1, done: bool = False) -> None:
        """Let the next calls of a method get this response instead, though what they ask for may be ``done``."""

        def failing(app):
            async def failed(scope, receive, send):
                await (app(scope, receive, _unheard) if done else receive())
                await response(scope, receive, send)

            return failed

        self.faults.setdefault(method, []).extend([failing] * times)

    def ask_more(self, replies: int):
        """As many questions more, each with its place."""
        for number in range(replies):
            said = self.workspace.say(self.question.person, self.question.channel, f"{number}匹目の話をして")
            more = Question(TEAM, said.channel, said.ts, said.user, said.text, direct=self.question.direct)
            yield more, more.place(Scope.THREAD)

    def _open(self, question, place):
        """As the channel does, and wait for the session that it begins beside the reply."""
        reply = self._begin(question, place)
        for thread in threading.enumerate():
            if thread.name == "session":
                thread.join(SOON)
        return reply

    def open(self):
        return self.replies.open(self.question, self.place)

    @property
    def posts(self) -> list:
        return [each for each in self.workspace.messages.posts() if each.user == BOT_USER]

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.posts]

    @property
    def session(self) -> str:
        """What the thread's session is at, empty where there is none."""
        session = self.workspace.sessions.session(self.question.channel, self.place.thread)
        return session.status if session else ""

    @property
    def lines(self) -> list[str]:
        """What threads show while the bot thinks."""
        return [each["text"] for each in self.workspace.sessions.statuses()]

    @property
    def votes(self) -> list[str]:
        """The values of the thumbs up, post by post; empty where a post has none."""
        found = []
        for post in self.posts:
            elements = [each["elements"][0] for each in post.blocks if each["type"] == "context_actions"]
            found.append(elements[0]["positive_button"]["value"] if elements else "")
        return found

    def asking(self, text: str) -> Question:
        """The question in other words."""
        return replace(self.question, text=text)

    def arguments(self, method: str) -> list[dict]:
        """What each call of a method said."""
        return [json.loads(body) for called, body in self.said if called == method]

    def press_stop(self) -> dict:
        """Press the stop button of the thread. Returns the event."""
        return self.stand_in.press_stop(self.question.person, self.question.channel, self.place.thread)

    def write_slowly(self, reply, text: str, size: int = 1_000) -> None:
        for start in range(0, len(text), size):
            reply.write(text[start : start + size])
            self.clock.pass_by(2)


async def _unheard(_message) -> None:
    pass


WEB_PAGE = HTMLResponse("<!DOCTYPE html><html><head><title>Server Error | Slack</title></head></html>", 503)


async def hang(_scope, receive, _send) -> None:
    """Answer nothing until the other side gives up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def hang_up(scope, receive, send) -> None:
    """End a response before it is complete, as a connection that is reset does."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b'{"ok": ', "more_body": True})


def refusing(code: str):
    """What takes the place of something in the workspace that refuses."""

    def refuse(*_, **__):
        raise Refused(code)

    return refuse
