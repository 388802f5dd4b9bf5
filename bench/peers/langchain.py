"""LangChain's two ways to remember. It is imported only where it is installed: requirements/peers.txt."""

import warnings
from collections.abc import Iterable
from typing import Any

from bench.peers.facts import MODEL, count_tokens
from bench.peers.ways import Circumstances
from bench.stand_ins import REPLY_TOKENS


class SummaryBuffer:
    """LangChain's ``ConversationSummaryBufferMemory``. ``limit`` is its ``max_token_limit``."""

    def __init__(self, circumstances: Circumstances) -> None:
        from langchain_classic.memory import ConversationSummaryBufferMemory  # noqa: PLC0415
        from langchain_core.messages import HumanMessage, SystemMessage  # noqa: PLC0415

        self._circumstances = circumstances
        self._model = _chat_model(circumstances, REPLY_TOKENS)
        self._system, self._human = SystemMessage(circumstances.instruction), HumanMessage
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is deprecated, and still what people have
            self._memory = ConversationSummaryBufferMemory(
                llm=_chat_model(circumstances, circumstances.summary),
                max_token_limit=circumstances.limit,
                return_messages=True,
            )

    def ask(self, turn: int) -> None:
        question = self._circumstances.question(turn)
        history = self._memory.load_memory_variables({})["history"]
        answer = str(self._model.invoke([self._system, *history, self._human(question)]).content)
        self._circumstances.bot.post(answer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._memory.save_context({"input": question}, {"output": answer})


class Middleware:
    """An agent of LangGraph's with LangChain's ``SummarizationMiddleware``.

    ``limit`` is its trigger. What it counts there has the summary in it, and where the model's usage is more, that
    counts. It is told to keep what this project keeps, and counts with the model's own tokens: its estimate by
    characters takes Japanese for a quarter of what it is.
    """

    def __init__(self, circumstances: Circumstances) -> None:
        from langchain.agents import create_agent  # noqa: PLC0415
        from langchain.agents.middleware import SummarizationMiddleware  # noqa: PLC0415
        from langgraph.checkpoint.memory import InMemorySaver  # noqa: PLC0415

        self._circumstances = circumstances
        self._agent = create_agent(
            model=_chat_model(circumstances, REPLY_TOKENS),
            tools=[],
            system_prompt=circumstances.instruction,
            middleware=[
                SummarizationMiddleware(
                    model=_chat_model(circumstances, circumstances.summary),
                    trigger=("tokens", circumstances.limit),
                    keep=("tokens", circumstances.keep),
                    token_counter=_tokens_of,
                )
            ],
            checkpointer=InMemorySaver(),
        )

    def ask(self, turn: int) -> None:
        state = self._agent.invoke(
            {"messages": [{"role": "user", "content": self._circumstances.question(turn)}]},
            {"configurable": {"thread_id": "pochi"}},
        )
        self._circumstances.bot.post(str(state["messages"][-1].content))


def _tokens_of(messages: Iterable[Any]) -> int:
    return sum(count_tokens(str(each.content)) for each in messages)


def _chat_model(circumstances: Circumstances, tokens: int) -> Any:
    """LangChain's client of the stand-in, for at most so many tokens."""
    from langchain_openai import ChatOpenAI  # noqa: PLC0415

    return ChatOpenAI(
        model=MODEL,
        base_url=f"{circumstances.address}/v1",
        api_key="sk-bench",
        max_tokens=tokens,
        temperature=None,
        max_retries=0,
    )
