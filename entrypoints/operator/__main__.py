"""Runs the operator's command line as a program."""

import os
import sys


def start() -> int:
    """The exit code. Ctrl-C also ends it without a traceback while it is still being imported.

    A standard output that cannot be written is one line, and none where its reader has gone, who has seen enough.
    """
    try:
        from entrypoints.operator.command_line import main  # noqa: PLC0415 - so that Ctrl-C during the import is caught

        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what was not written yet is not tried again
        if not isinstance(error, BrokenPipeError):
            print(f"bot: {error.strerror}", file=sys.stderr)  # noqa: T201 - what a command line is for
        return 1
    return code


if __name__ == "__main__":
    sys.exit(start())
