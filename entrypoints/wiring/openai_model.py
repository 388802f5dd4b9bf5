"""How the language model is made from the settings. It takes most of a second to import; the playground needs none."""

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from entrypoints.configuration.settings import Settings


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
