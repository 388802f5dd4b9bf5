"""The parts of a turn, which ``domain.answering`` puts in their order."""
