"""Runs the operator's command line as a program."""

import sys

from entrypoints.operator.command_line import main

if __name__ == "__main__":
    sys.exit(main())
