"""This memory beside LangChain's and beside the whole thread, with one stand-in for the model."""
