"""The use case of an edited or deleted post: the memory has what people have made of their posts."""

from dataclasses import replace

from domain.channels.placing import Placing
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.place import Scope
from domain.conversations.saving import Stored, save_change
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.correction.remembered_posts import holds, message_of, pending, rests_on, with_message, withheld, without
from domain.correction.waiting_changes import PostChange, Redaction
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import Conflict, StillAnswering
from domain.ports.slack import Resolver
from domain.ports.stores import Conversations, RequestQueue
from domain.timestamp import Timestamp
from domain.turn.remembering import Remembering
from domain.turn_events import Corrected, Report


class Correcting:
    """Applies edits and deletions to the memory. Holds no state between two of them."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        resolver: Resolver,
        queue: RequestQueue,
        remembering: Remembering,
        scope: Scope,
        report: Report,
    ) -> None:
        self._conversations = conversations
        self._resolver = resolver
        self._queue = queue
        self._remembering = remembering
        self._placing = Placing(conversations, scope)
        self._scope = scope
        self._report = report

    def correct(self, request: Edit | Deletion, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Change what is remembered of a post, or what its question will be answered as.

        Nothing happens where the bot knows nothing of the post. Notes that may rest on it are withheld from the model
        at once, and a request to redact them is queued. Raises ``StillAnswering`` where the post's answer is being
        written, or one for which it may have been read, and what the store and the queue raise. An answer that is not
        there by the last delivery has failed, and who replays its question finds the change.
        """
        place, stored = self._placing.load(request.post, request)
        key = place.conversation
        post = _remembered_post(stored.conversation, request)
        if post is None:
            return
        request = self._with_names(stored.conversation, request, post, delivery)
        said = self._said_now(stored, request, post, delivery)
        if self._corrected(stored.conversation, request, post, said) != stored.conversation:
            stored = save_change(
                self._conversations, key, stored, lambda fresh: self._corrected(fresh, request, post, said)
            )
            self._report(Corrected(request, key))
        under_way = StillAnswering("the answer to a post that was changed, or to one below it, is being written")
        is_under_way = _is_being_answered(stored.conversation, post) or _may_be_being_read(stored.conversation, post)
        if is_under_way and not delivery.is_last(under_way):
            raise under_way
        if stored.conversation.redactions:
            of_request = (request.team, request.channel, request.ts, request.person)
            redact = Redact(*of_request, key, enterprise=request.enterprise)
            self._queue.put(redact, redact.group(self._scope))

    def _with_names(
        self, conversation: Conversation, request: Edit | Deletion, post: Timestamp, delivery: Delivery
    ) -> Edit | Deletion:
        """What the post said before and says now as notes have it, where notes may rest on it."""
        is_noted = any(rests_on(note, post) for note in conversation.notes)
        if holds(conversation, post) or not is_noted or self._may_be_waiting(conversation, request, post):
            return request

        def with_names(text: str) -> str:
            said = replace(request.post, text=text, files=(), quotes=())
            return self._resolver.read(said, delivery.deadline).text

        now = replace(request.post, text=with_names(request.post.text))
        return replace(request, was=with_names(request.was), post=now)

    def _said_now(
        self, stored: Stored, request: Edit | Deletion, post: Timestamp, delivery: Delivery
    ) -> Message | None:
        """The message of the edited post as it is to be remembered; none where no message is to be replaced."""
        before, remembering = message_of(stored.conversation, post), self._remembering.of(stored.settings)
        if before is None or isinstance(request, Deletion):
            return None
        if before.speaker is Speaker.THREAD:
            read = self._resolver.read(replace(request.post, files=()), delivery.deadline)
            return remembering.quoted(before, read, [file.name for file in request.post.files])
        read = self._resolver.read(request.post, delivery.deadline)
        return remembering.edited(before, read)

    def _corrected(
        self, conversation: Conversation, request: Edit | Deletion, post: Timestamp, said: Message | None
    ) -> Conversation:
        """The conversation after the change; unchanged where nothing is known of the post.

        Raises ``Conflict`` where the post has come into the buffer since it was read.
        """
        is_deletion = isinstance(request, Deletion)
        if holds(conversation, post):
            if is_deletion:
                return without(conversation, post)
            if said is None:
                raise Conflict("the edited post has just been remembered")
            return _with_newest(conversation, said, PostChange(post, request.ts, ""))
        if self._may_be_waiting(conversation, request, post):
            return pending(conversation, PostChange(post, request.ts, None if is_deletion else request.post.text))
        return withheld(
            without(conversation, post) if is_deletion else conversation,
            Redaction(post, request.ts, request.was, "" if is_deletion else request.post.text),
        )

    def _may_be_waiting(self, conversation: Conversation, request: Edit | Deletion, post: Timestamp) -> bool:
        """Is the post a question that is still to be answered, as far as can be known?"""
        record = conversation.reply_to(post)
        if record or request.own:
            return bool(record and not record.answered)
        is_thread = self._placing.expected(request.post).is_thread_with_own_memory
        is_talk = is_thread and conversation.is_joined and not conversation.quiet
        is_newest = conversation.last_asked is None or post > conversation.last_asked
        return is_newest and (request.post.addressed or is_talk)


def _with_newest(conversation: Conversation, said: Message, edit: PostChange) -> Conversation:
    """With the message as it was edited, unless a newer edit of its post has come before this one."""
    known = conversation.change_of(edit.post)
    if known and known.at > edit.at:
        return conversation
    return pending(with_message(conversation, said), edit)


def _remembered_post(conversation: Conversation, request: Edit | Deletion) -> Timestamp | None:
    """The ts under which the post is remembered: of the bot's own reply that of its question."""
    if not request.own:
        return request.post.ts
    return next((each.question for each in conversation.replies if each.reply == request.post.ts), None)


def _is_being_answered(conversation: Conversation, post: Timestamp) -> bool:
    record = conversation.reply_to(post)
    return bool(record and not record.answered)


def _may_be_being_read(conversation: Conversation, post: Timestamp) -> bool:
    """Is a question being answered for which the thread above it is read, this post among others?"""
    is_unread = conversation.is_new or conversation.unread_since
    return bool(is_unread) and any(not each.answered and post < each.question for each in conversation.replies)
