"""The parts of a condensation, which ``domain.condensing`` puts in their order."""
