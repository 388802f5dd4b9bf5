"""What stands in Slack's payloads, whichever of them it comes with."""
