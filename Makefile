# The same commands on a laptop and in CI. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := $(shell cat .ci/uv-version)

.DEFAULT_GOAL := help
.PHONY: help setup dev up test tests check lint types fix prove bench docs migration lock clean

help:  ## List the commands.
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: .venv/.installed  ## Install the program into .venv.

dev: .venv/.dev  ## Install what development needs besides.

up: setup  ## Run everything, with a simulated carrier.
	$(BIN)/trunkline up

test: dev lint  ## Check, and run every test; installs PostgreSQL if it can.
	.ci/system-tools
	$(MAKE) --no-print-directory --jobs 2 types tests

# Types are checked beside the tests: by one core, which the tests do not always need.
tests: dev
	$(BIN)/pytest --numprocesses auto --maxprocesses 5 --dist loadgroup --hypothesis-profile ci --durations 15

check: lint types  ## Lint, formatting, types and layers; changes nothing.

lint: dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

types: dev
	$(BIN)/pyright

fix: dev  ## Mend what can be mended by itself.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

prove: dev  ## Show that documented requests and SDK methods are answered as documented.
	$(BIN)/python tests/conformance/prove.py

bench: dev  ## Measure the whole program.
	$(BIN)/python bench/run.py
	$(BIN)/python bench/calls.py

docs: setup  ## Write the pages that are made from the source.
	$(BIN)/python -m trunkline.contract.documents.reference docs/reference
	$(BIN)/python -m trunkline.functions.documents docs/reference src/trunkline/functions
	$(BIN)/trunkline config describe --toml > docs/settings.toml

migration: setup  ## Write a schema change from the stores' tables: make migration m="Add x".
	@test -n "$(m)" || { echo 'say what changes: make migration m="Add x"'; exit 2; }
	$(BIN)/python -m trunkline.cli.tables "$(m)"

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

lock: setup  ## Pin all dependencies anew; add args=--upgrade for newer ones.
	$(COMPILE) $(args) pyproject.toml -o requirements.lock
	$(COMPILE) $(args) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## Remove what the commands above have made, but no data.
	rm -rf .venv build .pytest_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

.venv/.uv: .ci/uv-version
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.installed: .venv/.uv requirements.lock pyproject.toml
	$(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

.venv/.dev: .venv/.installed requirements-dev.lock
	$(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
