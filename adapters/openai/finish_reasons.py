"""How a completion ended, whatever a server calls it."""

import enum
import re


class FinishReason(enum.Enum):
    """What a finish reason means."""

    END = "end"
    CUT = "cut"
    REFUSAL = "refusal"
    BREAK = "break"


_KINDS = (
    (FinishReason.END, r"stop|end|eos|done|complete|finish|success|tool|function"),
    (
        FinishReason.REFUSAL,
        r".*(?:filter|safety|refus|sensitive|prohibit|block|guardrail|recitation|moderat|policy|spii|violat|flag|toxic)",
    ),
    (
        FinishReason.BREAK,
        r".*(?:error|abort|resource|cancel|time_?out|overload|fail|malformed|unavailable|interrupt|disconnect)",
    ),
)
"""By how a reason begins or what stands in it, tried in this order.

OpenAI says stop, length, content_filter; Anthropic end_turn, max_tokens, refusal, model_context_window_exceeded; Gemini
STOP, MAX_TOKENS, SAFETY, RECITATION, MALFORMED_FUNCTION_CALL; Mistral model_length, error; DeepSeek
insufficient_system_resource; vLLM abort; Zhipu sensitive, network_error; TGI eos_token, stop_sequence.
"""


def finish_reason_of(reason: str) -> FinishReason:
    """The kind of a finish reason. One that nobody knows is a cut: half a sentence always has its note."""
    name = reason.strip().casefold().removeprefix("finish_reason_")
    return next((kind for kind, pattern in _KINDS if re.match(pattern, name)), FinishReason.CUT)
