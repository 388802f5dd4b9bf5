# make run     start the bot on http://127.0.0.1:8000 (PORT=… for another)
# make test    run every test that this machine has the parts for
# make check   lint, types, architecture, then the tests with coverage
# make bench   measure what the README promises, as a table and bench.json

PYTHON ?= python3
VENV ?= .venv
bin := $(VENV)/bin
# Byte code halves the start; what a machine says about it is for other programs.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench format lock clean

run: $(VENV)/.local-installed
	exec $(bin)/python -m entrypoints.local

test: $(VENV)/.dev-installed
	$(bin)/python -m pytest

check: $(VENV)/.dev-installed
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python -m pytest --cov --cov-report=term --cov-fail-under=90
	$(bin)/python -m coverage report --include='domain/*' --fail-under=100

bench: $(VENV)/.dev-installed
	$(bin)/python -m bench

format: $(VENV)/.dev-installed
	$(bin)/ruff check --fix
	$(bin)/ruff format

# Hash-pinned requirements for every Python and platform the project runs on.
lock:
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements/local.in -o requirements/local.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements/dev.in -o requirements/dev.txt -c requirements/local.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements/aws.in -o requirements/aws.txt -c requirements/local.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage bench.json

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON to it")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.%-installed: requirements/%.txt | $(VENV)/bin/python
	$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@
