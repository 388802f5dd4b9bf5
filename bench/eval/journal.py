"""What a model has answered so far, so that an interrupted run goes on where it stopped and pays for nothing twice."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.eval.scripted.prefixes import as_text
from bench.eval.spending import Account, Spending
from bench.eval.ways.buffered import OWN_FAILURES
from domain.condensation.condensation import Condensation
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.ports.model import Completed, LanguageModel
from domain.prompts import Prompt
from domain.spending.usage import Usage

FAILURES = {each.__name__: each for each in OWN_FAILURES}


class Journal:
    """Lines of JSON, one a call: a hash of what was asked, and what came back. A line that was cut off is skipped.

    Without a ``path`` it is kept in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self._calls = dict(filter(None, map(_read, lines)))

    def __len__(self) -> int:
        return len(self._calls)

    def once(self, key: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What this call came to, made now unless it is in the journal."""
        if key not in self._calls:
            self._calls[key] = call()
            self._write(key)
        return self._calls[key]

    def _write(self, key: str) -> None:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, **self._calls[key]}, ensure_ascii=False) + "\n")


def _read(line: str) -> tuple[str, dict[str, Any]] | None:
    try:
        call = json.loads(line)
        return call.pop("key"), call
    except (ValueError, KeyError, TypeError):
        return None


class JournaledModel:
    """A ``LanguageModel`` that asks another one, unless the journal has the answer, and keeps account.

    ``name`` also says where the model is: the journal keeps those apart. ``asked`` is called after each call.
    """

    def __init__(self, model: LanguageModel, journal: Journal, name: str, asked: Callable[[], None]) -> None:
        self.name = self.summary_name = name
        self.account = Account()
        self._model = model
        self._journal = journal
        self._asked = asked
        self._times: Counter[str] = Counter()

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[str | Completed, None, None]:
        def ask() -> tuple[str, Completed]:
            *words, completed = self._model.reply(prompt, deadline, conversation, model)
            return "".join(map(str, words)), completed  # type: ignore[return-value]

        yield from self._call("reply", prompt, 0, ask, self.account.answering)

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        def ask() -> tuple[str, Completed]:
            return self._model.summarise(condensation, deadline)

        limit, spending = condensation.token_limit, self.account.remembering
        return self._call("summarise", condensation.prompt, limit, ask, spending)

    def _call(
        self, kind: str, prompt: Prompt, limit: int, ask: Callable[[], tuple[str, Completed]], spending: Spending
    ) -> tuple[str, Completed]:
        called = self._journal.once(self._key(kind, prompt, limit), lambda: _timed(ask))
        usage = Usage(**called["usage"])
        spending.add(usage, called["seconds"])
        self._asked()
        if called["error"]:
            spending.failures += 1
            raise FAILURES[called["error"]]("recorded in the journal")
        return called["text"], Completed(usage, called["cut"])

    def _key(self, kind: str, prompt: Prompt, limit: int) -> str:
        """The same for the same request, and another one where it is made again."""
        asked = hashlib.sha256(f"{self.name}\n{kind}\n{limit}\n{as_text(prompt)}".encode()).hexdigest()
        self._times[asked] += 1
        return f"{asked[:32]}-{self._times[asked]}"


def _timed(ask: Callable[[], tuple[str, Completed]]) -> dict[str, Any]:
    start = time.monotonic()
    text, completed, error = "", Completed(Usage()), ""
    try:
        text, completed = ask()
    except OWN_FAILURES as failure:
        error = type(failure).__name__
    usage = asdict(replace(completed.usage, turns=0))
    seconds = round(time.monotonic() - start, 3)
    return {"text": text, "usage": usage, "cut": completed.cut, "seconds": seconds, "error": error}
