"""What every ``LanguageModel`` promises, asked of each adapter that plays one."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from adapters.offline import OfflineLanguageModel
from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from domain.attachments import Document, Picture, ResolvedQuestion
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.ports.model import Completed, LanguageModel
from domain.prompts import Part, Prompts, Role
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from tests.notes import notes
from tests.stand_ins import SOON

DOG = Message(Speaker.PERSON, "私の犬の名前はポチです。", 12)
CAT = Message(Speaker.PERSON, "My cat's name is Tama.", 8)
NICE = Message(Speaker.BOT, "いい名前ですね。", 6)
PROMPTS = Prompts(JAPANESE)


def openai_server(request: httpx2.Request) -> httpx2.Response:
    """Echoes the last message, letter by letter where a stream is asked for."""
    asked = json.loads(request.content)
    content = asked["messages"][-1]["content"]
    words = content if isinstance(content, str) else content[0]["text"]
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35}
    if not asked["stream"]:
        message = {"role": "assistant", "content": words}
        choices: list[dict[str, Any]] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return httpx2.Response(200, json={"id": "1", "object": "chat.completion", "choices": choices, "usage": usage})
    choices = [{"index": 0, "delta": {"content": letter}, "finish_reason": None} for letter in words]
    choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    chunks: list[dict[str, Any]] = [{"choices": [choice], "usage": None} for choice in choices]
    chunks.append({"choices": [], "usage": usage})
    events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return httpx2.Response(
        200, headers={"content-type": "text/event-stream"}, content="".join([*events, "data: [DONE]\n\n"]).encode()
    )


def openai_model() -> LanguageModel:
    return OpenAILanguageModel(
        client=openai_client(api_key="sk-test").copy(
            http_client=httpx2.Client(transport=httpx2.MockTransport(openai_server))
        ),
        chat_model="gpt-4o-mini",
        summary_model="gpt-4o-mini",
        temperature=None,
        reply_token_limit=100,
    )


def offline_model() -> LanguageModel:
    return OfflineLanguageModel(language="ja", count_tokens=len, sleep=lambda seconds: None)


@pytest.fixture(params=[openai_model, offline_model])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    made: LanguageModel = request.param()
    return made


def condensation(*folded: Message) -> Condensation:
    conversation = Conversation(buffer=(*folded, CAT, NICE))
    return Condensation((), folded, 200, PROMPTS.condensation(conversation, len(folded), 200))


def is_a_bill(completed: object) -> bool:
    if not isinstance(completed, Completed):
        return False
    usage = completed.usage
    return usage.sent > 0 and usage.received > 0 and 0 <= usage.cached <= usage.sent


@pytest.mark.parametrize(
    "conversation",
    [
        Conversation(),
        Conversation(buffer=(DOG, NICE)),
        Conversation(notes=notes("私: 私の犬の名前はポチです。"), buffer=(CAT, NICE)),
    ],
)
def test_an_answer_is_pieces_of_text_and_at_the_very_end_one_bill(
    model: LanguageModel, conversation: Conversation
) -> None:
    *pieces, last = model.reply(PROMPTS.reply(conversation, ResolvedQuestion("犬の名前は?")))
    assert is_a_bill(last)
    assert len(pieces) > 1
    assert all(isinstance(piece, str) and piece for piece in pieces)


def test_pieces_join_to_the_same_answer_however_often_it_is_asked(model: LanguageModel) -> None:
    prompt = PROMPTS.reply(Conversation(buffer=(DOG, NICE)), ResolvedQuestion("犬の\n名前は?"))
    first, second = (list(model.reply(prompt)) for _ in range(2))
    assert first == second
    assert "名前は" in "".join(piece for piece in first if isinstance(piece, str))


@pytest.mark.parametrize("folded", [(DOG, NICE), (DOG,), (NICE,), (DOG, NICE, CAT, NICE)])
def test_a_summary_is_never_empty(model: LanguageModel, folded: tuple[Message, ...]) -> None:
    summary, completed = model.summarise(condensation(*folded))
    assert summary.strip()
    assert is_a_bill(completed)


def test_an_answer_may_be_abandoned_at_any_word(model: LanguageModel) -> None:
    prompt = PROMPTS.reply(Conversation(buffer=(DOG, NICE)), ResolvedQuestion("犬の名前は?"))
    answer = model.reply(prompt)
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert is_a_bill(list(model.reply(prompt))[-1])


def test_two_threads_that_are_answered_at_once_each_hear_their_own_answer(model: LanguageModel) -> None:
    prompts = [
        PROMPTS.reply(Conversation(buffer=(DOG, NICE)), ResolvedQuestion("犬の名前は?")),
        Prompts(ENGLISH).reply(Conversation(buffer=(CAT, NICE)), ResolvedQuestion("What is my cat's name?")),
    ]
    alone = [list(model.reply(prompt)) for prompt in prompts]
    assert alone[0] != alone[1]
    both = threading.Barrier(2, timeout=SOON)

    def in_step(prompt: tuple[Part, ...]) -> list[str | Completed]:
        answer = model.reply(prompt)
        heard = [next(answer)]
        both.wait()  # each is in the middle of its answer while the other is
        heard.extend(answer)
        model.summarise(condensation(DOG, NICE))
        return heard

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(in_step, prompts)) == alone


def test_a_prompt_of_one_part_is_enough(model: LanguageModel) -> None:
    assert is_a_bill(list(model.reply((Part(Role.PERSON, "犬の名前は?"),)))[-1])


def test_a_question_may_come_with_a_name_and_files(model: LanguageModel) -> None:
    picture, document = Picture("犬.png", "image/png", b"\x89PNG"), Document("犬.txt", "犬の名前はポチです。", cut=True)
    *pieces, last = model.reply(
        PROMPTS.reply(Conversation(), ResolvedQuestion("犬の名前は?", "花子", (picture,), (document,)))
    )
    assert is_a_bill(last)
    assert "ポチ" in "".join(str(piece) for piece in pieces)


def test_a_model_has_a_name(model: LanguageModel) -> None:
    assert model.name.strip()
