"""What the ways in are made of: containers, and what passes a request to its handler."""
