"""What people do about the settings of a channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.conversations.place import Scope
from domain.requests import Request


@dataclass(frozen=True, slots=True)
class SettingsRequest(Request):
    """A person sees or changes the settings of ``channel``. The answer is for them alone, and goes to ``respond_to``.

    It waits for no question: a person who asks for a modal has three seconds.
    """

    respond_to: str = ""

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - beside the channel's questions
        return f"settings/{self.team}/{self.channel}"


@dataclass(frozen=True, slots=True)
class OpenSettings(SettingsRequest):
    """A person asks for the settings. ``trigger`` lets a modal be opened for them soon after that, and once."""

    trigger: str = ""

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}/settings"


@dataclass(frozen=True, slots=True)
class ChangeSettings(SettingsRequest):
    """A person has changed the settings, to these ``texts`` by the names of the settings. What is empty is unset."""

    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}/settings/change"
