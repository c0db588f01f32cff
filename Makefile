# The commands people and scripts rely on. Everything is installed into .venv at first use.

PYTHON ?= python3
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV :=

.PHONY: help demo test lint types tests bench sabotage canaries matrix docs picture derive clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group dev --editable .
	touch $@

ANSWERS ?= examples/answers/fastapi-async-sqlite.yml
DEST ?= build/demo

demo: .venv/ready ## render a project with its harness and run its suite; ANSWERS=file DEST=folder
	$(BIN)/python -m tools.demo $(ANSWERS) $(DEST)

test: lint types tests ## lint, types and all tests of this project

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/derive_sync.py --check

types: .venv/ready
	$(BIN)/mypy extensions updates tools tests benchmarks --exclude "tests/(backends|canaries|factory_use|pattern_use|race_use|sabotage_use|socket_use|walk_use|weak|zoo)|peers/factories"
	$(BIN)/mypy src

tests: .venv/ready
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

bench: .venv/ready ## measure, beside the peers, into benchmarks/results/latest.json; ROWS=P4,P7
	$(BIN)/python -m benchmarks $(ROWS)

sabotage: .venv/ready ## break a sample on purpose; the generated tests must catch it
	$(BIN)/python -m tools.sabotage

canaries: .venv/ready ## do what leaks between tests, twice, with every driver and version
	$(BIN)/python -m tools.canaries

matrix: .venv/ready ## render and run every supported cell
	$(BIN)/python -m tools.matrix

docs: .venv/ready ## write the site of the documentation to build/site
	$(BIN)/python -m tools.drawing
	$(BIN)/python -m sphinx --fail-on-warning --quiet -b html docs build/site

picture: .venv/ready ## make the pictures of the README anew
	$(BIN)/python -m tools.growth
	$(BIN)/python -m tools.picture
	$(BIN)/python -m tools.pages

derive: .venv/ready ## write the synchronous variants from the asynchronous ones
	$(BIN)/python tools/derive_sync.py

clean: ## remove what the other commands made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
