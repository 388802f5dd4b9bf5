"""Which names exist: environment variables that the bot reads, and variables that Terraform takes."""

import re
from contextlib import suppress

from entrypoints.configuration.settings import SettingError, Settings, parameters_prefix
from tests.repository import ROOT

OF_OTHERS = {
    *("AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "OLLAMA_CONTEXT_LENGTH",
}
"""What boto3 and Terraform's provider read by themselves, and programs beside the bot."""


class Environment(dict[str, str]):
    """Has no variables, and notes which it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:
        self.asked.add(name)
        return default


def known_settings() -> set[str]:
    environment = Environment()
    Settings.from_env(environment)
    with suppress(SettingError):
        parameters_prefix(environment)
    return environment.asked


def terraform_variables() -> set[str]:
    return set(re.findall(r'^variable "(\w+)"', (ROOT / "terraform/variables.tf").read_text("utf-8"), re.MULTILINE))


def settings_by_terraform() -> set[str]:
    """What Terraform sets by variables of its own, so that its variable ``settings`` refuses it."""
    main = (ROOT / "terraform/main.tf").read_text(encoding="utf-8")
    return set(re.findall(r"^    ([A-Z_]+) += ", main, re.MULTILINE))


def makefile_variables() -> set[str]:
    return set(re.findall(r"^([A-Z]+) \?=", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
