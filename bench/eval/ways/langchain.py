"""LangChain's ``ConversationSummaryBufferMemory``. It is imported only where it is installed: requirements/peers.txt.

Of the three numbers it knows one, how much stays word for word, and is given the limit. Its summary is asked for with
the summary's limit.
"""

import warnings
from typing import Any

from bench.eval.talks.generator import Turn
from bench.eval.ways.buffered import OWN_FAILURES, Circumstances
from domain.attachments import ResolvedQuestion
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Conversation
from domain.prompts import Part, Prompt, Role


class LangChainMemory:
    """LangChain's memory with this eval's model. Raises ``ImportError`` where LangChain is not installed."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        from langchain_classic.memory import ConversationSummaryBufferMemory  # noqa: PLC0415

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is deprecated, and still what people have
            self._memory = ConversationSummaryBufferMemory(
                llm=_chat_model(circumstances), max_token_limit=circumstances.memory.limit, return_messages=True
            )

    def take(self, turn: Turn) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._memory.save_context({"input": f"{turn.person}: {turn.question}"}, {"output": turn.answer})
            except OWN_FAILURES:
                return  # LangChain has taken the messages out by then: they are lost

    def prompt(self, person: str, question: str) -> Prompt:
        """Instruction, summary, buffer, question. The instruction is the same as everybody's."""
        roles = {"system": Role.RECORD, "human": Role.PERSON, "ai": Role.BOT}
        history = self._memory.load_memory_variables({})["history"]
        remembered = [Part(roles[each.type], str(each.content)) for each in history]
        plain = self._circumstances.prompts.reply(Conversation(), ResolvedQuestion(question, person))
        return (*plain[:-1], *remembered, plain[-1])

    @property
    def record(self) -> str:
        return self._memory.moving_summary_buffer


def _chat_model(circumstances: Circumstances) -> Any:
    """A chat model of LangChain's that asks this eval's model."""
    from langchain_core.language_models import SimpleChatModel  # noqa: PLC0415
    from langchain_core.messages import BaseMessage  # noqa: PLC0415

    class ChatModel(SimpleChatModel):
        def _call(self, messages: list[BaseMessage], *_: Any, **__: Any) -> str:
            prompt = tuple(Part(Role.PERSON, str(each.content)) for each in messages)
            written, _usage = circumstances.model.summarise(Condensation((), (), circumstances.memory.summary, prompt))
            return written

        def get_num_tokens_from_messages(self, messages: list[BaseMessage], *_: Any, **__: Any) -> int:
            return sum(circumstances.count_tokens(str(each.content)) for each in messages)

        @property
        def _llm_type(self) -> str:
            return "bench.eval"

    return ChatModel()
