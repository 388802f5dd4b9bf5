"""A storm: hundreds of questions in many conversations, each delivered several times, and what came of it.

Every answer of ``Echo`` names its question, so that each reply in Slack and each remembered message
can be told to which question it belongs.
"""

import itertools
import json
import random
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.conversations.conversation import Conversation, Speaker
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM, Change, Json, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace

CONVERSATIONS = 20
TURNS = 10
DELIVERIES = 4
AT_ONCE = 8
"""At most so many deliveries arrive at the same moment."""

SPOKEN = re.compile(r"(『?)第(\d+)話の(\d+)番目")

Said = tuple[Speaker, int]
"""Who said it, and in which turn of its conversation."""


def question_text(conversation: int, turn: int) -> str:
    return f"第{conversation}話の{turn}番目の質問です"


def answer_to(question: str) -> str:
    return f"『{question}』ですね。"


def said_in(text: str) -> list[tuple[int, Said]]:
    """Everything of the storm that a text quotes, each with the number of its conversation."""
    return [
        (int(conversation), (Speaker.BOT if quoted else Speaker.PERSON, int(turn)))
        for quoted, conversation, turn in SPOKEN.findall(text)
    ]


class Echo:
    """An OpenAI-compatible server: it answers by quoting the question, and writes down what it was given to condense.

    The two are told apart by ``SUMMARY_MODEL``, which must be this class's.
    """

    SUMMARY_MODEL = "echo-summary"

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.folded: list[tuple[int, Said]] = []
        self._lock = threading.Lock()
        self.app = Starlette(routes=[Route("/v1/chat/completions", self._complete, methods=["POST"])])

    async def _complete(self, request: Request) -> Response:
        asked = await request.json()
        said = asked["messages"][-1]["content"]
        head = {"id": "chatcmpl-1", "created": 0, "model": asked["model"]}
        usage = {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}
        if asked["model"] == self.SUMMARY_MODEL:
            with self._lock:
                self.folded += said_in(said)
            message = {"role": "assistant", "content": "犬の話をした。"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage})
        with self._lock:
            self.asked[said] += 1

        def chunks() -> Iterator[str]:
            answer = answer_to(said.partition(": ")[2])  # the name of who asked is before it
            for content, finish in ((answer[:5], None), (answer[5:], "stop")):
                choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
                yield f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"
            yield f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [], 'usage': usage})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(chunks(), media_type="text/event-stream")


@dataclass(frozen=True)
class Asked:
    conversation: int
    turn: int
    post: Post


@dataclass(frozen=True)
class Delivery:
    """One request of Slack's: an event, or a repetition of it with the same ``event_id``."""

    asked: Asked
    payload: Json
    retry: int


