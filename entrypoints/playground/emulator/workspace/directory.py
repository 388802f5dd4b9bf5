"""Who is in the workspace, and where: its people and channels."""

from collections.abc import Sequence

from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, SLACKBOT, Channel, Person, Refused


class Directory:
    """The people and channels of a workspace. They never change."""

    def __init__(self, people: Sequence[Person], channels: Sequence[Channel]) -> None:
        self.people = tuple(people)
        self.channels = tuple(channels)

    def channel(self, channel: str) -> Channel:
        """The channel with this id; a person's id stands for their direct messages.

        Raises ``Refused``: ``channel_not_found``.
        """
        for each in self.channels:
            if channel and channel in (each.id, each.owner):
                return each
        raise Refused("channel_not_found")

    def channel_of(self, person: str, channel: str) -> Channel:
        """The channel with this id, which the person is in. Raises ``Refused`` too where they are not."""
        where = self.channel(channel)
        if person not in self.members(where):
            raise Refused("not_in_channel")
        return where

    def members(self, channel: Channel) -> tuple[str, ...]:
        """The people in a channel, by their ids."""
        return (channel.owner,) if channel.direct else tuple(person.id for person in self.people)

    def name(self, user: str) -> str:
        """The display name of a user. Raises ``Refused``: ``user_not_found``."""
        names = {person.id: person.name for person in self.people} | {BOT_USER: BOT_NAME, SLACKBOT: "Slackbot"}
        if user not in names:
            raise Refused("user_not_found")
        return names[user]
