"""What every fork begins with: all modules of the bot, and the table of its encoding."""

from adapters.tiktoken import count_tokens_for
from entrypoints import lambda_events  # noqa: F401 - forks run it
from entrypoints.configuration.settings import Settings
from tests.reliability import killed_bot  # noqa: F401 - forks run it, and what it imports

count_tokens_for(Settings.chat_model)("ポチ")
