"""Token counts, which must never come to depend on a network, a cache or the environment."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiktoken.load import load_tiktoken_bpe
from tiktoken_ext import openai_public

from adapters.tiktoken import ENCODINGS, count_tokens_for

TABLE = "fb374d419588a4632f3f557e76b4b70aebbca790"
ROOT = Path(__file__).parents[2]

OFFLINE = """
import socket, sys
def forbidden(*_, **__): raise AssertionError("the network was asked")
socket.socket = socket.create_connection = socket.getaddrinfo = forbidden
"""

count = count_tokens_for("gpt-4o-mini")


def in_a_fresh_process(code: str, **environment: str) -> str:
    """What the code prints, run where no earlier test has loaded anything."""
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("hello world", 2),
        ("tiktoken is great!", 6),
        ("antidisestablishmentarianism", 6),
        ("2 + 2 = 4", 7),
        ("お誕生日おめでとう", 8),
    ],
)
def test_counts_are_those_of_this_encoding(text: str, tokens: int) -> None:
    assert count(text) == tokens


def test_what_looks_like_a_special_token_is_just_text() -> None:
    assert count("<|endoftext|>") > 1
    assert count_tokens_for("gpt-oss-20b")("<|start|>system<|message|>") > 3


def test_half_a_surrogate_pair_is_counted_and_does_no_harm() -> None:
    assert count("dog \ud83d bone") == 3 + count("dog") - 1
    assert count("\ud83d\ude00") == count("😀")


@given(st.text(max_size=80))
def test_a_text_never_has_more_tokens_than_bytes(text: str) -> None:
    assert 0 <= count(text) <= len(text.encode(errors="replace"))


@pytest.mark.parametrize("text", ["a" * 100_000, "^" * 100_000, "あ" * 40_000, " " * 100_000])
def test_a_long_run_of_one_character_is_no_trouble(text: str) -> None:
    assert 0 < count(text) <= len(text)


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-oss-120b", "gpt-4", "gpt2", "davinci-002", "llama3.1:8b", ""])
def test_a_model_that_is_unknown_or_whose_table_is_not_carried_is_estimated(model: str) -> None:
    assert count_tokens_for(model)("私の犬の名前はポチです") == count("私の犬の名前はポチです")


def test_nothing_is_loaded_before_the_first_count() -> None:
    code = """
import sys
from adapters.tiktoken import count_tokens_for
count = count_tokens_for("gpt-4o")
before = "tiktoken" in sys.modules
count("hello")
print(before, "tiktoken" in sys.modules)
"""
    assert in_a_fresh_process(code) == "False True"


def test_the_network_the_cache_and_the_environment_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_bytes(b"damaged")
    code = f"""{OFFLINE}
import os
before = dict(os.environ)
from adapters.tiktoken import count_tokens_for
print(count_tokens_for("gpt-4o")("hello world"), count_tokens_for("gpt-4")("hello world"), os.environ == before)
"""
    printed = in_a_fresh_process(code, TIKTOKEN_CACHE_DIR=str(tmp_path), DATA_GYM_CACHE_DIR=str(tmp_path))
    assert printed == "2 2 True"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"damaged"]


def test_tiktoken_itself_still_fetches_for_whoever_else_uses_it() -> None:
    count("hello")
    assert openai_public.load_tiktoken_bpe is load_tiktoken_bpe


def test_the_carried_table_is_the_one_that_tiktoken_would_fetch() -> None:
    code = f"{OFFLINE}\nimport tiktoken; print(tiktoken.get_encoding('o200k_base').encode('hello world'))"
    assert in_a_fresh_process(code, TIKTOKEN_CACHE_DIR=str(ENCODINGS)) == "[24912, 2375]"
    assert (ENCODINGS / TABLE).exists()


def test_a_missing_table_is_one_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=TABLE):
        count_tokens_for("gpt-4o", tmp_path)("hello")


def test_a_damaged_table_is_one_error_that_names_it_and_stays_as_it_is(tmp_path: Path) -> None:
    damaged = (ENCODINGS / TABLE).read_bytes()[:-1]
    (tmp_path / TABLE).write_bytes(damaged)
    with pytest.raises(OSError, match=f"{TABLE} is damaged"):
        count_tokens_for("gpt-4o", tmp_path)("hello")
    assert (tmp_path / TABLE).read_bytes() == damaged


def test_a_table_that_was_put_back_serves_without_a_restart(tmp_path: Path) -> None:
    counting = count_tokens_for("gpt-4o", tmp_path)
    with pytest.raises(OSError, match=TABLE):
        counting("hello world")
    shutil.copy(ENCODINGS / TABLE, tmp_path)
    assert counting("hello world") == 2


def test_threads_that_count_first_at_the_same_time_read_the_table_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ENCODINGS / TABLE, tmp_path)
    read: list[Path] = []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or read_bytes(path))
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(count_tokens_for("o3", tmp_path), ["hello world"] * 8)) == [2] * 8
    assert read == [tmp_path / TABLE]
