"""The operator's command line: dead letters, people's votes, and the Slack app's manifest.

    bot doctor [--json]
    bot dead-letters
    bot replay REFERENCE …
    bot replay --all
    bot feedback [--csv]
    bot backup FILE
    bot manifest [--format json|link] [--events-url URL]
    bot secret NAME
    bot --version

``.venv/bin/bot`` is ``python -m entrypoints.operator --env-file .env`` by a shorter name; the Makefile writes it.

Dead letters are those of the SQS queues that ``QUEUE_URL`` and ``DEAD_LETTER_QUEUE_URL`` name, votes those of the table
``TABLE_NAME``; without them all is in the file ``DATABASE_PATH``, whether the bot is running or not. A backup is of
that file. Nothing here shows what people wrote. The manifest has what the environment switches on, and needs nothing
else.

Each command is a module: ``add_to`` says what its arguments are, and a function carries it out and returns the exit
code.
"""
