"""Thoughts before an answer, in each form in which servers send them: nobody sees them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.openai.thoughts import Thoughts
from domain.ports import Completed
from domain.usage import Usage
from tests.adapters.openai.servers import CONDENSATION, DONE, Server, completed, delta, model_of, reply, streamed

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
