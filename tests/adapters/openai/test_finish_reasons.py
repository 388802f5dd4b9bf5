"""How a completion ends, in the words and figures of many servers."""

from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.openai.finish_reasons import FinishReason, finish_reason_of
from adapters.openai.reported_usage import usage_of
from domain.errors import AnsweringError, ModelRefused, ModelUnavailable, TokenLimitTooLow
from domain.ports.model import Completed
from domain.spending.usage import Usage
from tests.adapters.openai.servers import (
    BEGINNING,
    CONDENSATION,
    DONE,
    HELLO,
    Server,
    chunk,
    completed,
    delta,
    model_of,
    reply,
    streamed,
    streaming,
)

REASONS = {
    FinishReason.END: [
        "stop",
        "STOP",
        "end_turn",
        "eos",
        "eos_token",
        "stop_sequence",
        "tool_calls",
        "FINISH_REASON_STOP",
    ],
    FinishReason.CUT: [
        "length",
        "max_tokens",
        "MAX_TOKENS",
        "model_length",
        "max_output_tokens",
        "model_context_window_exceeded",
        "something new",
    ],
    FinishReason.REFUSAL: [
        "content_filter",
        "content_filter_output",
        "content_filtered",
        "SAFETY",
        "refusal",
        "RECITATION",
        "PROHIBITED_CONTENT",
        "sensitive",
        "guardrail_intervened",
        "ERROR_TOXIC",
    ],
    FinishReason.BREAK: [
        "error",
        "abort",
        "insufficient_system_resource",
        "network_error",
        "cancelled",
        "MALFORMED_FUNCTION_CALL",
    ],
}


@pytest.mark.parametrize(("kind", "reason"), [(kind, each) for kind, reasons in REASONS.items() for each in reasons])
def test_a_finish_reason_is_of_one_kind_whoever_says_it(kind: FinishReason, reason: str) -> None:
    assert finish_reason_of(reason) is kind


def test_a_cut_answer_is_whole_with_its_note_and_a_broken_one_is_none() -> None:
    def ends(reason: str) -> list[str | Completed]:
        return reply(Server(streamed(BEGINNING, delta(content="First, open"), delta(reason))))

    assert ends("model_length") == ["First, open", Completed(Usage(), cut=True)]
    assert ends("stop") == ["First, open", Completed(Usage())]
    with pytest.raises(ModelUnavailable, match="insufficient_system_resource"):
        ends("insufficient_system_resource")
    with pytest.raises(ModelRefused):
        ends("SAFETY")


def test_a_finish_reason_that_quotes_people_is_not_logged_as_it_is() -> None:
    with pytest.raises(ModelRefused) as caught:
        reply(Server(streamed(delta("content_filter: 私の秘密 is my secret", content="Once"))))
    assert "秘密" not in str(caught.value)
    assert " my secret" not in str(caught.value)


def test_done_after_words_is_an_end_without_any_reason() -> None:
    assert reply(Server(streamed(delta(content="Woof"), DONE))) == ["Woof", Completed(Usage())]
    for nothing in (DONE, delta(content="\n") + DONE, delta(content="Woof")):
        with pytest.raises(ModelUnavailable):
            reply(Server(streamed(nothing)))


@pytest.mark.parametrize("nothing", ["null", "None", "undefined", " "])
def test_a_word_for_no_reason_is_none(nothing: str) -> None:
    answer = streamed(delta(nothing, content="Wo"), delta(nothing, content="of"), delta("stop"), delta(nothing), DONE)
    assert reply(Server(answer)) == ["Wo", "of", Completed(Usage())]
    assert reply(Server(streamed(delta(nothing, content="Woof"), DONE))) == ["Woof", Completed(Usage())]
    with pytest.raises(ModelUnavailable):
        reply(Server(streamed(delta(nothing, content="Wo"))))


def test_an_unstreamed_answer_without_a_reason_has_ended() -> None:
    assert reply(Server(completed("Woof", None, usage=None))) == ["Woof", Completed(Usage())]


# Records without meaning

MEANINGLESS = [
    b"retry: 3000\n\n",
    b"id: 1\n\n",
    b": ping\n\n",
    b"event: ping\n\n",
    b"data:\n\n",
    b"data: \n\n",
    b"id: 1\r\n: ping\r\n\r\n",
    b"\n\n\n",
]


