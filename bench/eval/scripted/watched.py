"""The bot's memory with an eye on what each condensation does."""

from bench.eval.scripted.summarisers import Summariser
from bench.eval.ways.buffered import Circumstances
from bench.eval.ways.notes import Notes
from domain.conversations.conversation import Conversation
from domain.conversations.notes import Note
from domain.turn_events import Condensed, CondensingFailed

QUESTION = "ポチはどこですか?"
FRAME = 100
"""Most tokens of the question, and of what stands around the notes in a prompt."""


class WatchedNotes(Notes):
    """Notes whose every condensation is checked against what the summariser said that it does.

    ``unaccounted`` are messages that left the buffer out of order or without a condensation, and notes that went
    although no line named them and no event reported them. ``prompt_of_bound`` is the largest prompt, without its
    instruction, over its bound: notes, buffer, and the last turn, which may still wait to be condensed.
    """

    def __init__(self, circumstances: Circumstances, summariser: Summariser) -> None:
        super().__init__(circumstances)
        self._summariser = summariser
        self._made: set[Note] = set()
        self._named: set[Note] = set()
        self.condensations = self.unaccounted = 0
        self.prompt_of_bound = 0.0

    def _condense(self) -> None:
        self._measure_prompt()
        self._summariser.named.clear()
        before, events = self.conversation, len(self.events)
        super()._condense()
        for event in self.events[events:]:
            if isinstance(event, Condensed):
                self._account_for(before, event)
            elif isinstance(event, CondensingFailed):
                self.unaccounted += before.buffer != self.conversation.buffer

    def _account_for(self, before: Conversation, event: Condensed) -> None:
        after = self.conversation
        self.condensations += 1
        self.unaccounted += before.buffer[event.messages :] != after.buffer
        named = {*event.merged, *event.dropped}
        missing = {number for number, note in enumerate(before.notes, 1) if note not in after.notes}
        self.unaccounted += len(missing - named - set(event.gone)) + len(named - self._summariser.named)
        self._named |= {before.notes[number - 1] for number in named}
        self._made |= set(after.notes)

    @property
    def changed(self) -> int:
        """How many of the notes that no line has ever named are not there as they were made."""
        return len(self._made - self._named - set(self.conversation.notes))

    def _measure_prompt(self) -> None:
        """Before a condensation a prompt is at its largest."""
        count, memory = self._circumstances.count_tokens, self._circumstances.memory
        _, *rest = [count(part.text_with_name) for part in self.prompt("", QUESTION)]
        last_turn = sum(each.tokens for each in self.conversation.buffer[-2:])
        bound = memory.summary + memory.limit + last_turn + FRAME
        self.prompt_of_bound = max(self.prompt_of_bound, sum(rest) / bound)
