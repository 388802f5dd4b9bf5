"""LangChain's memory beside this one, in the environment of both."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bench.eval.talks.english import ENGLISH
from tests.repository import ROOT
from tests.stand_ins import Model

PYTHON = ROOT / ".venv-peers/bin/python"


@pytest.fixture(scope="module")
def python() -> Path:
    if not PYTHON.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(".venv-peers is not installed")
    return PYTHON


@pytest.mark.slow
def test_langchains_memory_is_asked_the_same_and_makes_more_calls_to_remember(python, serve, tmp_path):
    model = Model()
    model.answer = ENGLISH.unknown
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "OPENAI_", "COV"))
    }
    settings = {
        "OPENAI_BASE_URL": f"{serve(model.app)}/v1",
        "MEMORY_TOKEN_LIMIT": "2000",
        "MEMORY_KEEP_TOKENS": "1000",
        "LANGSMITH_TRACING": "false",
    }

    done = subprocess.run(
        [python, "-m", "bench.eval", "--turns", "50", "--languages", "en", "--yes", "--folder", tmp_path],
        cwd=ROOT, env=environment | settings, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert (done.returncode, "Warning" in done.stderr) == (0, False), done.stderr
    runs = {run["way"]: run for run in json.loads((tmp_path / "eval.json").read_text())}
    calls = {way: run["account"]["remembering"]["calls"] for way, run in runs.items()}
    assert calls["langchain"] > 5 * calls["rewritten"] > 0
    assert len(runs["langchain"]["results"]) == len(runs["notes"]["results"])
