"""The playground's web page, and what it asks of the server."""
