"""Thoughts before an answer, in each form in which servers send them: nobody sees them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.openai.thoughts import Thoughts
from domain.errors import TokenLimitTooLow
from domain.ports.model import Completed, Retraction
from domain.spending.usage import Usage
from tests.adapters.openai.servers import (
    CONDENSATION,
    DONE,
    PROMPT,
    Server,
    completed,
    delta,
    model_of,
    reply,
    streamed,
)

ANSWER = "ポチは柴犬です。\n\n<think>は印です</think>"
OPENINGS = ["<think>", "<thinking>", "<THINK>", "<thought>", "<seed:think>", "[THINK]"]


def answer(*pieces: str) -> str:
    thoughts = Thoughts()
    return "".join([*map(thoughts.without, pieces), thoughts.rest()])


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("before", ["", "\n", " \u3000\ufeff"])
def test_thoughts_at_the_beginning_are_taken_out_with_the_blanks_around_them(opening: str, before: str) -> None:
    closing = f"{opening[0]}/{opening[1:]}"
    assert answer(f"{before}{opening}ポチの犬種は?\n{closing}\n\n{ANSWER}") == ANSWER
    assert answer(f"{before}{opening}{closing}{ANSWER}") == ANSWER


@pytest.mark.parametrize(
    "thoughts",
    [
        "◁think▷犬種?◁/think▷",
        "<|channel|>analysis<|message|>犬種?<|end|><|start|>assistant<|channel|>final<|message|>",
        "<|channel>thought\n犬種?<channel|>",
        "<reasoning>犬種?</reasoning>",
        "<think id=1>犬種?</think>",
        '<thinking budget="400"\n lang="ja">犬種?</thinking>',
        "＜think＞犬種?＜/think＞",
        "＜ＴＨＩＮＫ＞犬種?</think>",
        "<|begin_of_thought|>犬種?<|end_of_thought|>",
    ],
)
def test_the_marks_of_other_families_of_models_are_known(thoughts: str) -> None:
    assert answer(*thoughts, *ANSWER) == ANSWER


def test_several_thoughts_in_a_row_are_all_taken_out() -> None:
    assert answer("<think>a</think>\n<thinking>b</thinking>\n<think></think>Woof") == "Woof"


@pytest.mark.parametrize(
    "text",
    [
        "Woof <think>not a thought</think>",
        "<b>Woof</b>",
        "</think> Woof",
        "<thinker>Woof</thinker>",
        "  Woof",
        "<thin",
        "<",
    ],
)
def test_whatever_is_no_tag_at_the_beginning_is_text(text: str) -> None:
    assert answer(text) == text
    assert answer(*text) == text


@pytest.mark.parametrize("text", ["<think>", "<think>Pochi is", "\n<thinking>Pochi is</think", "<think>a</think>\n"])
def test_thoughts_that_are_never_closed_are_no_answer(text: str) -> None:
    assert answer(text) == answer(*text) == ""


UNOPENED = [
    "犬種?</think>",
    "\n犬種は?\n犬種は柴犬。\n</think>\n\n",
    "```\n柴犬\n```\n</THINK>\n",
    "犬種?＜/think＞",
    "犬?[/THINK]",
]
"""As models write whose chat template has the opening tag."""


@pytest.mark.parametrize("thoughts", UNOPENED)
def test_what_stands_before_a_closing_tag_that_nothing_has_opened_was_thoughts(thoughts: str) -> None:
    for size in (1, 3, 1000):
        text, thinking, shown = thoughts + ANSWER, Thoughts(), ""
        for start in range(0, len(text), size):
            was, piece = thinking.unopened, thinking.without(text[start : start + size])
            shown = piece if thinking.unopened and not was else shown + piece
        assert (thinking.unopened, shown + thinking.rest()) == (True, ANSWER)


@pytest.mark.parametrize("thoughts", [*UNOPENED, "</think>", "\n\n</think>\n\n", f"<think>{UNOPENED[0]}"])
def test_of_a_model_that_is_known_to_begin_inside_its_thoughts_nothing_of_them_is_returned(thoughts: str) -> None:
    for pieces in ([thoughts + ANSWER], thoughts + ANSWER):
        thinking = Thoughts(unopened=True)
        assert "".join([*map(thinking.without, pieces), thinking.rest()]) == ANSWER


def test_where_such_a_model_closes_nothing_its_whole_text_is_the_answer_unless_it_was_cut() -> None:
    for cut, shown in ((False, "ポチは柴犬です。"), (True, "")):
        thinking = Thoughts(unopened=True)
        assert [thinking.without(piece) for piece in "ポチは柴犬です。"] == [""] * 8
        assert thinking.rest(cut=cut) == shown


@pytest.mark.parametrize(
    "text",
    [
        "R1 ends its thoughts with `</think>`.",
        "R1は「</think>」で考えを終えます。",
        "Like this:\n```\n犬種?\n</think>\n```\nWoof",
        "<b>Woof</b> <think>犬種?</think> Woof",
    ],
)
def test_a_closing_tag_that_is_spoken_of_is_text(text: str) -> None:
    for pieces in ([text], text):
        thinking = Thoughts()
        assert "".join([*map(thinking.without, pieces), thinking.rest()]) == text
        assert not thinking.unopened


@settings(deadline=None)
@given(st.data())
def test_it_does_not_matter_where_a_stream_is_cut(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([f"{each}x{each[0]}/{each[1:]}\n {ANSWER}" for each in OPENINGS]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1))))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert answer(*pieces) == ANSWER


@settings(deadline=None)
@given(st.text(alphabet="<think/>ing犬\n ", max_size=40))
def test_what_is_shown_of_a_text_is_always_its_end(text: str) -> None:
    assert text.endswith(answer(*text))


FORMS: dict[str, list[dict[str, Any]]] = {
    "in a field": [{"content": "", "reasoning_content": "犬種?"}, {"content": "Woof"}],
    "in OpenRouter's field": [{"content": None, "reasoning": "犬種?", "reasoning_details": [{}]}, {"content": "Woof"}],
    "in tags": [{"content": "<thi"}, {"content": "nk>犬種?</th"}, {"content": "ink>\n\nWo"}, {"content": "of"}],
    "in parts": [
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "犬種?"}]}]},
        {"content": [{"type": "text", "text": "Wo"}]},
        {"content": "of"},
    ],
    "in parts with a text of their own": [
        {"content": [{"type": "thinking", "text": "犬種?"}, {"type": "text", "text": "Woof"}, "", {"type": "x"}, 7]}
    ],
    "in parts by other names": [
        {"content": [{"type": "reasoning", "text": "犬種?"}, {"type": "summary_text", "text": "犬種"}]},
        {"content": [{"type": "text", "text": "犬種?", "thought": True}, {"type": "output_text", "text": "Woof"}]},
    ],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_form_of_thoughts_is_part_of_the_answer(form: list[dict[str, Any]]) -> None:
    *pieces, last = reply(Server(streamed(*(delta(**each) for each in form), delta("stop"), DONE)))
    assert "".join(map(str, pieces)) == "Woof"
    assert last == Completed(Usage())


@pytest.mark.parametrize(
    "content",
    ["<think>犬種?</think>\n\nWoof", [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Woof"}]],
)
def test_a_summary_has_no_thoughts_either_streamed_or_not(content: Any) -> None:
    for response in (completed(content), streamed(delta("stop", content=content), DONE)):
        assert model_of(Server(response)).summarise(CONDENSATION)[0] == "Woof"


UNOPENED_ANSWER = [delta(content=each) for each in ("犬種?\n", "</thi", "nk>\n", "\nWo", "of")]


def test_thoughts_without_an_opening_tag_are_taken_back_once_and_held_back_from_then_on() -> None:
    model = model_of(Server(streamed(*UNOPENED_ANSWER, delta("stop"), DONE)))
    first, second = (list(model.reply(PROMPT)) for _ in range(2))
    assert first[first.index(Retraction()) :] == [Retraction(), "Wo", "of", Completed(Usage())]
    assert "".join(map(str, second[:-1])) == "Woof"


def test_a_summary_and_an_unstreamed_answer_have_no_thoughts_without_an_opening_tag_either() -> None:
    for response in (completed("犬種?\n</think>\n\nWoof"), streamed(*UNOPENED_ANSWER, delta("stop"), DONE)):
        assert model_of(Server(response)).summarise(CONDENSATION)[0] == "Woof"
        *pieces, _ = model_of(Server(response)).reply(PROMPT)
        assert "".join(str(each) for each in pieces[-2:]).endswith("Woof")


def test_thoughts_that_use_up_the_limit_of_a_model_known_to_begin_with_them_are_no_answer() -> None:
    model = model_of(
        Server(streamed(*UNOPENED_ANSWER, delta("stop"), DONE), streamed(UNOPENED_ANSWER[0], delta("length"), DONE))
    )
    list(model.reply(PROMPT))
    with pytest.raises(TokenLimitTooLow, match="REPLY_TOKEN_LIMIT"):
        list(model.reply(PROMPT))
