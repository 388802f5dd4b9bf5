"""``bot manifest`` prints the manifest that the Slack app is made from."""

from argparse import ArgumentTypeError, Namespace
from urllib.parse import urlsplit

from entrypoints.manifest import as_json, install_link, manifest_for
from entrypoints.operator.open_stores import settings_of
from entrypoints.operator.subcommands import FINE, Subcommands, print_line

MANIFEST_VARIABLES = ("BOT_LANGUAGE", "SLACK_AGENT_VIEW", "SLACK_REPLY_USERNAME")
FORMATS = {"json": as_json, "link": install_link}


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("manifest", help="print the manifest that the Slack app is made from")
    parser.add_argument("--format", choices=FORMATS, default="json", help="link: a page of Slack with it filled in")
    parser.add_argument("--events-url", type=_https, metavar="URL", help="https://…/events; without it, Socket Mode")
    parser.add_argument(
        "--redirect-url", type=_https, metavar="URL", help="https://…/slack/oauth_redirect; for several workspaces"
    )
    parser.set_defaults(run=_print)


def _https(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not (usable and url.isascii() and url.isprintable()) or " " in url:
        raise ArgumentTypeError("Slack delivers to an https address only")
    return url


def _print(asked: Namespace) -> int:
    settings = settings_of(*MANIFEST_VARIABLES)
    manifest = manifest_for(
        language=settings.bot_language,
        agent_view=settings.may_be_agent,
        reply_username=bool(settings.slack_reply_username),
        events_url=asked.events_url or "",
        redirect_url=asked.redirect_url or "",
    )
    print_line(FORMATS[asked.format](manifest))
    return FINE
