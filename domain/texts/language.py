"""What a language must have: prompts, and the sentences that the bot writes of its own accord."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timezone

from domain.attachments import Unreadable
from domain.channels.channel_settings import LANGUAGES, NAMES
from domain.conversations.conversation import Speaker
from domain.conversations.place import Scope
from domain.errors import AnsweringError, BudgetUsedUp, TemplateError, TooManyQuestions
from domain.spending.ledger import OwnerKind
from domain.texts.templates import Template


def _variables(*names: str) -> Mapping[str, tuple[str, ...]]:
    """Metadata of a field: the variables that its template is filled with."""
    return {"variables": names}


@dataclass(frozen=True, kw_only=True)
class Language:
    """Prompts and sentences in one language.

    Raises ``TemplateError`` when made with a template whose variables are not those of its field.
    """

    instruction: Template = field(metadata=_variables("persona"))
    in_this_channel: Template = field(metadata=_variables("instructions"))
    persona: str
    zone: timezone
    """In which the days of notes are given."""
    record: Template = field(metadata=_variables("notes"))
    thread: Template = field(metadata=_variables("lines"))
    condense: Template = field(metadata=_variables("limit", "left"))
    transcript: Template = field(metadata=_variables("notes", "lines"))
    continued: Template = field(metadata=_variables("count", "limit", "left"))
    shorter: Template = field(metadata=_variables("tokens", "limit"))
    redact: str
    redacted: Template = field(metadata=_variables("notes", "removed", "instead"))
    names: Mapping[Speaker, str]
    troubles: Mapping[type[AnsweringError], str]
    budget_used_up: Mapping[str, Template]
    """By whose budget it is, as ``BudgetUsedUp`` says it."""
    budget_nearly_used_up: Mapping[str, Template]
    """By the same."""
    too_many_questions: Template = field(metadata=_variables("limit", "seconds"))
    with_reference: Template = field(metadata=_variables("sentence", "reference"))
    cut_short: str
    out_of_time: str
    stopped: str
    wordless: str
    picture: Template = field(metadata=_variables("name"))
    document: Template = field(metadata=_variables("name", "text"))
    quoted: Template = field(metadata=_variables("name", "text"))
    unread: Mapping[Unreadable, Template]
    partly_read: Template = field(metadata=_variables("name", "characters"))
    thread_partly_read: Template = field(metadata=_variables("posts"))
    thread_unread: str
    help: Template = field(metadata=_variables("days"))
    forgotten: Template = field(metadata=_variables("messages", "tokens"))
    mention_to_reset: str
    gone_on: str
    mention_to_forget: str
    note_forgotten: Template = field(metadata=_variables("number", "note"))
    no_such_note: Template = field(metadata=_variables("number"))
    sources: Template = field(metadata=_variables("number", "note", "posts"))
    sources_more: str
    sources_gone: Template = field(metadata=_variables("posts"))
    sources_unknown: str
    sources_unread: str
    remembered: Template = field(metadata=_variables("notes", "lines", "tokens", "days"))
    nothing: str
    elsewhere: str
    exported: Template = field(metadata=_variables("name"))
    in_this_channel_line: Template = field(metadata=_variables("settings"))
    settings_heading: str
    settings_names: Mapping[str, str]
    settings_values: Mapping[str, str]
    """What the texts of languages and scopes, and a budget of 0, are called."""
    settings_none: str
    settings_how: str
    settings_of_others: str
    settings_saved: Template = field(metadata=_variables("settings"))
    settings_refused: Mapping[str, str]
    usage: Template = field(metadata=_variables("turns", "sent", "received", "cached"))
    usage_month: Template = field(metadata=_variables("month", "lines", "anew"))
    usage_owners: Mapping[OwnerKind, str]
    usage_line: Template = field(
        metadata=_variables("whose", "used", "turns", "sent", "cached", "received", "estimated")
    )
    usage_of_limit: Template = field(metadata=_variables("billed", "limit", "percent"))
    usage_without_limit: Template = field(metadata=_variables("billed"))
    usage_money: Template = field(metadata=_variables("money"))
    usage_unpriced: Template = field(metadata=_variables("tokens"))
    usage_estimated: Template = field(metadata=_variables("number"))
    quiet: str
    listening: str
    always_listening: str

    def __post_init__(self) -> None:
        for each in fields(self):
            if "variables" in each.metadata:
                self._require(each.name, getattr(self, each.name), *each.metadata["variables"])
        if AnsweringError not in self.troubles:
            raise TemplateError("troubles need a sentence for AnsweringError itself")
        self._require_texts("settings_names", self.settings_names, NAMES)
        self._require_texts("settings_refused", self.settings_refused, NAMES)
        self._require_texts("settings_values", self.settings_values, (*LANGUAGES, *Scope, "0"))
        for reason in Unreadable:
            if reason not in self.unread:
                raise TemplateError(f"unread needs a sentence for {reason}")
            self._require(f"unread {reason}", self.unread[reason], "name")
        for whose in ("person", "channel", "team"):
            self._require(f"budget_used_up {whose}", self.budget_used_up[whose], "date")
            self._require(f"budget_nearly_used_up {whose}", self.budget_nearly_used_up[whose], "percent", "date")

    def trouble(self, error: Exception, reference: str) -> str:
        """What to tell the person: the sentence of the error's own class, or of the nearest above it."""
        return self.with_reference.fill(sentence=self._sentence(error), reference=reference)

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, BudgetUsedUp):
            return self.budget_used_up[error.whose].fill(date=error.begins.isoformat())
        if isinstance(error, TooManyQuestions):
            return self.too_many_questions.fill(limit=error.limit, seconds=error.seconds)
        kinds = (kind for kind in (*type(error).__mro__, AnsweringError) if kind in self.troubles)
        return self.troubles[next(kinds)]

    @staticmethod
    def _require_texts(name: str, texts: Mapping[str, str], keys: Iterable[str]) -> None:
        if missing := [key for key in keys if key not in texts]:
            raise TemplateError(f"{name} need a text for {missing[0]}")

    @staticmethod
    def _require(name: str, template: Template, *variables: str) -> None:
        try:
            template.require(*variables)
        except TemplateError as error:
            raise TemplateError(f"{name}: {error}") from error
