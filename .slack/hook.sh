#!/bin/sh
# What hooks.json has Slack's command line run: `slack manifest` and `slack run` from the root of the project.
# Written after the documentation and the source of slackapi/slack-cli of July 2026, and tested as that source calls
# it; untried with Slack's command line itself, which needs a workspace. On Windows it would need PowerShell.
#
# The command line appends options (--source=…) to the hook's name. It reads what a hook prints as its answer, so that
# all else goes to the standard error. It ends the bot by an interrupt of the process that it started, hence each exec.
set -eu
bin="${VENV:-.venv}/bin"
[ -x "$bin/python" ] || make "${VENV:-.venv}/.local-installed" >&2

case "$1" in
    get-manifest)
        exec "$bin/python" -m entrypoints.operator --env-file "${ENV_FILE:-.env}" manifest --format json
        ;;
    start)
        # The tokens of the app that `slack run` has installed. Others, from .env or the shell, are of another app.
        SLACK_BOT_TOKEN="${SLACK_CLI_XOXB:-${SLACK_BOT_TOKEN:-}}"
        SLACK_APP_TOKEN="${SLACK_CLI_XAPP:-${SLACK_APP_TOKEN:-}}"
        export SLACK_BOT_TOKEN SLACK_APP_TOKEN
        exec "$bin/python" -m entrypoints.local --env-file "${ENV_FILE:-.env}"
        ;;
    *)
        echo "no hook of that name: $1" >&2
        exit 2
        ;;
esac
