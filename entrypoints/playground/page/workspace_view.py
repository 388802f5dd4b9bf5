"""What the page shows of the workspace, as JSON: every text with the HTML that it is shown as."""

from dataclasses import asdict

from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, Json, Post, Refused, SharedFile
from entrypoints.playground.emulator.workspace.workspace import Workspace
from entrypoints.playground.page.rendering import Rendering


class Shown:
    """A workspace as the page sees it. Safe to use from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rendering = Rendering(self._name)

    def everything(self) -> Json:
        """All that there is to see at this moment."""
        workspace = self._workspace
        return {
            "bot": {"id": BOT_USER, "name": BOT_NAME},
            "people": [{"id": person.id, "name": person.name} for person in workspace.directory.people],
            "channels": [
                {"id": channel.id, "name": channel.name, "owner": channel.owner, "kind": channel.kind}
                for channel in workspace.directory.channels
            ],
            "posts": [self.post(post) for post in (*workspace.messages.posts(), *workspace.messages.ephemerals())],
            "sessions": [asdict(session) for session in workspace.sessions.sessions()],
            "statuses": workspace.sessions.statuses(),
            "prompts": dict(workspace.home.prompts()),
            "homes": {user: self._rendering.blocks(blocks) for user, blocks in workspace.home.homes().items()},
            "modals": {user: self._modal(view) for user, view in workspace.modals.views().items()},
            "command": workspace.command,
            "shortcuts": [asdict(shortcut) for shortcut in workspace.shortcuts],
        }

    def post(self, post: Post) -> Json:
        """One post. Its ``text`` is what was written, ``html`` what is shown."""
        # The text of a message that consists of blocks is for notifications, unless blocks of it say it.
        text = post.text if post.markdown or not post.blocks else ""
        return {
            "channel": post.channel,
            "ts": post.ts,
            "thread": post.thread,
            "user": post.user,
            "username": post.username,
            "text": text,
            "html": self._rendering.html(text, markdown=post.markdown),
            "markdown": post.markdown,
            "blocks": self._rendering.blocks(block for block in post.blocks if block["type"] != "markdown"),
            "files": [self._file(file) for file in post.files],
            "only_for": post.only_for,
            "edited": bool(post.edited),
            "live": self._workspace.messages.is_live(post),
            "deleted": post.deleted,
        }

    def notice(self, kind: str, now: Json) -> Json:
        """What has become of something else than a post."""
        if kind == "modal":
            return now | {"view": now["view"] and self._modal(now["view"])}
        return now | {"blocks": self._rendering.blocks(now["blocks"])} if kind == "home" else now

    def _modal(self, view: Json) -> Json:
        """Without what the app has put into it for itself."""
        shown = {name: view[name] for name in ("id", "title", "submit", "close")}
        return shown | {"blocks": self._rendering.blocks(view["blocks"])}

    def _file(self, file: SharedFile) -> Json:
        shown: Json = {"id": file.id, "name": file.name, "type": file.type, "size": file.size}
        try:
            self._workspace.files.content(file.id)
        except Refused:  # the post outlived the process, the file's content did not
            shown["gone"] = True
        return shown

    def _name(self, identity: str) -> str:
        """Of a person or a channel; the id itself where there is neither."""
        channels = {channel.id: channel.name for channel in self._workspace.directory.channels}
        try:
            return channels.get(identity) or self._workspace.directory.name(identity)
        except Refused:
            return identity
