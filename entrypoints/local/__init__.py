"""One machine, one process: the events endpoint, the queue's workers and the playground.

    python -m entrypoints.local

With no Slack named in the settings, replies go to the stand-in behind the page; with no model
named, an offline one answers.
"""
