"""Examples name only what exists, and one that is copied as it stands changes nothing."""

import os
import re
import shutil
import subprocess

import pytest

from tests.repository import ROOT, files
from tests.variables import (
    OF_OTHERS,
    known_settings,
    makefile_variables,
    settings_by_terraform,
    terraform_variables,
)

TFVARS, ENVIRONMENTS, DOCUMENTS = files("*.tfvars.example"), files(".env*.example"), files("*.md")

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


def test_every_setting_of_an_example_environment_is_read():
    for example in ENVIRONMENTS:
        named = re.findall(r"^# ?([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE)

        assert named
        assert set(named) <= known_settings()


@each_document
def test_every_variable_that_a_block_of_commands_sets_is_read_by_something(document):
    blocks = re.findall(
        r"^```(?:sh|bash|ini|dotenv)?\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    named = set(re.findall(r"(?<![\w$])([A-Z][A-Z_]+|TF_VAR_\w+)=", "\n".join(blocks)))
    variables = {f"TF_VAR_{name}" for name in terraform_variables()} | {"TF_CLI_CONFIG_FILE"}

    assert named <= known_settings() | makefile_variables() | variables | OF_OTHERS
