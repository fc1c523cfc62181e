# `make` lists the targets. Everything is set up in .venv; nothing is installed outside the tree.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help setup demo test check fmt lint types imports policies library schemas bench fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## make .venv with every dependency, pinned by hash

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "mrbot needs Python 3.11 or newer: make setup PYTHON=python3.11")'
	@echo "setting up .venv (about a minute the first time) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the whole story on this machine, no server and no account (ARGS=--exit ends it)
	@$(BIN)/mrbot demo $(ARGS)

test: setup ## every test; says what it skipped and why
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: setup fmt-check lint types imports policies ## format, lint, types, import contracts, policy tests

fmt: setup ## format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

.PHONY: fmt-check
fmt-check: setup
	@$(BIN)/ruff format --check -q . || { echo "not formatted: run make fmt"; exit 1; }

lint: setup
	@$(BIN)/ruff check -q .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports --no-cache 2>&1 | tail -20; exit $${PIPESTATUS[0]}

policies: setup ## lint and test the Rego library
	@$(BIN)/mrbot policy lint policies --namespace 'mrbot.*'
	@$(BIN)/mrbot policy test policies

library: setup ## write the page and the catalogue of the Rego library anew
	@$(BIN)/python -m mrbot.policy.library_page

schemas: setup ## write the published JSON Schemas anew
	@$(BIN)/python -m mrbot.config.schemas

bench: setup ## figures, as ratios within one run
	@$(BIN)/python -m bench $(ARGS)

fuzz: setup ## random input for all that reads text (ARGS="--seconds 60 --seed 1 hcl")
	@$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: bench-history
bench-history: setup ## mrbot's reading of every commit against git's (REPO=path, COMMITS=n)
	@$(BIN)/python -m bench.history "$(or $(REPO),.)" $(if $(COMMITS),--commits $(COMMITS)) $(ARGS)

clean: ## remove what the targets made
	@rm -rf .venv .tools .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
