"""``bot settings`` lists, shows and changes what holds for one channel in place of the bot's own settings."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from domain.channels.channel_settings import NAMES, ChannelSettings, UnusableSetting
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.operator.names.slack_ids import require_channel, slack_settings, team_of
from entrypoints.operator.open_stores import channel_settings_of, data_place, store_settings
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line, print_table

SHOWN = 60
"""Characters of the instructions at most that the table has."""

MEANINGS = {
    "instructions": "what the model is told in this channel, beside the bot's persona",
    "model": "the model that answers",
    "language": "ja or en",
    "scope": "what shares one memory: thread or channel",
    "budget": "billed-equivalent tokens a month; 0 is no limit",
}


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("settings", help="list, show or change the settings of one channel")
    parser.add_argument("channel", nargs="?", metavar="CHANNEL", help="its id; without one, all that have settings")
    for name in NAMES:
        parser.add_argument(f"--{name}", metavar=name.upper(), help=MEANINGS[name])
    parser.add_argument("--unset", action="append", choices=NAMES, default=[], help="follow the bot's own again")
    parser.add_argument("--team", help="id of the workspace; else SLACK_TEAM_IDS, or the token's")
    add_json(parser)
    parser.set_defaults(run=_run, parser=parser)


def _run(asked: Namespace) -> int:
    settings = store_settings()
    texts = _texts(asked, asked.parser)
    if asked.channel is None:
        if texts:
            asked.parser.error("a setting is of one channel: name it")
        return _list(asked, settings)
    slack = slack_settings()
    team = team_of(slack, settings, "channel", asked.team)
    require_channel(asked.channel, slack)
    with channel_settings_of(settings) as store:
        try:
            found = store.change(team, asked.channel, lambda present: present.with_texts(texts)) if texts else None
        except UnusableSetting as error:
            raise SettingError(str(error)) from None
        return _show(asked, team, found or store.load(team, asked.channel))


def _texts(asked: Namespace, parser: ArgumentParser) -> Mapping[str, str]:
    given = {name: getattr(asked, name) for name in NAMES if getattr(asked, name) is not None}
    if both := sorted(given.keys() & set(asked.unset)):
        parser.error(f"{both[0]} is to be set and unset")
    return given | dict.fromkeys(asked.unset, "")


def _list(asked: Namespace, settings: Settings) -> int:
    with channel_settings_of(settings) as store:
        found = sorted(store.all().items())
    if asked.json:
        print_json([{"team": team, "channel": channel, **_values(each)} for (team, channel), each in found])
        return FINE
    if found:
        rows = ((team, channel, *_cells(each)) for (team, channel), each in found)
        print_table(("team", "channel", *reversed(NAMES)), *rows)
    print_line(f"channels with settings in {data_place(settings)}: {len(found)}")
    return FINE


def _cells(settings: ChannelSettings) -> tuple[str, ...]:
    """In the opposite order: the instructions are the longest."""
    texts = {name: " ".join(text.split()) for name, text in settings.texts().items()}
    cells = (texts.get(name, "-") for name in reversed(NAMES))
    return tuple(each if len(each) <= SHOWN else f"{each[: SHOWN - 1]}…" for each in cells)


def _show(asked: Namespace, team: str, settings: ChannelSettings) -> int:
    if asked.json:
        print_json({"team": team, "channel": asked.channel, **_values(settings)})
        return FINE
    texts = settings.texts()
    width = max(map(len, NAMES))
    for name in NAMES:
        text = texts.get(name, "- (follows the bot's own)").replace("\n", f"\n{' ' * (width + 2)}")
        print_line(f"{name.ljust(width)}  {text}")
    return FINE


def _values(settings: ChannelSettings) -> Mapping[str, str | int | None]:
    """As programs read them: null where the bot's own is followed."""
    texts = settings.texts()
    return {name: texts.get(name) for name in NAMES} | {"budget": settings.budget}
