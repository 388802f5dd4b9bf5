"""Settings, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from domain.channels.channel_settings import BUDGET_LIMIT
from domain.limits.allowance import QUESTIONS_LIMIT, Allowance
from domain.memory import Memory
from domain.spending.prices import Price
from entrypoints.configuration import model_settings
from entrypoints.configuration.environment import NEW_KEY, Environment, SettingError, parameters_prefix
from entrypoints.configuration.events_settings import EventsSettings

__all__ = ["SettingError", "Settings", "parameters_prefix", "url_of"]


@dataclass(frozen=True, kw_only=True)
class Settings(EventsSettings):
    """Everything that differs between deployments. Each field is the variable of its name, in capitals."""

    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = field(default="", repr=False)
    token_encryption_key: str = field(default="", repr=False)
    token_kms_key: str = ""
    slack_api_url: str = ""
    slack_reply_username: str = ""
    settings_people: frozenset[str] = frozenset()
    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    chat_model: str = "gpt-5.4-mini"
    summary_model: str = "gpt-5.4-mini"
    model_prices: Mapping[str, Price] = field(default_factory=dict)
    chat_temperature: float | None = None
    reply_token_limit: int = 2000
    reply_seconds: int = 240
    memory: Memory = field(default_factory=Memory)
    thread_history_tokens: int = Memory().limit // 4
    conversation_ttl_days: int = 90
    monthly_token_budget_per_user: int = 0
    monthly_token_budget_per_channel: int = 0
    monthly_token_budget_per_team: int = 0
    questions_per_minute: int = 0
    bot_language: str = "ja"
    bot_persona: str = ""
    table_name: str = ""
    usage_table_name: str = ""
    dead_letter_queue_url: str = ""
    database_path: Path = Path(".data/bot.sqlite3")
    host: str = "127.0.0.1"
    port: int = 8000
    concurrent_conversations: int = 64
    log_format: str = "text"
    log_texts: bool = False
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_headers: str = field(default="", repr=False)

    @property
    def is_offline(self) -> bool:
        """No model is at hand, so that a stand-in answers."""
        return not (self.openai_api_key or self.openai_base_url)

    @property
    def uses_playground(self) -> bool:
        """No Slack is named, so that replies go to the stand-in behind the page."""
        return not (self.slack_bot_token or self.slack_api_url or self.slack_app_token or self.slack_client_id)

    @property
    def has_several_workspaces(self) -> bool:
        """Each workspace installs the app by itself and has a token of its own."""
        return bool(self.slack_client_id)

    @property
    def allowance(self) -> Allowance:
        """What holds for people, channels and teams of whom the operator has said nothing else."""
        return Allowance(
            self.monthly_token_budget_per_user,
            self.monthly_token_budget_per_channel,
            self.monthly_token_budget_per_team,
            self.questions_per_minute,
        )

    @property
    def conversations_of_one_person(self) -> int:
        """So many of the ``concurrent_conversations`` may be with one person: half, so that others have room."""
        return max(1, self.concurrent_conversations // 2)

    @property
    def people_who_set(self) -> frozenset[str] | None:
        """The ids of those who may change a channel's settings in Slack. In the playground, none: everybody may."""
        return None if self.uses_playground else self.settings_people

    @property
    def is_for_this_machine_alone(self) -> bool:
        """Only programs of this machine reach the port."""
        return ip_address(self.host).is_loopback

    @property
    def address(self) -> str:
        """Where this machine's own programs reach the port."""
        host = ip_address(self.host)
        loopback = "127.0.0.1" if host.version == 4 else "::1"
        return url_of(loopback if host.is_unspecified else self.host, self.port)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read settings from the environment, where an empty variable counts as unset.

        Raises ``SettingError`` for the first variable with a value that is not allowed.
        """
        read = Environment(env)
        chat_model, memory = read.model("CHAT_MODEL", cls.chat_model), model_settings.memory(read)
        settings = cls(
            **cls._of_events(read),
            slack_bot_token=read.secret("SLACK_BOT_TOKEN"),
            slack_app_token=read.secret("SLACK_APP_TOKEN"),
            slack_client_id=read.text("SLACK_CLIENT_ID"),
            slack_client_secret=read.secret("SLACK_CLIENT_SECRET"),
            token_encryption_key=read.encryption_keys("TOKEN_ENCRYPTION_KEY"),
            token_kms_key=read.text("TOKEN_KMS_KEY"),
            slack_api_url=read.url("SLACK_API_URL"),
            slack_reply_username=read.text("SLACK_REPLY_USERNAME"),
            settings_people=read.ids("SETTINGS_PEOPLE"),
            openai_api_key=read.secret("OPENAI_API_KEY"),
            openai_base_url=read.base_url("OPENAI_BASE_URL"),
            chat_model=chat_model,
            summary_model=read.model("SUMMARY_MODEL", chat_model),
            model_prices=model_settings.prices(read),
            chat_temperature=read.temperature("CHAT_TEMPERATURE"),
            reply_seconds=read.whole("REPLY_SECONDS", cls.reply_seconds, 1, 3_600),
            reply_token_limit=read.whole("REPLY_TOKEN_LIMIT", cls.reply_token_limit, 1, 1_000_000),
            memory=memory,
            thread_history_tokens=min(
                read.whole("THREAD_HISTORY_TOKENS", memory.limit // 4, 0, 1_000_000), memory.limit
            ),
            conversation_ttl_days=read.whole("CONVERSATION_TTL_DAYS", cls.conversation_ttl_days, 1, 36_500),
            monthly_token_budget_per_user=read.whole("MONTHLY_TOKEN_BUDGET_PER_USER", 0, 0, BUDGET_LIMIT),
            monthly_token_budget_per_channel=read.whole("MONTHLY_TOKEN_BUDGET_PER_CHANNEL", 0, 0, BUDGET_LIMIT),
            monthly_token_budget_per_team=read.whole("MONTHLY_TOKEN_BUDGET_PER_TEAM", 0, 0, BUDGET_LIMIT),
            questions_per_minute=read.whole("QUESTIONS_PER_MINUTE", 0, 0, QUESTIONS_LIMIT),
            bot_language=read.choice("BOT_LANGUAGE", cls.bot_language, ("ja", "en")),
            bot_persona=read.text("BOT_PERSONA"),
            table_name=read.text("TABLE_NAME"),
            usage_table_name=read.text("USAGE_TABLE_NAME"),
            dead_letter_queue_url=read.url("DEAD_LETTER_QUEUE_URL"),
            database_path=Path(read.text("DATABASE_PATH", str(cls.database_path))),
            host=read.ip_address("HOST", cls.host),
            port=read.whole("PORT", cls.port, 1, 65_535),
            concurrent_conversations=read.whole("CONCURRENT_CONVERSATIONS", cls.concurrent_conversations, 1, 256),
            log_format=read.choice("LOG_FORMAT", cls.log_format, ("text", "json")),
            log_texts=read.switch("LOG_TEXTS", cls.log_texts),
            otel_exporter_otlp_endpoint=read.base_url("OTEL_EXPORTER_OTLP_ENDPOINT"),
            otel_exporter_otlp_headers=read.secret("OTEL_EXPORTER_OTLP_HEADERS"),
        )
        settings._require_whole_slack()
        return settings

    def _require_whole_slack(self) -> None:
        if bool(self.slack_client_id) != bool(self.slack_client_secret):
            raise SettingError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET must be set together")
        if self.slack_client_id and self.slack_bot_token:
            raise SettingError("SLACK_BOT_TOKEN must be empty where SLACK_CLIENT_ID is set: each workspace has its own")
        if self.uses_playground:
            return
        if self.slack_app_token and not (self.slack_bot_token or self.slack_client_id):
            raise SettingError("SLACK_BOT_TOKEN must be set too where SLACK_APP_TOKEN is")
        if not (self.slack_signing_secret or self.slack_app_token):
            raise SettingError(
                "SLACK_SIGNING_SECRET must be set where replies go to a Slack of your own, unless SLACK_APP_TOKEN is"
            )

    def require_encryption_key(self) -> None:
        """Raises ``SettingError`` where tokens are to be stored on one machine without a key."""
        if self.has_several_workspaces and not self.token_encryption_key:
            raise SettingError(f"TOKEN_ENCRYPTION_KEY must be set where SLACK_CLIENT_ID is; {NEW_KEY} makes one")


def url_of(host: str, port: int) -> str:
    """The http address of a port at an IP address."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
