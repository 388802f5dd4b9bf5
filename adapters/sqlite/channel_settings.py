"""The settings of channels, a row each."""

from collections.abc import Callable, Collection, Mapping

from adapters.serialization.channel_records import channel_settings_from_json, channel_settings_to_json
from adapters.sqlite.database import Database
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings


class SqliteSettings:
    """The settings of channels. They do not expire."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, team: str, channel: str) -> ChannelSettings:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT content FROM channel_settings WHERE team = ? AND channel = ?", (team, channel)
            ).fetchone()
        return self._read(row[0], team, channel) if row else NO_SETTINGS

    def change(self, team: str, channel: str, change: Callable[[ChannelSettings], ChannelSettings]) -> ChannelSettings:
        with self._database.transaction() as connection:
            changed = change(self.load(team, channel))
            if changed:
                connection.execute(
                    "INSERT OR REPLACE INTO channel_settings (team, channel, content) VALUES (?, ?, ?)",
                    (team, channel, channel_settings_to_json(changed)),
                )
            else:
                connection.execute("DELETE FROM channel_settings WHERE team = ? AND channel = ?", (team, channel))
        return changed

    def among(self, team: str, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        return {channel: each for (of, channel), each in self.all().items() if of == team and channel in channels}

    def all(self) -> Mapping[tuple[str, str], ChannelSettings]:
        """Those of all channels that have some, by team and channel."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT team, channel, content FROM channel_settings").fetchall()
        return {(team, channel): self._read(content, team, channel) for team, channel, content in rows}

    def _read(self, content: str, team: str, channel: str) -> ChannelSettings:
        return channel_settings_from_json(content, f"{self._database.path}: settings/{team}/{channel}")
