"""The settings of a channel as people read them."""

from domain.channels.channel_settings import NAMES, ChannelSettings
from domain.texts.language import Language


def all_settings(settings: ChannelSettings, language: Language) -> str:
    """A list of all settings, with what follows the bot's own, below a line that says what it is."""
    texts = settings.texts()
    lines = (f"- {language.settings_names[name]}: {_shown(name, texts.get(name, ''), language)}" for name in NAMES)
    return f"{language.settings_heading}\n\n" + "\n".join(lines)


def set_settings(settings: ChannelSettings, language: Language) -> str:
    """Those that are set, in one line."""
    texts = settings.texts()
    shown = (f"{language.settings_names[name]}: {_shown(name, text, language)}" for name, text in texts.items())
    return " · ".join(shown) or language.settings_none


def _shown(name: str, text: str, language: Language) -> str:
    match name:
        case "language" | "scope" | "budget" if text in language.settings_values:
            return language.settings_values[text]
        case "budget" if text:
            return f"{int(text):,}"
        case _:
            return " ".join(text.split()) or language.settings_none
