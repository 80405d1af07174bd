# make run: everything a new machine needs, then the chat at http://localhost:5005/
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
export UV_NO_PROGRESS := 1
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 2

.PHONY: help setup run test check lint train lock docs widget

help: ## list what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: .venv/.ready ## make the environment only

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

train: setup ## train the model if it does not match its data
	.venv/bin/waymark train --if-needed

run: train ## serve the chat on this machine
	.venv/bin/waymark serve

check: setup ## does the knowledge hold?
	.venv/bin/waymark check

lint: setup ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

test: train lint check ## every test
	.venv/bin/waymark docs --check
	.venv/bin/python -m pytest -n 2 --dist loadfile -m "not timed"
	.venv/bin/python -m pytest -m timed

lock: setup ## renew requirements.lock from pyproject.toml
	.venv/bin/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock

docs: setup ## renew the pages made from data
	.venv/bin/waymark docs

widget: setup ## what the widget weighs as it is served; fails over its budget
	.venv/bin/python -m bot.channels.widget_files
