"""The settings of channels as JSON."""

import json

from adapters.serialization.records import UNREADABLE, compact_json
from domain.channels.channel_settings import NAMES, NO_SETTINGS, ChannelSettings
from domain.errors import StoreCorrupt


def channel_settings_to_json(settings: ChannelSettings) -> str:
    """Those that are set, as a person writes them."""
    return compact_json(settings.texts())


def channel_settings_from_json(text: str, where: str) -> ChannelSettings:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record = json.loads(text)
        texts = {name: record.get(name) for name in NAMES}
        return NO_SETTINGS.with_texts({name: text for name, text in texts.items() if text is not None})
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not a channel's settings: {type(error).__name__}") from error
