"""Everything that can go wrong in a turn, as one tree.

    AnsweringError
    ├── NotAnswerable            asking again would not help: the person gets a sentence at once
    │   ├── EmptyQuestion
    │   ├── ExternalPerson
    │   ├── QuestionDeleted
    │   ├── QuestionTooLong
    │   ├── BudgetUsedUp
    │   ├── TooManyQuestions
    │   ├── FilesUnreadable
    │   ├── StoppedEarly
    │   ├── ModelRefused
    │   └── ModelCannotSee
    ├── Misconfigured            the operator must mend it: one try, a sentence at once, and it can be replayed
    │   ├── ModelMisconfigured
    │   ├── ModelTooSlow
    │   ├── TokenLimitTooLow
    │   └── ContextTooSmall
    ├── Unavailable              another delivery may succeed: the question goes back to the queue
    │   ├── ModelUnavailable
    │   │   ├── ModelBusy
    │   │   └── SummaryTooSlow
    │   ├── SlackUnavailable
    │   ├── StoreUnavailable
    │   ├── StillAnswering
    │   ├── TooManyUnderWay
    │   └── Conflict
    │       └── AlreadyWarned
    ├── SlackRefused             Slack will not take a reply, so the person gets no sentence
    ├── PersonNotNotified        the last delivery failed, and so did telling the person
    ├── MemoryFull               condensing has failed for so long that the next turn must wait for it
    ├── StoreCorrupt             what is stored cannot be read; nothing is overwritten
    └── TemplateError            a prompt template and its variables do not fit

Adapters translate vendors' errors into these with ``raise … from``. Messages are for the operator's log: they carry
evidence, never secrets and never what people wrote.
"""

from datetime import date
from typing import Self

from domain.spending.usage import NO_USAGE, Usage


class AnsweringError(Exception):
    """Something kept a question from being answered.

    ``paid`` is true where the model had been asked by then, so that another delivery pays for it again. ``usage`` is
    what that took, as far as it is known; ``charged`` where that has been entered into the ledger.
    """

    paid: bool = False
    usage: Usage = NO_USAGE
    charged: bool = False

    def after(self, usage: Usage) -> Self:
        """The same error, where the model has used so much before it."""
        self.usage = usage
        return self


class NotAnswerable(AnsweringError):
    """No later delivery would do better; the person reads what to do instead."""


class EmptyQuestion(NotAnswerable):
    """The bot was mentioned without a word."""


class ExternalPerson(NotAnswerable):
    """A person of another company asked in a shared channel, and those are not answered."""


class QuestionDeleted(NotAnswerable):
    """The person has deleted the question while its answer was being prepared."""


class QuestionTooLong(NotAnswerable):
    """A question of more tokens than the buffer's limit."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"a question of {tokens} tokens, the limit is {limit}")
        self.tokens = tokens
        self.limit = limit


class BudgetUsedUp(NotAnswerable):
    """A month's budget is used up: that of a ``"person"``, a ``"channel"`` or a ``"team"``.

    ``begins`` is the first day of the next month, when a new one begins at midnight UTC.
    """

    def __init__(self, whose: str, budget: int, begins: date) -> None:
        super().__init__(f"the {whose}'s budget of {budget:,} tokens is used up until {begins}")
        self.whose = whose
        self.begins = begins


class TooManyQuestions(NotAnswerable):
    """More questions of one person within a minute than the ``limit``. After ``seconds`` they may ask again."""

    def __init__(self, limit: int, seconds: int) -> None:
        super().__init__(f"more than {limit} questions in a minute")
        self.limit = limit
        self.seconds = seconds


class FilesUnreadable(NotAnswerable):
    """There were only files, and none of them can be read."""


class StoppedEarly(NotAnswerable):
    """The person pressed the stop button before the first word."""


class ModelCannotSee(NotAnswerable):
    """The question has pictures, and the model takes none."""


class ModelRefused(NotAnswerable):
    """The model will not answer this prompt, or its answer is empty."""


class Misconfigured(AnsweringError):
    """Only the operator can help. The person reads that at once, and the question is kept until it is replayed."""


class ModelMisconfigured(Misconfigured):
    """The key, the model's name or the base URL is wrong, or the credit used up."""


class ModelTooSlow(Misconfigured):
    """The model wrote no word in the time that an answer may take."""


class TokenLimitTooLow(Misconfigured):
    """The model's thoughts used up its limit of tokens before the first word."""


class ContextTooSmall(Misconfigured):
    """The prompt has more tokens than the model's context holds."""


class Unavailable(AnsweringError):
    """A fault that may have passed by the next delivery."""


class ModelUnavailable(Unavailable):
    """The model could not be reached, broke off, or failed on its side."""


class ModelBusy(ModelUnavailable):
    """The model's rate limit is used up for now."""


class SummaryTooSlow(ModelUnavailable):
    """The model had not ended its summary when its time was over. Nobody has counted what is to be paid."""


class SlackUnavailable(Unavailable):
    """Slack could not be reached, failed on its side, or limits the rate."""


class StoreUnavailable(Unavailable):
    """The store could not be reached or is locked."""


class StillAnswering(Unavailable):
    """A post was edited or deleted while its answer is being written; once that is out, the memory can be changed."""


class TooManyUnderWay(Unavailable):
    """One person has as many answers under way as one may have: this question waits for one of them to end."""


class Conflict(Unavailable):
    """Someone else has saved this conversation since it was loaded."""


class AlreadyWarned(Conflict):
    """Another turn of this month has told its person that the budget is nearly used up."""


class SlackRefused(AnsweringError):
    """Slack will not take the reply: the channel is gone, or the bot is not in it."""


class PersonNotNotified(AnsweringError):
    """The last delivery failed, for the reason that is this error's cause, and the person could not be told yet."""


class MemoryFull(AnsweringError):
    """The buffer has outgrown its ceiling because condensing keeps failing."""


class StoreCorrupt(AnsweringError):
    """Stored data that cannot be read. Nothing is written over it."""


class TemplateError(AnsweringError):
    """A template names a variable it was not promised, or lacks one it was."""
