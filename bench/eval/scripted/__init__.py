"""What is measured without a model: scripts in its place."""