class Storm:
    """People ask ``TURNS`` questions in each of ``CONVERSATIONS`` conversations, all of them at about the same time.

    Three conversations are direct messages, the others are threads in three channels.
    """

    def __init__(self, workspace: Workspace, seed: int, turns: int = TURNS) -> None:
        self._workspace = workspace
        self._random = random.Random(seed)
        self._turns = turns
        self._first: dict[int, Post] = {}
        self.questions = [
            Asked(conversation, turn, self._ask(conversation, turn))
            for turn in range(1, turns + 1)
            for conversation in range(1, CONVERSATIONS + 1)
        ]

    def _ask(self, conversation: int, turn: int) -> Post:
        places = self._workspace.directory.channels
        text = question_text(conversation, turn)
        if conversation <= len(places) and places[conversation - 1].direct:
            place = places[conversation - 1]
            post = self._workspace.say(place.owner, place.id, text)
        else:
            place = places[conversation % 3]
            person = self._random.choice(self._workspace.directory.people).id
            thread = self._first[conversation].ts if conversation in self._first else ""
            post = self._workspace.say(person, place.id, f"@{BOT_NAME} {text}", thread)
        self._first.setdefault(conversation, post)
        return post

    def shuffled(self) -> list[Delivery]:
        """Every delivery of every question in any order whatever: twins, retries, and later questions first."""
        deliveries = [each for asked in self.questions for each in self._deliveries(asked)]
        self._random.shuffle(deliveries)
        return deliveries

    def as_asked(self) -> list[Delivery]:
        """Shuffled, but the first delivery of each question arrives in the order in which its conversation asked."""
        sources = {asked: iter(self._deliveries(asked)) for asked in self.questions}
        of_turn = {(asked.conversation, asked.turn): asked for asked in self.questions}
        arrived: dict[int, list[int]] = defaultdict(list)
        ordered = []
        for each in self.shuffled():
            conversation, turn = each.asked.conversation, each.asked.turn
            if turn not in arrived[conversation]:
                arrived[conversation].append(turn)
            ordered.append(next(sources[of_turn[conversation, arrived[conversation].index(turn) + 1]]))
        return ordered

    def volleys(self, deliveries: Sequence[Delivery]) -> Iterator[list[Delivery]]:
        """Groups of deliveries that arrive at the same moment, never two first ones of one conversation."""
        volley: list[Delivery] = []
        seen: set[Asked] = set()
        beginning: set[int] = set()
        size = 1
        for delivery in deliveries:
            is_first = delivery.asked not in seen
            if len(volley) >= size or (is_first and delivery.asked.conversation in beginning):
                yield volley
                volley, beginning, size = [], set(), self._random.randint(1, AT_ONCE)
            if is_first:
                beginning.add(delivery.asked.conversation)
                seen.add(delivery.asked)
            volley.append(delivery)
        yield volley

    def _deliveries(self, asked: Asked) -> list[Delivery]:
        event_time = int(float(asked.post.ts))
        payloads = [payload_of(event, event_time) for event in events_of(Change(asked.post), self._workspace)]
        return [
            Delivery(asked, payload, number // len(payloads))
            for number, payload in enumerate(itertools.islice(itertools.cycle(payloads), DELIVERIES))
        ]

    def conversation_ids(self) -> dict[int, str]:
        """What the store calls each conversation."""
        return {
            number: f"{TEAM}/{post.channel}" + ("" if post.channel.startswith("D") else f"/{post.ts}")
            for number, post in self._first.items()
        }

    def replies(self) -> dict[int, list[str]]:
        """What the bot has posted in each conversation, in the order in which it did."""
        numbers = {
            (post.channel, "" if post.channel.startswith("D") else post.ts): n for n, post in self._first.items()
        }
        replies: dict[int, list[str]] = {number: [] for number in self._first}
        for post in self._workspace.messages.posts():
            if post.user == BOT_USER:
                replies[numbers[post.channel, post.thread]].append(post.text)
        return replies

    def tally(self) -> dict[str, int]:
        """What a person would count: replies, and among them what is doubled, lost, or out of order."""
        replies = self.replies()
        expected = {asked: answer_to(question_text(asked.conversation, asked.turn)) for asked in self.questions}
        found = Counter(text for texts in replies.values() for text in texts)
        turns = [[turn for text in texts for _, (_, turn) in said_in(text)] for texts in replies.values()]
        return {
            "questions": len(self.questions),
            "deliveries": len(self.questions) * DELIVERIES,
            "replies": sum(found.values()),
            "doubled": sum(found[text] - 1 for text in expected.values() if found[text] > 1),
            "lost": sum(not found[text] for text in expected.values()),
            "misplaced": sum(text not in replies[asked.conversation] for asked, text in expected.items()),
            "out of order": sum(after < before for each in turns for before, after in itertools.pairwise(each)),
        }

    def misremembered(self, conversations: dict[int, Conversation], folded: list[tuple[int, Said]]) -> list[int]:
        """The conversations of which not every message is exactly once, and in order, in the buffer or in what was
        folded into the summary before."""
        whole = [(speaker, turn) for turn in range(1, self._turns + 1) for speaker in (Speaker.PERSON, Speaker.BOT)]
        wrong = []
        for number, conversation in conversations.items():
            kept = [said for message in conversation.buffer for _, said in said_in(message.text)]
            condensed = [said for each, said in folded if each == number]
            speakers = [message.speaker for message in conversation.buffer]
            if condensed + kept != whole or speakers != [speaker for speaker, _ in kept]:
                wrong.append(number)
        return wrong
