"""What one machine and the worker on AWS make alike from the settings."""

from collections.abc import Mapping

from adapters.openai import OpenAILanguageModel, openai_client
from domain.language import Language
from domain.prompts import Prompts
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from entrypoints.settings import Settings

LANGUAGES: Mapping[str, Language] = {"ja": JAPANESE, "en": ENGLISH}


def openai_model(settings: Settings) -> OpenAILanguageModel:
    """The model that the settings name, at OpenAI or at a server of one's own."""
    return OpenAILanguageModel(
        # A server of one's own may need no key, but the SDK needs some.
        client=openai_client(api_key=settings.openai_api_key or "none", base_url=settings.openai_base_url),
        chat_model=settings.chat_model,
        summary_model=settings.summary_model,
        temperature=settings.chat_temperature,
        reply_token_limit=settings.reply_token_limit,
    )


def prompts_for(settings: Settings) -> Prompts:
    return Prompts(
        language=LANGUAGES[settings.bot_language],
        persona=settings.bot_persona,
        continuing=settings.summary_model == settings.chat_model,
    )