@pytest.mark.parametrize("record", MEANINGLESS)
def test_records_without_data_mean_nothing(record: bytes) -> None:
    server = Server(streamed(*(each for event in HELLO for each in (record, event)), record))
    assert "".join(piece for piece in reply(server) if isinstance(piece, str)) == "こんにちは!"


def test_a_comment_after_an_id_means_nothing() -> None:
    body = b"id: 1\n" + delta(content="Wo") + b": ping\n\nid: 1\n" + delta("stop", content="of") + DONE
    assert reply(Server(streamed(body))) == ["Wo", "of", Completed(Usage())]


MEDIA_TYPES = ["text/event-stream", "text/event-stream; charset=utf-8", "text/plain", "", "application/json"]


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_stream_is_read_whatever_it_is_called_and_however_it_is_cut(media_type: str) -> None:
    server, _ = streaming(*(bytes([each]) for each in b"".join(HELLO)))
    server.responses[0].headers["content-type"] = media_type  # type: ignore[union-attr]
    assert "".join(piece for piece in reply(server) if isinstance(piece, str)) == "こんにちは!"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_document_is_read_whatever_it_is_called(media_type: str) -> None:
    response = completed("Woof", usage=None)
    response.headers["content-type"] = media_type
    assert reply(Server(response)) == ["Woof", Completed(Usage())]


def test_a_stream_may_begin_with_a_byte_order_mark_and_end_without_an_empty_line() -> None:
    for end in (delta("stop"), DONE):
        server = Server(streamed(b"\xef\xbb\xbf", delta(content="Woof"), end.rstrip()))
        assert reply(server) == ["Woof", Completed(Usage())]


def test_only_the_first_of_several_choices_is_the_answer() -> None:
    other = chunk(choices=[{"index": 1, "delta": {"content": "Miaow"}, "finish_reason": "length"}])
    assert reply(Server(streamed(delta("stop", content="Woof"), other, DONE))) == ["Woof", Completed(Usage())]


# Figures

COUNTS = [
    (7, 7),
    ("7", 7),
    (7.0, 7),
    (7.9, 7),
    (None, 0),
    (-7, 0),
    ("many", 0),
    (float("nan"), 0),
    ([7], 0),
    (10**40, 0),
]


@pytest.mark.parametrize(("told", "tokens"), COUNTS)
def test_a_figure_of_any_shape_costs_no_answer(told: Any, tokens: int) -> None:
    figures = {"prompt_tokens": told, "completion_tokens": told, "prompt_tokens_details": {"cached_tokens": told}}
    assert reply(Server(streamed(delta("stop", content="Woof"), chunk(usage=figures), DONE))) == [
        "Woof",
        Completed(Usage(tokens, tokens, tokens)),
    ]


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.floats() | st.text(max_size=3) | st.integers(), lambda inner: st.lists(inner, max_size=2)
    )
)
def test_usage_is_never_negative_and_never_more_cached_than_sent(anything: Any) -> None:
    names = ("prompt_tokens", "completion_tokens", "prompt_tokens_details", "cached_tokens", "prompt_cache_hit_tokens")
    for figures in (anything, dict.fromkeys(names, anything), {"prompt_tokens_details": {"cached_tokens": anything}}):
        usage = usage_of(figures)
        assert 0 <= usage.cached <= usage.sent
        assert usage.received >= 0


@pytest.mark.parametrize("name", ["cache_write_tokens", "cache_creation_tokens"])
def test_tokens_that_were_written_to_the_cache_are_some_of_those_sent_and_not_cached(name: str) -> None:
    details = {"cached_tokens": 2_000, name: 400}
    assert usage_of({"prompt_tokens": 2_600, "prompt_tokens_details": details}) == Usage(2_600, 0, 2_000, written=400)
    assert usage_of({"prompt_tokens": 2_100, "prompt_tokens_details": details}).written == 100


def test_cached_tokens_are_found_under_the_names_of_others() -> None:
    assert usage_of({"prompt_tokens": 9, "prompt_cache_hit_tokens": 5}) == Usage(9, 0, 5)
    assert usage_of({"prompt_tokens": 9, "cached_tokens": 5}) == Usage(9, 0, 5)
    in_a_choice = chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 9}}])
    assert reply(Server(streamed(delta(content="Woof"), in_a_choice)))[-1] == Completed(Usage(9))


