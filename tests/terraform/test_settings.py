"""Terraform refuses at plan what the functions would refuse at the first question, and lets everything else through."""

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.lambda_worker import RESERVE

TERRAFORM = Path(__file__).parents[2] / "terraform"
VARIABLES = {
    "bot_language": "BOT_LANGUAGE",
    "conversation_scope": "CONVERSATION_SCOPE",
    "conversation_ttl_days": "CONVERSATION_TTL_DAYS",
    "log_level": "LOG_LEVEL",
    "memory_keep_tokens": "MEMORY_KEEP_TOKENS",
    "memory_token_limit": "MEMORY_TOKEN_LIMIT",
    "reply_token_limit": "REPLY_TOKEN_LIMIT",
    "summary_token_limit": "SUMMARY_TOKEN_LIMIT",
}
"""Terraform's variables with bounds, and the settings that they become."""

OTHER_VARIABLES = {"agent_view": "SLACK_AGENT_VIEW", "chat_model": "CHAT_MODEL", "summary_model": "SUMMARY_MODEL"}
SET_BY_RESOURCES = {
    *("TABLE_NAME", "USAGE_TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "CONCURRENT_CONVERSATIONS"),
    "TOKEN_KMS_KEY",
}
SECRETS = {"SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "OPENAI_API_KEY"}
ONE_MACHINE = {
    *("SLACK_APP_TOKEN", "DATABASE_PATH", "PORT", "HOST", "LOG_FORMAT"),
    *("OTEL_EXPORTER_OTLP_HEADERS", "TOKEN_ENCRYPTION_KEY"),
}
"""What has no effect in the functions."""

BESIDE = {"memory_keep_tokens": {"memory_token_limit": 1_000_000}, "memory_token_limit": {"memory_keep_tokens": 1}}
"""Leaves each of these two the room that it has by itself."""

KEEP_AS_MANY = ("memory_keep_tokens", 1_000_000)
"""As the limit."""

NUMBERS = (-1, 0, 0.5, 1, 2, 3, 2.5, 3_600, 3_601, 36_500, 36_501, 1_000_000, 1_000_001)
WORDS = (
    "DEBUG",
    "INFO",
    "WARNING",
    "ERROR",
    "CRITICAL",
    "LOUD",
    "ja",
    "en",
    "fr",
    "thread",
    "channel",
    "team",
    "true",
    "refuse",
    "answer",
)
ADDRESSES = (
    "http://model.test/v1",
    "https://model.test",
    "model.test/v1",
    "ftp://model.test",
    "https://",
    "http:///v1",
)
PRICES = ("my-model=0.25:0.025:2, dogs/pochi=0:0:0:1.25", "my-model=1:2", "=1:2:3", "my-model=1:2:3:4:5")
VALUES = tuple(str(value) for value in (*NUMBERS, *WORDS, *ADDRESSES, *PRICES, "", "false", "ポチ"))

Case = tuple[str, object]
"""A variable of Terraform's, and its value; a setting without a variable is one of ``settings``."""


class Recording(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:
        self.names.add(name)
        return super().get(name, default)


def read_names() -> set[str]:
    environment = Recording()
    Settings.from_env(environment)
    return environment.names


FURTHER = sorted(
    read_names() - {*VARIABLES.values(), *OTHER_VARIABLES.values(), *SET_BY_RESOURCES, *SECRETS, *ONE_MACHINE}
)
"""What only ``settings`` can set. A new setting that is missing in terraform/settings.tf makes the tests here fail."""


def cases() -> Iterator[Case]:
    for variable, setting in VARIABLES.items():
        values = NUMBERS if re.search("TOKEN|DAYS", setting) else WORDS
        yield from itertools.product([variable], values)
    for name, value in itertools.product(FURTHER, VALUES):
        yield name, value
    for name in (*VARIABLES.values(), *SECRETS, *SET_BY_RESOURCES, *ONE_MACHINE, "OPENAI_KEY", "SLACK_TOKEN"):
        yield name, "1"


def program_accepts(case: Case) -> bool:
    name, value = case
    if name not in VARIABLES and name not in FURTHER:
        return False  # it is read elsewhere, or nowhere
    environment = {VARIABLES.get(name, name): str(value), "SLACK_SIGNING_SECRET": "made-up"}
    if name == "memory_keep_tokens":
        environment["MEMORY_TOKEN_LIMIT"] = "1000000"
    try:
        Settings.from_env(environment)
    except SettingError:
        return False
    return True


def terraform_accepts(folder: Path, tried: list[Case]) -> Mapping[Case, bool]:
    """What a plan says to each case. One plan tries them all: each is an instance of a module with these variables.

    A plan that fails is written too, with what became of each validation.
    """
    module = folder / "module"
    module.mkdir()
    for name in ("variables.tf", "settings.tf"):
        shutil.copy(TERRAFORM / name, module)
    values = values_of_variables(tried)
    (folder / "values.json").write_text(json.dumps(values))  # an error is shown with the line of the call: a short one
    (folder / "main.tf.json").write_text(json.dumps({"module": {variable: call(variable) for variable in values}}))
    run(folder, "init", "-input=false")
    lines = run(folder, "plan", "-json", "-input=false", "-lock=false", "-out=plan").splitlines()
    diagnostics = [line["diagnostic"] for line in map(json.loads, lines) if "diagnostic" in line]
    assert {each["summary"] for each in diagnostics} == {"Invalid value for variable"}
    checks = json.loads(run(folder, "show", "-json", "plan"))["checks"]
    results = {each["address"]["to_display"]: each["status"] for check in checks for each in check["instances"]}
    statuses = {case: results[address(number, case)] for number, case in enumerate(tried)}
    assert set(statuses.values()) == {"pass", "fail"}
    return {case: status == "pass" for case, status in statuses.items()}


def address(number: int, case: Case) -> str:
    return f'module.{variable_of(case)}["{number}"].var.{variable_of(case)}'


def variable_of(case: Case) -> str:
    return case[0] if case[0] in VARIABLES else "settings"


def values_of_variables(tried: list[Case]) -> Mapping[str, Mapping[int, object]]:
    values: dict[str, dict[int, object]] = {}
    for number, (name, value) in enumerate(tried):
        values.setdefault(variable_of((name, value)), {})[number] = value if name in VARIABLES else {name: value}
    return values


def call(variable: str) -> Mapping[str, object]:
    """A call of the module, with an instance for each value of the variable."""
    instances = f'${{jsondecode(file("values.json")).{variable}}}'
    return {"source": "./module", "for_each": instances, variable: "${each.value}", **BESIDE.get(variable, {})}


def run(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"TF_IN_AUTOMATION": "1", "TF_CLI_ARGS": "-no-color", "GOGC": "400"}
    done = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> Mapping[Case, bool]:
    if not shutil.which("terraform"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("terraform is not installed")
    return terraform_accepts(tmp_path_factory.mktemp("plan"), list(cases()))


@pytest.mark.parametrize("name", [*VARIABLES, *FURTHER])
def test_terraform_takes_what_the_program_takes_and_nothing_else(answers, name):
    mine = {case: accepted for case, accepted in answers.items() if case[0] == name}
    assert mine == {case: program_accepts(case) for case in mine}


def test_names_that_the_functions_do_not_read_or_that_are_set_elsewhere_are_refused(answers):
    others = {case: accepted for case, accepted in answers.items() if case[0] not in (*VARIABLES, *FURTHER)}
    assert [case for case, accepted in others.items() if accepted] == []
    assert len(others) > len(SECRETS)


def test_tokens_to_keep_that_are_as_many_as_the_limit_are_refused_by_both(answers):
    assert not answers[KEEP_AS_MANY]
    assert not program_accepts(KEEP_AS_MANY)


def test_the_reserve_of_the_worker_is_the_same_on_both_sides():
    (reserve,) = re.findall(r"worker_reserve\s*=\s*(\d+)", (TERRAFORM / "settings.tf").read_text())
    assert float(reserve) == RESERVE
