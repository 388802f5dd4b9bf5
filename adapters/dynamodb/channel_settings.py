"""The settings of channels, an item each."""

from collections.abc import Callable, Collection, Mapping

from pynamodb.exceptions import DoesNotExist

from adapters.dynamodb.items import Item, bound_to, translated
from adapters.serialization.channel_records import channel_settings_from_json, channel_settings_to_json
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.errors import Conflict

SETTINGS = "settings/"
"""How the id of such an item begins; a conversation's begins with a team, which Slack writes in capitals."""

ATTEMPTS_TO_CHANGE = 3
"""How often a change is made anew on the fresh settings after a conflict."""


def settings_id(team: str, channel: str) -> str:
    return f"{SETTINGS}{team}/{channel}"


def settings_in(item: Item | None, table: str) -> ChannelSettings:
    """Those in an item, if there is one."""
    if item is None or item.settings is None:
        return NO_SETTINGS
    return channel_settings_from_json(item.settings, f"{table}: {item.id}")


class DynamoSettings:
    """The settings of channels, beside the conversations in their table. They do not expire."""

    def __init__(self, table_name: str) -> None:
        self._item = bound_to(table_name)  # its client is made with the first look
        self._table = table_name

    def load(self, team: str, channel: str) -> ChannelSettings:
        return self._read(self._item_of(team, channel))

    def change(self, team: str, channel: str, change: Callable[[ChannelSettings], ChannelSettings]) -> ChannelSettings:
        for _ in range(ATTEMPTS_TO_CHANGE):
            item = self._item_of(team, channel)
            changed = change(self._read(item))
            try:
                self._save(item, changed)
            except Conflict:
                continue
            return changed
        raise Conflict(f"{self._table}: {settings_id(team, channel)} was changed by others each time")

    def among(self, team: str, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        """A request for each hundred channels."""
        with translated(f"{self._table}: {SETTINGS}{team}"):
            items = list(self._item.batch_get([settings_id(team, channel) for channel in channels]))
        found = {item.id.rpartition("/")[2]: self._read(item) for item in items}
        return {channel: each for channel, each in found.items() if each}

    def all(self) -> Mapping[tuple[str, str], ChannelSettings]:
        """Those of all channels that have some, by team and channel.

        For an operator alone: it reads the whole table, conversations too, and the functions are not allowed to.
        """
        settings: dict[tuple[str, str], ChannelSettings] = {}
        found = self._item.scan(self._item.id.startswith(SETTINGS), consistent_read=True)
        while True:
            with translated(self._table):
                item = next(found, None)
            if item is None:
                return {channel: each for channel, each in settings.items() if each}
            _, team, channel = item.id.split("/")
            settings[team, channel] = self._read(item)

    def _item_of(self, team: str, channel: str) -> Item:
        """As it is stored; without settings where there is none."""
        key = settings_id(team, channel)
        with translated(f"{self._table}: {key}"):
            try:
                return self._item.get(key, consistent_read=True)
            except DoesNotExist:
                return self._item(key)

    def _save(self, item: Item, changed: ChannelSettings) -> None:
        before, attribute = item.settings, self._item.settings
        unchanged = attribute.does_not_exist() if before is None else attribute == before
        if changed or before is not None:  # what is all unset again stays as such: a function may delete nothing
            item.settings = channel_settings_to_json(changed)
            with translated(f"{self._table}: {item.id}"):
                item.save(unchanged)

    def _read(self, item: Item) -> ChannelSettings:
        return settings_in(item, self._table)
