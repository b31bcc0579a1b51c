# Equipoise. `make run` shows it, `make test` proves it. Needs Python 3.11 or newer, make and git;
# everything else is installed into .venv, at the exact versions and hashes of requirements/.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Tests run side by side; `make test WORKERS=0` runs them one after the other.
WORKERS ?= auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check lint types layers tests format bench cases sdk-node node-clients axe lock wheel clean distclean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run ## start the engine on SQLite with the simulated town living in it
	@$(BIN)/equipoise town $(ARGS)

test: check tests ## everything: style, types, layers, and the tests

check: lint types layers ## ruff, mypy --strict and the layer contract

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "format: 'make format' puts it right"; exit 1; }
	@echo "lint: clean"

types: $(VENV)/.dev
	@$(BIN)/mypy

layers: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo --cache-dir $(VENV)/.import_linter

tests: $(VENV)/.dev node-clients axe
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

format: $(VENV)/.dev ## put the code into its shape
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

bench: $(VENV)/.dev ## the benchmarks, as a table with medians and ratios
	@$(BIN)/python bench $(ARGS)

cases: $(VENV)/.dev ## the case studies on public data; one whose data is absent says so
	@$(BIN)/python cases $(ARGS)

sdk-node: $(VENV)/.dev node-clients ## only the Node client libraries against the server
	@$(BIN)/pytest tests/sdk_node $(ARGS)

# The two Node client libraries, where there is a Node to run them. Without it their tests skip, loudly.
node-clients:
	@if [ ! -f tests/sdk_node/package-lock.json ]; then \
	  echo "node clients: SKIPPED, tests/sdk_node/package-lock.json is not there"; \
	elif ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	  echo "node clients: SKIPPED, node and npm are needed and at least one is not on the PATH"; \
	else $(MAKE) --no-print-directory tests/sdk_node/node_modules/.stamp; fi

# The accessibility rules that the browser tests hold against the portal. They are fetched, never kept here.
axe:
	@if ! command -v npm >/dev/null; then \
	  echo "accessibility rules: SKIPPED, npm is needed and not on the PATH; our own checks still run"; \
	else $(MAKE) -s tests/axe/node_modules/.stamp; fi

tests/%/node_modules/.stamp: tests/%/package.json tests/%/package-lock.json
	@cd tests/$* && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

wheel: $(VENV)/.dev ## a wheel in dist/, with all that it shows
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist
	@ls -1 dist/*.whl

# Locks name every version and every hash, and no host. `run` is what a server installs, `dev` adds
# the tools at versions that agree with it.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: $(VENV)/.dev ## write requirements/*.txt again, with newer versions
	@$(COMPILE) --upgrade pyproject.toml requirements/build.in -o requirements/run.txt
	@$(COMPILE) --upgrade --extra dev -c requirements/run.txt pyproject.toml requirements/build.in \
	  -o requirements/dev.txt

clean: ## remove what builds and tests left behind
	@rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)/.import_linter
	@find src tests bench cases -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## also remove the environment
	@rm -rf $(VENV) tests/*/node_modules

# ---------------------------------------------------------------------------------------- set-up
# Stamps make a second `make` instantaneous; a changed lock or pyproject.toml installs again.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Equipoise needs Python 3.11 or newer; " \
	  "%s is %d.%d. Say which to use: make PYTHON=python3.12" % (sys.executable, *sys.version_info[:2]))'
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

install = echo "set-up: installing requirements/$(1).txt into $(VENV) (a minute or two, the first time)" \
  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(1).txt \
  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@if [ $(VENV)/.dev -nt requirements/run.txt ] && [ $(VENV)/.dev -nt pyproject.toml ]; \
	  then :; else $(call install,run); fi
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@$(call install,dev)
	@touch $@