# A limit that thoughts use up

THOUGHTS = {
    "prompt_tokens": 50,
    "completion_tokens": 2000,
    "completion_tokens_details": {"reasoning_tokens": 1990},
}


def test_reasoning_tokens_are_some_of_those_received() -> None:
    assert usage_of(THOUGHTS) == Usage(50, 2000, reasoning=1990)
    assert usage_of(THOUGHTS | {"completion_tokens": 7}).reasoning == 7


def thought_all_along(usage: dict[str, Any] | None = None) -> httpx2.Response:
    return streamed(delta(content="", reasoning_content="犬種?"), delta("length", content=""), chunk(usage=usage), DONE)


def test_a_limit_that_thoughts_use_up_is_named_with_its_setting() -> None:
    with pytest.raises(TokenLimitTooLow) as caught:
        reply(Server(thought_all_along(THOUGHTS)))
    assert str(caught.value) == (
        "gpt-4o-mini: the limit of 2000 tokens was used up before the first word of the answer: "
        "2000 tokens received, 1990 of them thoughts; raise REPLY_TOKEN_LIMIT"
    )
    assert caught.value.usage == Usage(50, 2000, reasoning=1990)


@pytest.mark.parametrize("content", ["<think>Pochi is", "\n\n", "", None])
def test_no_answer_at_the_limit_is_never_shown_as_an_answer(content: str | None) -> None:
    with pytest.raises(TokenLimitTooLow, match="raise REPLY_TOKEN_LIMIT"):
        reply(Server(streamed(delta("length", content=content))))


def test_a_summary_is_asked_again_with_room_to_think_which_is_remembered() -> None:
    def thinks(request: httpx2.Request) -> httpx2.Response:
        return completed("They met in Kobe.") if b'"max_completion_tokens":4077' in request.content else spent(request)

    def spent(request: httpx2.Request) -> httpx2.Response:
        return completed("", "length", message={"reasoning_content": "..."})

    server = Server(thinks)
    model = model_of(server)
    made = [model.summarise(CONDENSATION) for _ in range(2)]
    assert [summary for summary, _ in made] == ["They met in Kobe."] * 2
    assert [body["max_completion_tokens"] for body in server.bodies] == [77, 4077, 4077]
    (_, first), (_, second) = made
    assert first.usage == second.usage + second.usage  # what came to nothing was paid for too

    server = Server(spent)
    with pytest.raises(TokenLimitTooLow, match="raise SUMMARY_TOKEN_LIMIT") as caught:
        model_of(server).summarise(CONDENSATION)
    assert caught.value.usage == second.usage + second.usage + second.usage
    assert [body["max_completion_tokens"] for body in server.bodies] == [77, 4077, 16077]


def test_what_thoughts_took_is_told_of_also_where_the_next_attempt_fails() -> None:
    def thinks(request: httpx2.Request) -> httpx2.Response:
        if b'"max_completion_tokens":4077' in request.content:
            return httpx2.Response(503, text="gone")
        return thought_all_along(THOUGHTS)

    with pytest.raises(ModelUnavailable) as caught:
        model_of(Server(thinks)).summarise(CONDENSATION)
    assert caught.value.usage == Usage(50, 2000, reasoning=1990)


# Bounds


def test_an_answer_beyond_every_limit_is_ended_by_us() -> None:
    server, body = streaming(*[delta(content="ポチ" * 500)] * 10_000)
    *pieces, last = model_of(server).reply(())
    assert last == Completed(Usage(), cut=True)
    assert len("".join(map(str, pieces))) == 2000 * 16
    assert body.closed


def test_a_whole_answer_beyond_every_limit_is_cut_too() -> None:
    *pieces, last = reply(Server(completed("ポチ" * 1_000_000, usage=None)))
    assert last == Completed(Usage(), cut=True)
    assert len("".join(map(str, pieces))) == 2000 * 16


def test_endless_thoughts_in_tags_and_endless_blanks_are_ended_by_us() -> None:
    for piece in ("ポチ" * 500, "\n" * 1000):
        server, body = streaming(delta(content="<think>"), *[delta(content=piece)] * 10_000)
        with pytest.raises(AnsweringError):
            list(model_of(server).reply(()))
        assert body.closed
