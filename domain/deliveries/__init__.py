"""How a request reaches a worker: how often, and for how long."""
