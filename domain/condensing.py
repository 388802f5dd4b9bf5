"""Folding the oldest turns of a conversation into its summary."""

from dataclasses import replace

from domain.errors import ModelRefused
from domain.memory import Memory
from domain.ports import Condensation, Conversations, CountTokens, LanguageModel, Stored
from domain.prompts import Prompts
from domain.requests import Place, Question
from domain.turn_events import Condensed, Report


class Condensing:
    """Condenses what is over the limit. Holds no state between two conversations."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        model: LanguageModel,
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        report: Report,
    ) -> None:
        self._conversations = conversations
        self._model = model
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._report = report

    def condense(self, question: Question, place: Place, stored: Stored) -> Stored:
        """The conversation with its oldest turns in the summary, saved. ``question`` is whose turn made it necessary.

        Raises what the model and the store raise; nothing has changed then.
        """
        before = stored.conversation
        folded = self._memory.foldable(before)
        limit = self._memory.summary
        prompt = self._prompts.condensation(before, folded, limit)
        summary, completed = self._model.summarise(Condensation(before.summary, before.buffer[:folded], limit, prompt))
        summary = summary.strip()
        if not summary:
            raise ModelRefused("the model's summary is empty")
        kept, tokens = within(limit, summary, self._count_tokens)
        usage = completed.usage
        after = before.condensed(folded, kept, tokens).charged(usage)
        stored = self._conversations.save(place.conversation, replace(stored, conversation=after))
        self._report(
            Condensed(
                question,
                place.conversation,
                folded,
                before.buffer_tokens - after.buffer_tokens,
                tokens,
                usage,
                trimmed=completed.cut or kept != summary,
            )
        )
        return stored


def within(limit: int, text: str, count_tokens: CountTokens) -> tuple[str, int]:
    """The longest beginning of the text that has at most ``limit`` tokens, and how many it has."""
    tokens = count_tokens(text)
    fits, exceeds = 0, len(text)
    if tokens <= limit:
        return text, tokens
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        if count_tokens(text[:middle]) <= limit:
            fits = middle
        else:
            exceeds = middle
    return text[:fits], count_tokens(text[:fits])
