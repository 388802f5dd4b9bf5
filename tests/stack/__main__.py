"""make stack: the whole of AWS on this machine, to play with, until Ctrl-C.

Each line that is typed is posted in Slack as a mention, goes through the API, the queue and both
containers, and its reply is printed.
"""

import sys

from tests.stack.deployment import World, applied
from tests.stack.emulated_aws import SIGNING_SECRET, missing


def main() -> int:
    if lacking := missing():
        print(f"make stack needs more: {lacking}", file=sys.stderr)
        return 1
    print("Applying Terraform to an emulator; this takes about two minutes.", flush=True)
    with applied() as world:
        print(f"Events URL:     {world.deployment.output('events_url')}")
        print(f"Signing secret: {SIGNING_SECRET}")
        print("Type a question and press Enter. Ctrl-C takes everything down.", flush=True)
        try:
            talk(world)
        except KeyboardInterrupt:
            print("\nTaking it down.")
    return 0


def talk(world: World) -> None:
    while line := sys.stdin.readline():
        thread = world.say(f"@bot {line.strip()}")
        for reply in world.wait_for_replies(thread, lambda said: "ポチは元気ですよ" in said):
            print(reply, flush=True)


if __name__ == "__main__":
    sys.exit(main())
