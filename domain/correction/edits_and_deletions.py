"""What people make of their posts afterwards: requests that change what is remembered."""

from dataclasses import dataclass

from domain.conversations.place import Scope
from domain.requests import Question, Request


@dataclass(frozen=True, slots=True)
class PostRequest(Request):
    """A person has changed a post at the time ``ts``. ``post`` is the post as a question.

    ``was`` is what it said before. ``own`` where the bot posted it.
    """

    post: Question
    was: str = ""
    own: bool = False

    @property
    def identity(self) -> str:
        return f"{self.post.identity}/{type(self).__name__.lower()}/{self.ts}"

    @property
    def reference(self) -> str:
        """That of the post, so that its question, its edits and its deletion have one name in the log."""
        return self.post.reference

    def group(self, scope: Scope) -> str:
        """Beside the conversation's questions, so that one that waits is answered as it reads by then."""
        return f"changes/{self.post.place(scope).conversation}"


@dataclass(frozen=True, slots=True)
class Edit(PostRequest):
    """A person has edited a post; ``post`` is how it reads now."""


@dataclass(frozen=True, slots=True)
class Deletion(PostRequest):
    """A person has deleted a post; ``post`` is what it said."""


@dataclass(frozen=True, slots=True)
class Redact(Request):
    """Notes may hold what has been edited or deleted since. Team, channel, ts and person are those of what did it."""

    conversation: str

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}/redact"

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - beside the conversation's next question, not before it
        return f"redact/{self.conversation}"
