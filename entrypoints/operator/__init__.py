"""The operator's command line: ``bot --help`` lists its commands.

``.venv/bin/bot`` is ``python -m entrypoints.operator --env-file .env`` by a shorter name; the Makefile writes it.

Each command is a module: ``add_to`` says what its arguments are, and a function carries it out and returns the exit
code. ``open_stores`` opens what the settings name, whether the bot is running or not. Nothing here shows what people
wrote unless it is asked for.
"""
