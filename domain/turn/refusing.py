"""Questions that do not reach the model, and why."""

from domain.attachments import ResolvedQuestion
from domain.errors import EmptyQuestion, ExternalPerson, FilesUnreadable, NotAnswerable, QuestionDeleted
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.ports.model import CountTokens
from domain.requests import Question
from domain.turn.turns import Turn


class Refusing:
    """Decides which questions are refused."""

    def __init__(self, memory: Memory, count_tokens: CountTokens, limiting: Limiting) -> None:
        self._memory = memory
        self._count_tokens = count_tokens
        self._limiting = limiting

    def refusal(self, turn: Turn) -> NotAnswerable | None:
        """Why a turn's question need not reach the model, known from its words and from what was loaded for it.

        A command asks no model, so limits do not refuse it.
        """
        question = turn.question
        if turn.is_deleted:
            return QuestionDeleted("the person has deleted it")
        if turn.command:
            return None
        if question.external:
            return ExternalPerson(f"a person of team {question.person_team}")
        if not (question.text.strip() or question.files or question.quotes):
            return EmptyQuestion("a mention without a question")
        if refusal := self._limiting.refusal(question, turn.stored):
            return refusal
        return self._memory.length_refusal(question.text, self._count_tokens)

    def refusal_once_read(self, question: Question, resolved: ResolvedQuestion) -> NotAnswerable | None:
        """The same with names and files in it: what was short as it was typed may be too long now."""
        if not (question.text.strip() or resolved.pictures or resolved.documents):
            return FilesUnreadable("; ".join(each.reason for each in resolved.unread))
        return self._memory.length_refusal(resolved.text, self._count_tokens)
