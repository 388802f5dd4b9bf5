"""The use case of a person who looks at the settings of a channel, or changes them."""

from collections.abc import Collection

from domain.channels.channel_settings import ChannelSettings, UnusableSetting
from domain.channels.settings_requests import ChangeSettings, OpenSettings, SettingsRequest
from domain.channels.showing import all_settings, set_settings
from domain.conversations.place import Scope, conversation_key
from domain.ports.slack import Replies, SettingsModal
from domain.ports.stores import SettingsStore
from domain.prompts import Prompts
from domain.requests import Question
from domain.texts.language import Language
from domain.turn_events import Report, SettingsChanged


class ChangingSettings:
    """Shows and changes the settings of channels. ``people`` are the ids of those who may; none stands for everybody.

    Whoever may not change them sees them all the same.
    """

    def __init__(
        self,
        *,
        store: SettingsStore,
        modal: SettingsModal,
        replies: Replies,
        prompts: Prompts,
        people: Collection[str] | None,
        report: Report,
    ) -> None:
        self._store = store
        self._modal = modal
        self._replies = replies
        self._prompts = prompts
        self._people = people
        self._report = report

    def handle(self, request: OpenSettings | ChangeSettings) -> None:
        """Show the settings, or change them. Raises what the store, the modal and the channel raise."""
        if isinstance(request, OpenSettings):
            self._open(request)
        else:
            self._tell(request, self._change(request))

    def _open(self, request: OpenSettings) -> None:
        """Open the modal for those who may change the settings; tell the others what they are."""
        settings = self._store.load(request.team, request.channel)
        language = self._language(settings)
        if self._may(request):
            self._modal.open(request, settings, language)
        else:
            self._tell(request, f"{all_settings(settings, language)}\n\n{language.settings_of_others}")

    def _change(self, request: ChangeSettings) -> str:
        """Save what the person has changed. Returns a sentence that says so, or why not."""
        place, texts = (request.team, request.channel), request.texts
        if not self._may(request):
            return self._language(self._store.load(*place)).settings_of_others
        try:
            changed = self._store.change(*place, lambda present: present.with_texts(texts))
        except UnusableSetting as error:
            return self._language(self._store.load(*place)).settings_refused[error.name]
        self._report(SettingsChanged(request, conversation_key(*place), tuple(texts)))
        language = self._language(changed)
        return language.settings_saved.fill(settings=set_settings(changed, language))

    def _may(self, request: SettingsRequest) -> bool:
        return self._people is None or request.person in self._people

    def _language(self, settings: ChannelSettings) -> Language:
        return self._prompts.of(settings).language

    def _tell(self, request: SettingsRequest, text: str) -> None:
        """Tell the person, and nobody else."""
        whose = (request.team, request.channel, request.ts, request.person)
        question = Question(*whose, "", private=True, respond_to=request.respond_to)
        self._replies.open(question, question.place(Scope.THREAD)).replace(text)
