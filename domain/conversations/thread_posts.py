"""The posts of a thread, as they are read in Slack and as they are remembered."""

from dataclasses import dataclass, replace

from domain.conversations.conversation import Conversation, Message
from domain.timestamp import Timestamp


@dataclass(frozen=True, slots=True)
class Post:
    """One post: its text with names for ids, and whose it is.

    ``author`` is the id of a person or of another app, ``name`` what that is called, empty where nobody knows. ``own``
    where the bot said it. Files are named in the text, not read.
    """

    ts: Timestamp
    author: str
    text: str
    name: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class ThreadPosts:
    """Posts of a thread, oldest first.

    ``partial`` where there are more between them that were not read. ``unreadable`` where Slack did not hand them out.
    """

    posts: tuple[Post, ...] = ()
    partial: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Posts as messages, and their authors with the names by which the model knows them.

    ``notice`` is what the person must be told of what was not read; empty where there is nothing.
    """

    messages: tuple[Message, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    notice: str = ""

    def beside(self, conversation: Conversation) -> Conversation:
        """The conversation with these posts at the end of its buffer."""
        return replace(self.heard_in(conversation), buffer=(*conversation.buffer, *self.messages))

    def heard_in(self, conversation: Conversation) -> Conversation:
        """The conversation with the authors of these posts among those who spoke lately."""
        for person, name in self.people:
            conversation = conversation.heard(person, name)
        return conversation


NO_HISTORY = History()
