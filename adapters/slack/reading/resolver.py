"""Resolves questions and threads into what the model gets: names for ids, plain text for mrkdwn, contents for files."""

from collections.abc import Iterable

from slack_sdk import WebClient

from adapters.slack.payloads.mrkdwn import plain_text
from adapters.slack.reading.file_reader import FileReader
from adapters.slack.reading.posts import NameOf
from adapters.slack.reading.threads import Threads
from adapters.slack.reading.user_names import UserNames, clean_name
from domain.attachments import Document, ResolvedQuestion
from domain.conversations.place import Place
from domain.conversations.thread_posts import ThreadPosts
from domain.deliveries.deadline import NO_DEADLINE, Clock, Deadline
from domain.requests import Question, Quote
from domain.timestamp import Timestamp

NAMES_ASKED = 20
"""Unknown people that Slack is asked for in one question. Further ones keep their ids."""

NAMES_CHARACTERS = 2_000
"""Characters of all names that are put into one question. Further mentions keep their ids: 2,500 mentions of a person
with a long name would make 87,000 tokens of a question of 2,500."""

CHARACTERS = 30_000
"""Characters that are read of all documents and quotes of a question together: 10,000 to 30,000 tokens."""

FETCHING_SECONDS = 30.0
"""For the names, the quotes and all files of a question together: the person is waiting for the answer."""

FETCHING_SHARE = 2 / 3
"""The share of a delivery's remaining time that reading may take: the rest is the model's."""

AUTHOR_NAME = 80
"""Characters of the name of a quote's author."""


class SlackResolver:
    """A ``Resolver``. Caches names, and nothing else. Safe to use from any thread.

    ``api_url`` is the Web API's base address where that is not Slack's own: files at its origin are fetched too.
    """

    def __init__(self, client: WebClient, *, clock: Clock, api_url: str = "") -> None:
        self._clock = clock
        self._names = UserNames(client, clock=clock)
        self._files = FileReader(client, api_url=api_url)
        self._threads = Threads(client)

    def read(self, question: Question, deadline: Deadline = NO_DEADLINE) -> ResolvedQuestion:
        """See ``Resolver``. Where Slack is out of reach, names stay empty and files unread; no question fails."""
        reading = self._share_of(deadline)
        name_of = self._names_within(reading)
        name, text = name_of(question.person), plain_text(question.text, name_of).strip()
        quotes = _quoted(question.quotes, name_of)
        files = self._files.read(question, CHARACTERS - sum(len(each.text) for each in quotes), reading)
        return ResolvedQuestion(text, name, files.pictures, (*quotes, *files.documents), files.unread)

    def thread(self, question: Question, since: Timestamp | None, deadline: Deadline = NO_DEADLINE) -> ThreadPosts:
        """See ``Resolver``."""
        reading = self._share_of(deadline)
        return self._threads.above(question, since, reading, self._names_within(reading))

    def between(
        self, question: Question, place: Place, first: Timestamp, last: Timestamp, deadline: Deadline = NO_DEADLINE
    ) -> ThreadPosts:
        """See ``Resolver``."""
        return self._threads.between(question, place, first, last, self._names_within(self._share_of(deadline)))

    def _share_of(self, deadline: Deadline) -> Deadline:
        """When reading must end, so that the model has the rest."""
        seconds = min(FETCHING_SECONDS, deadline.seconds_left * FETCHING_SHARE)
        return Deadline(self._clock, self._clock() + seconds, stopped=lambda: deadline.is_over)

    def _names_within(self, deadline: Deadline) -> NameOf:
        """A look-up of names that asks Slack for at most ``NAMES_ASKED`` and gives ``NAMES_CHARACTERS`` in all."""
        asked: set[str] = set()
        room = NAMES_CHARACTERS

        def name_of(person: str) -> str:
            nonlocal room
            name = self._names.cached(person)
            if name is None and len(asked) < NAMES_ASKED:
                asked.add(person)
                name = self._names(person, deadline)
            if not name or len(name) > room:
                return ""
            room -= len(name)
            return name

        return name_of


def _quoted(quotes: Iterable[Quote], name_of: NameOf) -> tuple[Document, ...]:
    """The quotes as documents, with ``CHARACTERS`` in all."""
    documents: list[Document] = []
    room = CHARACTERS
    for quote in quotes:
        text = plain_text(quote.text, name_of).strip()
        kept = text[:room]
        if kept:
            documents.append(Document(_author(quote, name_of), kept, quote.cut or len(kept) < len(text), quoted=True))
        room -= len(kept)
    return tuple(documents)


def _author(quote: Quote, name_of: NameOf) -> str:
    author = clean_name(plain_text(quote.author, name_of).removeprefix("@"), AUTHOR_NAME)
    return author or ("table" if quote.text.startswith("|") else "attachment")
