"""The language model at OpenAI, or at any server that speaks chat completions.

Nothing is imported here: the SDK takes most of a second, and who reads only the prices needs none.
"""
