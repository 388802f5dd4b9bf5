"""Ways to remember one conversation, side by side: this project's, and to send the whole thread.

Each answers a question with the model and remembers the turn. The instruction is the same for all. LangChain's two are
in ``bench.peers.langchain``.
"""

from dataclasses import dataclass
from typing import Protocol

from bench.peers.conversations import Conversation
from bench.peers.facts import MODEL, count_tokens
from bench.stand_ins import REPLY_TOKENS
from bench.turns import Bench
from domain.attachments import ResolvedQuestion
from domain.conversations.conversation import Conversation as Empty
from domain.prompts import Prompts


class Way(Protocol):
    """One way to remember."""

    def ask(self, turn: int) -> None:
        """Answer the question of this turn in Slack and remember both."""
        ...


@dataclass(frozen=True)
class Circumstances:
    """What the ways have in common. ``bot`` has the clients; ``summary`` is the most tokens of a summary.

    ``limit`` is the number of tokens that a way is given for what it shows word for word, in its own terms.
    """

    bot: Bench
    conversation: Conversation
    address: str
    keep: int
    summary: int
    limit: int

    @property
    def instruction(self) -> str:
        return Prompts(self.conversation.language).reply(Empty(), ResolvedQuestion("…"))[0].text

    def question(self, turn: int) -> str:
        return f"{self.conversation.person(turn)}: {self.conversation.question(turn)}"


class Notes:
    """This project: its use case on SQLite, with the numbers that its clients were made with."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._bot = circumstances.bot
        self._conversation = circumstances.conversation

    def ask(self, turn: int) -> None:
        person = self._conversation.people.index(self._conversation.person(turn))
        self._bot.ask(turn, self._conversation.question(turn), f"U{person + 1}")


class WholeThread:
    """Every message, as far as they fit into the window: the oldest turns that do not fit are not sent."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._messages: list[dict[str, str]] = []
        self._tokens: list[int] = []
        self._total = 0

    def ask(self, turn: int) -> None:
        self._take("user", self._circumstances.question(turn))
        instruction = {"role": "system", "content": self._circumstances.instruction}
        asked = [instruction, *self._messages]
        answer = self._circumstances.bot.complete(MODEL, asked, max_completion_tokens=REPLY_TOKENS)
        self._take("assistant", answer)
        self._circumstances.bot.post(answer)

    def _take(self, role: str, text: str) -> None:
        self._messages.append({"role": role, "content": text})
        self._tokens.append(count_tokens(text))
        self._total += self._tokens[-1]
        while self._total > self._circumstances.limit and len(self._tokens) > 2:
            self._total -= sum(self._tokens[:2])
            del self._tokens[:2], self._messages[:2]
