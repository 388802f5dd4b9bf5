"""Runs the operator's command line as a program."""

import sys


def start() -> int:
    """The exit code. Ctrl-C also ends it without a traceback while it is still being imported."""
    try:
        from entrypoints.operator.command_line import main  # noqa: PLC0415 - so that Ctrl-C during the import is caught

        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(start())
