"""Examples name only what exists, and one that is copied as it stands changes nothing."""

import os
import re
import shutil
import subprocess

import pytest

from entrypoints.configuration import env_file
from entrypoints.configuration.odd_settings import odd_settings
from entrypoints.configuration.settings import Settings
from tests.repository import ROOT, files
from tests.variables import (
    OF_OTHERS,
    known_settings,
    makefile_variables,
    settings_by_terraform,
    terraform_variables,
)

TFVARS, ENVIRONMENTS, DOCUMENTS = files("*.tfvars.example"), files(".env*.example"), files("*.md")

ON_AWS = {"PARAMETERS_PREFIX", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "TABLE_NAME", "TOKEN_KMS_KEY", "USAGE_TABLE_NAME"}

by_path = {"ids": lambda path: str(path.relative_to(ROOT))}
each_tfvars = pytest.mark.parametrize("example", TFVARS, **by_path)
each_example = pytest.mark.parametrize("example", TFVARS + ENVIRONMENTS, **by_path)
each_document = pytest.mark.parametrize("document", DOCUMENTS, **by_path)


def in_effect(example: str) -> str:
    """What the example says once somebody has taken the # from its assignments."""
    return re.sub(r"^# ( *[\w]+ *= .*| *\})$", r"\1", example, flags=re.MULTILINE)


@each_example
def test_an_example_that_is_copied_as_it_stands_changes_nothing(example):
    live = [line for line in example.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]

    assert not live


@each_tfvars
def test_every_variable_of_the_example_exists_in_terraform(example):
    named = set(re.findall(r"^(\w+) += ", in_effect(example.read_text(encoding="utf-8")), re.MULTILINE))

    assert named
    assert named <= terraform_variables()


@each_tfvars
def test_every_setting_of_the_example_is_read_and_may_be_set_there(example):
    named = set(re.findall(r"^ +([A-Z_]+) += ", in_effect(example.read_text(encoding="utf-8")), re.MULTILINE))

    assert named
    assert named <= known_settings() - settings_by_terraform()


@each_tfvars
def test_the_example_is_terraform_in_its_own_layout_once_it_is_in_effect(example):
    if not shutil.which("terraform"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Terraform is not installed")
    text = in_effect(example.read_text(encoding="utf-8"))
    formatted = subprocess.run(["terraform", "fmt", "-"], input=text, capture_output=True, text=True, check=True)

    assert formatted.stdout == text


@pytest.fixture
def uncommented(tmp_path, monkeypatch):
    """The variables of the example environment once somebody has taken the # from its lines."""
    (example,) = ENVIRONMENTS
    text = re.sub(r"^# ?(?=[A-Z_]+=)", "", example.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    monkeypatch.setattr(os, "environ", {})
    return {name: os.environ[name] for name in sorted(env_file.load(tmp_path / ".env"))}


def test_the_example_environment_has_every_setting_of_one_machine(uncommented):
    assert set(uncommented) == known_settings() - ON_AWS


def test_the_example_environment_shows_the_defaults(uncommented):
    without = {name for name in uncommented if name.startswith("SLACK_") and name != "SLACK_EXTERNAL_PEOPLE"}
    without |= {
        "TOKEN_ENCRYPTION_KEY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "CHAT_TEMPERATURE",
        "BOT_PERSONA",
        "SETTINGS_PEOPLE",
        "MODEL_PRICES",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
    }

    assert Settings.from_env({name: value for name, value in uncommented.items() if name not in without}) == Settings()


ONE_WORKSPACE = {"SLACK_BOT_TOKEN", "SLACK_BOT_USER_ID"}
SEVERAL_WORKSPACES = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "TOKEN_ENCRYPTION_KEY"}


@pytest.mark.parametrize("without", [ONE_WORKSPACE, SEVERAL_WORKSPACES])
def test_the_example_environment_is_taken_and_nothing_in_it_is_odd(uncommented, without):
    uncommented["TOKEN_ENCRYPTION_KEY"] = "cG9jaGktaXMtYS1nb29kLWRvZy1wb2NoaS1pcy1hLWc="
    filled_in = {name: value.replace("…", name) for name, value in uncommented.items() if name not in without}

    assert list(odd_settings(Settings.from_env(filled_in), filled_in, set(filled_in))) == []


def test_the_example_environment_has_each_setting_once():
    (example,) = ENVIRONMENTS
    named = re.findall(r"^# ?([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(named) == sorted(set(named))


def test_every_line_of_the_example_environment_has_its_meaning():
    (example,) = ENVIRONMENTS
    for block in example.read_text(encoding="utf-8").split("\n\n"):
        lines = block.strip().splitlines()
        assert lines[0].startswith("# "), block
        assert not re.match(r"# ?[A-Z_]+=", lines[0]), block


@each_document
def test_every_variable_that_a_block_of_commands_sets_is_read_by_something(document):
    blocks = re.findall(
        r"^```(?:sh|bash|ini|dotenv)?\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    named = set(re.findall(r"(?<![\w$])([A-Z][A-Z_]+|TF_VAR_\w+)=", "\n".join(blocks)))
    variables = {f"TF_VAR_{name}" for name in terraform_variables()} | {"TF_CLI_CONFIG_FILE"}

    assert named <= known_settings() | makefile_variables() | variables | OF_OTHERS
