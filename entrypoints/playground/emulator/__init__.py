"""An emulator of Slack: a workspace, its Web API, events, Socket Mode and files."""
