"""How a conversation changes when a post that it came from is edited or deleted."""

from dataclasses import replace

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.correction.waiting_changes import PostChange, Redaction, newest_changes, newest_redactions
from domain.timestamp import Timestamp


def holds(conversation: Conversation, post: Timestamp) -> bool:
    """Does the buffer have a message of this post?"""
    return any(message.ts == post for message in conversation.buffer)


def message_of(conversation: Conversation, post: Timestamp) -> Message | None:
    """What somebody said in this post, where the buffer has it."""
    return next((each for each in conversation.buffer if each.ts == post and each.speaker is not Speaker.BOT), None)


def with_message(conversation: Conversation, message: Message) -> Conversation:
    """With this message in place of the one of the same post."""
    buffer = (
        message if each.ts == message.ts and each.speaker is message.speaker else each for each in conversation.buffer
    )
    return replace(conversation, buffer=tuple(buffer))


def without(conversation: Conversation, post: Timestamp) -> Conversation:
    """Without the messages of this post: a question goes with its answer, which is not shown again either.

    Where nothing is left, what stands above in the thread is not read again, as after a reset.
    """
    buffer = tuple(each for each in conversation.buffer if each.ts != post)
    replies = tuple(
        replace(each, answer="", receipt=None) if each.question == post and each.answered else each
        for each in conversation.replies
    )
    after = replace(conversation, buffer=buffer, replies=replies)
    if after.is_empty and not conversation.is_empty:
        return replace(after, reset=max(conversation.reset or post, post))
    return after


def rests_on(note: Note, post: Timestamp) -> bool:
    """May something in the note come from this post? A summary of an earlier release may rest on any."""
    return (note.first is None or note.first <= post) and (note.last is None or post <= note.last)


def withheld(conversation: Conversation, redaction: Redaction) -> Conversation:
    """With the notes that may rest on this post withheld from the model; unchanged where there are none.

    Where more redactions wait than may, the notes that may rest on the posts of the oldest go: the model can no longer
    be told what to take out of them.
    """
    known = conversation.redactions
    if redaction in known or not any(rests_on(each, redaction.post) for each in conversation.notes):
        return conversation
    kept = newest_redactions((*known, redaction))
    lost = (*known, redaction)[: -len(kept)]
    notes = tuple(
        replace(each, withheld=each.withheld or rests_on(each, redaction.post))
        for each in conversation.notes
        if not any(rests_on(each, other.post) for other in lost)
    )
    return replace(conversation, notes=notes, redactions=kept)


def pending(conversation: Conversation, change: PostChange) -> Conversation:
    """With this change kept until the post's question is answered."""
    return replace(conversation, changes=newest_changes((*conversation.changes, change)))
