"""What the Lambda functions are made of, whose settings may change while a function is warm."""

import gc
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from adapters.parameter_store import CREDENTIALS, PARAMETERS, Parameters, ssm_client, variables_of
from domain.deliveries.deadline import Clock
from entrypoints.configuration.environment import SettingError, parameters_prefix
from entrypoints.configuration.events_settings import EventsSettings

S = TypeVar("S", bound=EventsSettings)
T = TypeVar("T")


@dataclass
class Current(Generic[S, T]):
    """``current()`` is what ``make`` made of the settings of this ``kind`` as they are now; it is made anew when they
    changed.

    ``required`` are variables that must have a value, from the environment or from SSM. SSM has the last
    word on those ``in_ssm``; the function's role allows it to read no others. In both the app's credentials stand in
    place of the bot's token where there are several workspaces. ``unused`` are values for what the settings must have
    and this function has no use for. Nothing is read or made before the first call.
    """

    make: Callable[[S], T]
    kind: type[S]
    required: tuple[str, ...]
    in_ssm: Iterable[str] = variables_of(several_workspaces=False)
    unused: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = time.time
    _parameters: Parameters | None = field(default=None, init=False, repr=False)
    _variables: Mapping[str, str] = field(default_factory=dict, init=False, repr=False)
    _settings: S | None = field(default=None, init=False, repr=False)
    _made: T | None = field(default=None, init=False, repr=False)

    def __call__(self) -> T:
        """Raises ``SettingError``, naming a missing parameter by its path, and ``StoreUnavailable``."""
        variables = self._read()
        if self._made is None or variables != self._variables:
            self._made = self._made_of(self._settings_in(variables))
            self._variables = variables
        return self._made

    def _made_of(self, settings: S) -> T:
        if self._made is not None and settings == self._settings:
            return self._made
        is_first, self._made, self._settings = self._made is None, self.make(settings), settings
        if is_first:
            # What is there now stays: some 110,000 objects. A full collection walks them all, for 60 ms in which events
            # wait; it would come once in some 1,000 of them.
            gc.freeze()
        return self._made

    def path(self, variable: str) -> str:
        """The full name in SSM of the parameter that sets this variable."""
        return f"{parameters_prefix(os.environ)}/{PARAMETERS[variable]}"

    def _read(self) -> Mapping[str, str]:
        if self._parameters is None:
            prefix = parameters_prefix(os.environ)
            in_ssm = of_workspaces(self.in_ssm)
            self._parameters = Parameters(prefix, ssm_client(), clock=self.clock, variables=in_ssm)
        # Lambda's own variables begin with a low line, and one of them, the trace's id, differs in each event.
        variables = {name: value for name, value in os.environ.items() if not name.startswith("_")}
        return {**self.unused, **variables, **self._parameters.read()}

    def _settings_in(self, variables: Mapping[str, str]) -> S:
        for name in of_workspaces(self.required):
            if not variables.get(name, "").strip():
                where = f"{self.path(name)} in SSM" if name in PARAMETERS else name
                raise SettingError(f"{where} must be set")
        return self.kind.from_env(variables)


def of_workspaces(variables: Iterable[str]) -> tuple[str, ...]:
    """The same, or the app's credentials in place of the one token where ``TOKEN_KMS_KEY`` says so."""
    if not os.environ.get("TOKEN_KMS_KEY", "").strip():
        return tuple(variables)
    return tuple(each for one in variables for each in (CREDENTIALS if one == "SLACK_BOT_TOKEN" else (one,)))
