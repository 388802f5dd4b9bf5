"""Settings from a file: who has the last word, and what a line may be."""

import os

import pytest

from entrypoints.configuration import env_file
from entrypoints.configuration.settings import SettingError


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Loads a file with this content into an environment that has ``LOG_LEVEL`` and an empty ``PORT``."""
    monkeypatch.setattr(os, "environ", {"LOG_LEVEL": "DEBUG", "PORT": ""})

    def begin(content: str | bytes) -> frozenset[str]:
        path = tmp_path / ".env"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return env_file.load(path)

    return begin


def test_the_environment_has_the_last_word_even_where_it_is_empty(load):
    assert load("LOG_LEVEL=ERROR\nPORT=8001\nCHAT_MODEL=pochi-1\n") == {"CHAT_MODEL"}
    assert os.environ.items() >= {"LOG_LEVEL": "DEBUG", "PORT": "", "CHAT_MODEL": "pochi-1"}.items()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BOT_PERSONA=ポチ", "ポチ"),
        ("BOT_PERSONA = ポチ は犬 ", "ポチ は犬"),
        ("export BOT_PERSONA=ポチ", "ポチ"),
        ("BOT_PERSONA=ポチ # a dog", "ポチ"),
        ("BOT_PERSONA=ポチ#1", "ポチ#1"),
        ("BOT_PERSONA=#1", "#1"),
        ("BOT_PERSONA=", ""),
        ("BOT_PERSONA= # nobody", ""),
        ("BOT_PERSONA=' ポチ # $1 '", " ポチ # $1 "),
        ('BOT_PERSONA="${HOME} it\'s" # a dog', "${HOME} it's"),
        ("BOT_PERSONA=a=b", "a=b"),
        ("\ufeffBOT_PERSONA=ポチ", "ポチ"),
        ("BOT_PERSONA=ポチ\r", "ポチ"),
        ("BOT_PERSONA=クロ\nBOT_PERSONA=ポチ", "ポチ"),
    ],
)
def test_a_line_gives_a_name_its_value(load, line, value):
    load(f"{line}\n")
    assert os.environ["BOT_PERSONA"] == value


@pytest.mark.parametrize("line", ["", "   ", "# BOT_PERSONA=ポチ", "  # ポチ"])
def test_comments_and_empty_lines_give_nothing(load, line):
    assert load(line) == frozenset()


@pytest.mark.parametrize(
    "line", ["xoxb-secret", "SLACK BOT_TOKEN=xoxb-secret", "A='xoxb-secret", '="xoxb-secret"', "犬=1"]
)
def test_a_line_of_another_form_is_named_by_its_number_and_not_repeated(load, line, tmp_path):
    with pytest.raises(SettingError) as raised:
        load(f"# ポチ\n{line}\n")
    assert str(raised.value) == f"line 2 of {tmp_path / '.env'} must be NAME=value"


def test_a_file_that_is_no_text_is_named(load, tmp_path):
    with pytest.raises(SettingError, match="cannot be read: UnicodeDecodeError"):
        load(b"\xff\xfe")
    with pytest.raises(SettingError, match="cannot be read: IsADirectoryError"):
        env_file.load(tmp_path)


def test_no_file_is_no_settings(tmp_path):
    assert env_file.load(tmp_path / ".env") == frozenset()
