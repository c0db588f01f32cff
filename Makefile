# The commands people and scripts rely on. Everything is installed into .venv at first use.

PYTHON ?= python3
BIN = .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV :=

.PHONY: help demo test lint types tests bench sabotage matrix picture derive clean

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
	$(BIN)/mypy extensions updates tools tests benchmarks --exclude "tests/(backends|canaries|factory_use|socket_use|zoo)|peers/factories"
	$(BIN)/mypy src

tests: .venv/ready
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

bench: .venv/ready ## measure, beside the peers, into benchmarks/results/latest.json; ROWS=P4,P7
	$(BIN)/python -m benchmarks $(ROWS)

sabotage: .venv/ready ## break a sample on purpose; the generated tests must catch it
	$(BIN)/python -m tools.sabotage

matrix: .venv/ready ## render and run every supported cell
	$(BIN)/python -m tools.matrix

picture: .venv/ready ## make the picture of the README anew
	$(BIN)/python -m tools.picture

derive: .venv/ready ## write the synchronous variants from the asynchronous ones
	$(BIN)/python tools/derive_sync.py

clean: ## remove what the other commands made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
