"""Questions, turns, memory and the ports, in the standard library alone."""
