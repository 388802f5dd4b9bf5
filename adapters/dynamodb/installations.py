"""The installations of the app in several workspaces, an item each."""

from collections.abc import Iterator

from pynamodb.exceptions import DoesNotExist

from adapters.dynamodb.items import bound_to, every_item, translated
from domain.errors import Conflict

INSTALLATIONS = "installations/"
"""How the id of such an item begins; a conversation's begins with a team, which Slack writes in capitals."""


class DynamoInstallations:
    """The texts of installations by their owner, beside the conversations in their table. They do not expire."""

    def __init__(self, table_name: str) -> None:
        self._item = bound_to(table_name)  # its client is made with the first look
        self.where = table_name

    def load(self, owner: str) -> str | None:
        with translated(f"{self.where}: {INSTALLATIONS}{owner}"):
            try:
                return self._item.get(f"{INSTALLATIONS}{owner}", consistent_read=True).installation
            except DoesNotExist:
                return None

    def save(self, owner: str, content: str) -> None:
        item = self._item(f"{INSTALLATIONS}{owner}", installation=content)
        with translated(f"{self.where}: {item.id}"):
            item.save()

    def replace(self, owner: str, before: str, content: str | None) -> bool:
        item = self._item(f"{INSTALLATIONS}{owner}", installation=content)
        is_unchanged = self._item.installation == before
        try:
            with translated(f"{self.where}: {item.id}"):
                item.delete(is_unchanged) if content is None else item.save(is_unchanged)
        except Conflict:
            return False
        return True

    def delete(self, owner: str) -> None:
        item = self._item(f"{INSTALLATIONS}{owner}")
        with translated(f"{self.where}: {item.id}"):
            item.delete()

    def all(self) -> Iterator[tuple[str, str]]:
        """Reads the whole table, conversations too: the function that receives events is not allowed to."""
        for item in every_item(self._item, self._item.id.startswith(INSTALLATIONS)):
            yield item.id.removeprefix(INSTALLATIONS), item.installation or ""
