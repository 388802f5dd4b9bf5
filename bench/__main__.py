"""python -m bench: print the table, write bench.json, and exit with 1 where a bound is missed."""

import json
import sys
from pathlib import Path

from bench import functions, starts, turns
from bench.eval.scripted import structure
from bench.table import Bound, print_bounds, print_figures

BOUNDS: list[Bound] = [
    ("time_ratio", "{:.2f} ×", 1.5, "≤", "time of a turn over a bare loop's, p50 of 100 turns"),
    ("model_calls", "{:.0f}", 120, "≤", "model calls in 100 turns (LangChain's memory: 191)"),
    ("cached_share", "{:.0%}", 0.7, "≥", "prompt tokens that repeat a cacheable prefix (LangChain's: 2 %)"),
    ("growth_of_time", "{:.2f} ×", 1.1, "≤", "time of turn 2,000 over turn 100, each over a bare loop's"),
    ("growth_of_prompt", "{:.2f} ×", 1.1, "≤", "prompt tokens of turn 2,000 over turn 100"),
    ("growth_of_store", "{:.2f} ×", 1.1, "≤", "stored bytes at turn 2,000 over turn 100"),
    ("events_path_ratio", "{:.2f} ×", 1.5, "≤", "import and construction of the events path over a bare handler's"),
    (
        "first_words_p50_s",
        "{:.3f} s",
        0.15,
        "≤",
        "from event to first visible words, beyond the model's first token, in the slowest place",
    ),
    ("cold_events_ratio", "{:.2f} ×", 1.5, "≤", "the events function's first response from cold over a bare handler's"),
    ("cold_worker_ratio", "{:.2f} ×", 1.3, "≤", "the worker's first model request from cold over a bare handler's"),
    ("encodings_before_model", "{:.0f}", 0, "≤", "encodings loaded before the first model request"),
    ("warm_events_p99_ms", "{:.1f} ms", 50, "≤", "a warm event at 50 a second, p99 of 1,000"),
    ("warm_events_lost", "{:.0f}", 0, "≤", "events lost of those"),
    (
        "dependencies_mb",
        "{:.1f} MB",
        130,
        "≤",
        "installed size of the dependencies (the 2023 article's: 278 MB)",
    ),
    ("worker_peak_mb", "{:.1f} MB", 220, "≤", "the worker's peak memory, after a turn with a condensation"),
    ("turn_reads", "{:.0f}", 1, "≤", "DynamoDB reads in a turn"),
    ("turn_writes", "{:.0f}", 2, "≤", "DynamoDB writes in a turn"),
    ("condensing_writes", "{:.0f}", 3, "≤", "DynamoDB writes in a turn with a condensation"),
    *structure.BOUNDS,
]
SHOWN = [
    ("turn_p50_ms", "{:.1f} ms", "a turn, p50"),
    ("bare_p50_ms", "{:.1f} ms", "a bare loop's turn, p50"),
    ("prompt_tokens", "{:,.0f}", "prompt tokens in 100 turns"),
    ("stored_bytes", "{:,.0f}", "largest stored conversation, bytes"),
    ("events_path_ms", "{:.0f} ms", "import and construction of the events path"),
    ("bare_handler_ms", "{:.0f} ms", "the same of a bare handler"),
    ("first_words_s", "{:.3f} s", "the same as above for the first question after a start"),
    ("cold_events_ms", "{:.0f} ms", "the events function from container start to first response"),
    ("bare_cold_events_ms", "{:.0f} ms", "the same of a bare handler"),
    ("cold_worker_ms", "{:.0f} ms", "the worker from container start to first model request"),
    ("bare_cold_worker_ms", "{:.0f} ms", "the same of a bare handler"),
    ("warm_events_p50_ms", "{:.1f} ms", "a warm event, p50"),
    *structure.SHOWN,
]


def main() -> int:
    lacking = functions.missing()
    figures = starts.events_path() | starts.first_words() | turns.figures(turns.run(2000)) | structure.figures()
    figures |= {} if lacking else functions.figures()
    missed = print_bounds(BOUNDS, figures)
    print_figures(SHOWN, figures)
    if lacking:
        print(f"Left out is what needs containers and AWS: {lacking}.")
    Path("bench.json").write_text(json.dumps({"figures": figures, "missed": missed}, indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
