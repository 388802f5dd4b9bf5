# make run     start the bot on http://127.0.0.1:8000 (PORT=… for another)
# make test    run every test that this machine has the parts for
# make quick   run the tests that take less than a minute in all
# make check   lint, types, architecture, then the tests, most of them with coverage (or apart: lint, coverage, proofs)
# make stack   keep the whole of AWS running on this machine, to play with (needs Terraform and Docker)
# make deploy  apply Terraform to your AWS account (ARGUMENTS=… go to terraform apply)
# make bench   measure what the README promises, as a table and bench.json
# make eval    measure how much is remembered, with the model of your settings (ARGUMENTS="--turns 50" for less)
# make images   pin the base images in the Dockerfile to what their tags are today (needs Docker)
# make reference  write the documents' tables of settings, scopes and Terraform's inputs as the code has them
# make bench-peers  measure what remembering costs beside LangChain's memory and the whole thread
# make pictures  take the README's pictures in the playground (needs Chromium)

PYTHON ?= python3
VENV ?= .venv
# What `make run` and .venv/bin/bot read settings from, where it is there.
ENV_FILE ?= .env
# What `make deploy` and `make eval` pass on.
ARGUMENTS ?=
bin := $(VENV)/bin
# What every environment needs, or one sentence. Debian ships Python without the parts that make one.
usable = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and 1)' || \
  { echo "Python 3.11 or newer is needed; set PYTHON to it: make PYTHON=python3.13 …" >&2; exit 1; }; \
  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
  { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu install python3-venv." >&2; exit 1; }
# Byte code halves the start; what a machine says about it is for other programs.
unexport PYTHONDONTWRITEBYTECODE
# Deno formats and lints the page's JavaScript and asks nobody whether there is a newer one.
export DENO_NO_UPDATE_CHECK = 1

.PHONY: run test quick check lint proofs coverage infrastructure emulator third-parties stack deploy bench bench-peers eval format images lock reference pictures clean

run: $(VENV)/.local-installed $(bin)/bot
	@exec $(bin)/python -m entrypoints.local --env-file '$(ENV_FILE)'

# A process for each core.
pytest := $(bin)/python -m pytest --numprocesses auto
test: $(VENV)/.dev-installed $(bin)/bot
	@$(pytest)

quick := not slow and not browser and not aws
quick: $(VENV)/.dev-installed $(bin)/bot
	@$(pytest) -m '$(quick)'

scripts := .ci/run .slack/hook.sh requirements/install requirements/pin-images terraform/deploy.sh terraform/test.sh terraform/modules/image/build.sh
# The schemas are in the package, so that none is fetched.
schema = $(bin)/check-jsonschema --quiet --builtin-schema vendor.
check: lint coverage proofs
lint: $(VENV)/.dev-installed
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/deno fmt --quiet --check
	@$(bin)/deno lint --quiet
	@$(bin)/bandit --quiet --configfile pyproject.toml --recursive domain adapters entrypoints
	@$(bin)/shellcheck $(scripts)
	@$(bin)/yamllint --strict .
	@$(bin)/zizmor --offline --quiet .github
	@$(schema)github-workflows .github/workflows/*.yml
	@$(schema)github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(schema)github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(schema)dependabot .github/dependabot.yml
	@$(schema)compose-spec compose.yaml
	@$(bin)/python requirements/audit.py requirements/local.txt requirements/aws.txt

# Python 3.11 takes twice as long for what is measured. So the quick tests are measured, and have to reach each branch of
# the domain; the others start programs, browsers and emulators, or prove something by many repetitions.
coverage: $(VENV)/.dev-installed $(bin)/bot
	@$(pytest) -m '$(quick)' --cov --cov-report=term --cov-fail-under=90
	@$(bin)/python -m coverage report --include='domain/*' --fail-under=100

# Whatever `make quick` leaves out. Most of it waits for what it has started, so that more processes than cores are busy.
proofs: $(VENV)/.dev-installed $(bin)/bot
	@$(pytest) --numprocesses 4 -m 'not ($(quick))'

bench: $(VENV)/.dev-installed
	@$(bin)/python -m bench

# Beside LangChain, which has an environment of its own.
bench-peers: .venv-peers/.installed
	@.venv-peers/bin/python -m bench.peers $(ARGUMENTS)

eval: .venv-peers/.installed
	@.venv-peers/bin/python -m bench.eval --env-file '$(ENV_FILE)' $(ARGUMENTS)

# Terraform's own tests with mocked providers, and checkov over it, the Dockerfile and compose.yaml.
infrastructure: .venv-checkov/.installed
	@terraform fmt -check -recursive terraform
	@terraform/test.sh
	@.venv-checkov/bin/checkov --quiet --compact --skip-download --directory terraform --framework terraform
	@.venv-checkov/bin/checkov --quiet --compact --skip-download --file Dockerfile compose.yaml

emulator: .venv-emulator/.installed

# Servers of others, which answer tests where they are installed: for the model LiteLLM's proxy and aimock, for AWS
# dynalite and fauxqs beside moto. The last three come from npm, in releases that run on Node 20 too.
third-parties: .venv-litellm/.installed .npm/.installed
.npm/.installed: Makefile
	@mkdir -p $(@D)
	@npm install --prefix $(@D) --silent --no-audit --no-fund --no-save --no-package-lock --ignore-scripts \
	  @copilotkit/aimock@1.43.0 dynalite@4.0.0 fauxqs@1.9.2
	@touch $@

stack: $(VENV)/.dev-installed emulator
	@$(bin)/python -m tests.stack

deploy:
	@terraform/deploy.sh $(ARGUMENTS)

format: $(VENV)/.dev-installed
	@$(bin)/ruff check --fix
	@$(bin)/ruff format
	@$(bin)/deno fmt --quiet

# The tables in the documents that come from the code; tests/test_reference.py compares them.
reference: $(VENV)/.dev-installed
	@$(bin)/python -m docs.reference

# The README's pictures, taken in the playground with Chromium, and the charts of docs/memory.md.
pictures: $(VENV)/.dev-installed
	@$(bin)/python -m docs.pictures
	@$(bin)/python -m bench.eval.scripted.curve

# The base images by digest, each as its tag is today.
images:
	@requirements/pin-images

# Hash-pinned requirements for every Python and platform the project runs on.
compile := uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11
lock:
	@$(compile) requirements/dev.in -o requirements/dev.txt
	@$(compile) requirements/local.in -o requirements/local.txt -c requirements/dev.txt
	@$(compile) requirements/aws.in -o requirements/aws.txt -c requirements/dev.txt
	@$(compile) requirements/emulator.in -o requirements/emulator.txt
	@$(compile) requirements/checkov.in -o requirements/checkov.txt
	@$(compile) requirements/litellm.in -o requirements/litellm.txt
	@$(compile) requirements/uv.in -o requirements/uv.txt
	@$(compile) requirements/peers.in -o requirements/peers.txt -c requirements/dev.txt

clean:
	@rm -rf $(VENV) .venv-emulator .venv-checkov .venv-litellm .venv-peers .venv-uv .npm .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage bench.json

# A step that fails leaves no target behind, so that the next make tries it again.
.DELETE_ON_ERROR:

# Where the Python that an environment was made from has gone, links in it lead nowhere. They are made anew, and what
# is locked is installed again. What installs it makes pip only where it is needed: pip takes nearly all the time.
environments := $(VENV) .venv-emulator .venv-checkov .venv-litellm .venv-peers .venv-uv
$(environments:=/bin/python): %/bin/python:
	@$(usable)
	@find -L $*/bin -name 'python*' -type l -exec rm {} + 2>/dev/null || true
	@$(PYTHON) -m venv --without-pip $*

# The operator's command: `python -m entrypoints.operator` of this clone, from any folder, with the settings of `make
# run`. Nothing is built for it.
$(bin)/bot: Makefile | $(bin)/python
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m entrypoints.operator --env-file "%s" "$$@"\n' \
	  '$(CURDIR)' '$(abspath $(bin)/python)' '$(abspath $(ENV_FILE))' >$@
	@chmod +x $@

install = echo "Installing $< into $(@D): about a minute the first time, less where uv is installed."; \
  requirements/install $(@D)/bin/python $< && touch $@

$(VENV)/.%-installed: requirements/%.txt requirements/install $(VENV)/bin/python
	@$(install)

.venv-%/.installed: requirements/%.txt requirements/install .venv-%/bin/python
	@$(install)
