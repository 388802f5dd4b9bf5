"""Prompts that every chat template takes, and a server that takes less is asked with less."""

import json
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.openai.messages import messages
from domain.attachments import Picture, ResolvedQuestion
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.errors import ModelMisconfigured, ModelUnavailable
from domain.ports.model import Completed
from domain.prompts import Part, Prompts, Role
from domain.spending.usage import NO_USAGE
from domain.texts.english import ENGLISH
from tests.adapters.openai.servers import (
    CONDENSATION,
    DONE,
    HELLO,
    PROMPT,
    Server,
    completed,
    delta,
    model_of,
    refused,
    reply,
    streamed,
)
from tests.notes import notes

PNG = Picture("pochi.png", "image/png", b"\x89PNG\xff")
ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."


def roles(body: dict[str, Any]) -> list[str]:
    return [each["role"] for each in body["messages"]]


def is_taken(made: list[str]) -> bool:
    """The rule of Mistral's, Gemma's and DeepSeek's templates."""
    turns = made[1:] if made[:1] == ["system"] else made
    return turns == ["user", "assistant"] * (len(turns) // 2) + ["user"]


def mistral(request: httpx2.Request) -> httpx2.Response:
    body = json.loads(request.content)
    if not is_taken(roles(body)):
        return httpx2.Response(
            400, json={"object": "error", "message": ALTERNATE, "type": "BadRequestError", "code": 400}
        )
    return streamed(delta("stop", content="Woof"), DONE)


def parts() -> st.SearchStrategy[Part]:
    return st.builds(
        Part,
        st.sampled_from(list(Role)),
        st.text(max_size=5),
        st.sampled_from(["", "花子"]),
        st.sampled_from([(), (PNG,)]),
    )


@settings(deadline=None)
@given(st.lists(parts(), max_size=8))
def test_user_and_assistant_take_turns_after_one_system_message_at_most(prompt: list[Part]) -> None:
    made = messages((*prompt, Part(Role.PERSON, "Woof?")))
    assert is_taken([each["role"] for each in made])
    without = [each["role"] for each in messages((*prompt, Part(Role.PERSON, "Woof?")), system=False)]
    assert "system" not in without
    assert is_taken(without)


@settings(deadline=None)
@given(st.lists(parts(), min_size=1, max_size=8), st.booleans())
def test_every_part_is_in_the_messages_in_its_order(prompt: list[Part], system: bool) -> None:
    made = messages(tuple(prompt), system=system)
    texts = [each["content"] if isinstance(each["content"], str) else each["content"][0]["text"] for each in made]
    assert "\n\n".join(text for text in texts if text != "…") == "\n\n".join(
        part.text_with_name for part in prompt if part.text_with_name != "…"
    )
    pictures = [each for each in made if isinstance(each["content"], list) for each in each["content"][1:]]
    assert len(pictures) == sum(len(part.pictures) for part in prompt)


def test_an_instruction_in_the_middle_comes_from_the_user() -> None:
    made = messages((*PROMPT[:4], Part(Role.INSTRUCTION, "Condense.")))
    assert [each["role"] for each in made] == ["system", "user", "assistant", "user"]
    assert made[-1]["content"] == "Condense."


def conversation(turns: int) -> Conversation:
    said = [
        Message(speaker, f"{number}: dog dog dog", 4)
        for number in range(turns)
        for speaker in (Speaker.PERSON, Speaker.BOT)
    ]
    return Conversation(notes=notes("They met in Kobe."), buffer=tuple(said))


@pytest.mark.parametrize("continuing", [True, False])
def test_ten_turns_are_answered_and_condensed_where_roles_must_alternate(continuing: bool) -> None:
    server, prompts = Server(mistral), Prompts(ENGLISH, continuing=continuing)
    model = model_of(server)
    for turns in range(10):
        asked = prompts.reply(conversation(turns), ResolvedQuestion("Whose dog?", "太郎"))
        assert list(model.reply(asked)) == ["Woof", Completed(NO_USAGE)]
    condensation = prompts.condensation(conversation(10), 4, 100)
    assert model.summarise(Condensation((), conversation(10).buffer[:4], 100, condensation))[0] == "Woof"
    assert len(server.requests) == 11


def test_the_prompt_of_the_last_answer_begins_the_condensing_request() -> None:
    server, prompts = Server(mistral), Prompts(ENGLISH)
    model, talk = model_of(server), conversation(3)
    list(
        model.reply(
            prompts.reply(
                Conversation(notes=talk.notes, buffer=talk.buffer[:-2]), ResolvedQuestion(talk.buffer[-2].text)
            )
        )
    )
    model.summarise(Condensation((), talk.buffer[:2], 100, prompts.condensation(talk, 2, 100)))
    answered, condensed = (body["messages"] for body in server.bodies)
    assert condensed[: len(answered)] == answered


# A server without a system role

NO_SYSTEM = {
    "vLLM and Gemma": httpx2.Response(
        400,
        json={
            "object": "error",
            "message": "System role not supported",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "Google and Gemma": refused(
        400, message="Developer instruction is not enabled for models/gemma-3-27b-it", code=400
    ),
    "OpenAI's o1-mini": refused(
        400,
        message="Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        param="messages[0].role",
        code="unsupported_value",
    ),
    "an old Mistral": refused(400, message="Only user and assistant roles are supported!"),
    "Llama 2": refused(400, message=ALTERNATE),
    "llama.cpp": refused(500, message="Jinja Exception: System role not supported", type="server_error", code=500),
    "another": refused(422, message="This model does not support system messages"),
    "yet another": refused(400, message="Invalid role: system"),
    "a server that lists its roles": refused(400, message="Only user, assistant and tool roles are supported"),
    "a validator": httpx2.Response(
        422, json={"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "Input should be 'user' or 'assistant'"}]}
    ),
    "a strict parser": refused(400, message="messages[0]: unknown variant `system`, expected `user` or `assistant`"),
    "TGI": refused(424, message="Template error: System role not supported (in <string>:1)", type="template_error"),
}


@pytest.mark.parametrize("response", NO_SYSTEM.values(), ids=NO_SYSTEM)
def test_where_there_is_no_system_role_the_instruction_travels_with_the_first_words(response: httpx2.Response) -> None:
    server = Server(response, streamed(*HELLO))
    model = model_of(server)
    assert len(list(model.reply(PROMPT))) == 4
    assert [roles(body)[0] for body in server.bodies] == ["system", "user"]
    assert server.bodies[1]["messages"][0]["content"] == "Be kind.\n\nThey met in Kobe.\n\nHello"
    list(model.reply(PROMPT))
    assert server.bodies[2] == server.bodies[1]


def test_a_system_role_that_was_not_the_cause_is_not_unlearned() -> None:
    server = Server(refused(400, message="Invalid role: system"), refused(400, message="pochi"), streamed(*HELLO))
    model = model_of(server)
    with pytest.raises(ModelMisconfigured):
        list(model.reply(PROMPT))
    list(model.reply(PROMPT))
    assert roles(server.bodies[-1])[0] == "system"


# A server that does not stream

NO_STREAM = {
    "OpenAI": refused(
        400,
        message="Your organization must be verified to stream this model.",
        param="stream",
        code="unsupported_value",
    ),
    "a gateway": refused(400, message="stream is not supported for this model"),
    "another gateway": refused(400, message="Streaming is disabled", code="400"),
    "a strict server": refused(422, message="This endpoint does not support streaming"),
    "a small server": refused(501, message="Streaming not implemented"),
    "a gateway that forbids it": refused(
        403, message="Your organization must be verified to stream", param="stream", code="unsupported_value"
    ),
}


@pytest.mark.parametrize("response", NO_STREAM.values(), ids=NO_STREAM)
def test_where_nothing_is_streamed_the_whole_answer_is_asked_for(response: httpx2.Response) -> None:
    whole = completed("<think>犬種?</think>Woof", usage=None)
    server = Server(response, whole)
    model = model_of(server)
    for _ in range(2):
        assert list(model.reply(PROMPT)) == ["Woof", Completed(NO_USAGE)]
    assert model.summarise(CONDENSATION)[0] == "Woof"
    assert [body["stream"] for body in server.bodies] == [True, False, False, True]  # a summary has its own model
    assert "stream_options" not in server.bodies[1]
    assert server.requests[1].extensions["timeout"]["read"] == 240.0


def test_a_server_that_streams_nothing_although_it_was_asked_to_is_understood() -> None:
    assert reply(Server(completed("Woof", usage=None))) == ["Woof", Completed(NO_USAGE)]


def test_a_failing_server_is_not_taken_for_one_that_refuses() -> None:
    for response in (refused(500, message="stream not supported"), refused(503, message="system role not supported")):
        server = Server(response)
        with pytest.raises(ModelUnavailable):
            reply(server)
        assert len(server.requests) == 1


# Azure by its address of OpenAI's own form


def test_azure_is_spoken_to_by_its_address_of_openais_form() -> None:
    server = Server(streamed(*HELLO))
    reply(server, base_url="https://pochi.openai.azure.com/openai/v1/")
    (request,) = server.requests
    assert str(request.url) == "https://pochi.openai.azure.com/openai/v1/chat/completions"
    assert request.headers["authorization"].startswith("Bearer ")
    assert "max_completion_tokens" in server.bodies[0]
