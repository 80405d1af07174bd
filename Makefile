# make run: everything a new machine needs, then the chat at http://localhost:5005/
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
# What is installed: all that a contributor needs, or with deploy/requirements.lock what serves.
LOCK ?= requirements.lock
export UV_NO_PROGRESS := 1
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 2

.PHONY: help setup run cluster test check lint train lock docs widget tools fuzz audit

help: ## list what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: .venv/.ready ## make the environment only

.venv/.ready: $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode $(LOCK)
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

train: setup ## train the model if it does not match its data
	.venv/bin/waymark train --if-needed

run: train ## serve the chat on this machine
	.venv/bin/waymark serve

cluster: train ## serve from two processes with PostgreSQL, Redis and nginx
	.venv/bin/waymark cluster

check: setup ## does the knowledge hold?
	.venv/bin/waymark check

lint: setup ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

# tests/conftest.py puts the longest files first. The second run reads the files with a stopwatch only.
test: train lint check tools ## every test
	.venv/bin/waymark docs --check
	.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not timed"
	.venv/bin/python -m pytest -m timed $$(grep -rlF mark.timed --include='test_*.py' tests)

tools: tools/.venv/.ready ## make the environment of the fuzzer and the dependency scan

tools/.venv/.ready: tools/requirements.lock .venv/.ready
	$(PYTHON) -m venv tools/.venv
	.venv/bin/uv pip sync --quiet --python tools/.venv/bin/python --require-hashes tools/requirements.lock
	@touch $@

fuzz: setup tools ## fuzz every endpoint of a real server for ten minutes
	WAYMARK_REQUIRE=tools WAYMARK_FUZZ_SECONDS=300 WAYMARK_FUZZ_SEED=$$(date +%s) \
	  .venv/bin/python -m pytest tests/fuzz --timeout=900

audit: setup tools ## hold what is installed against the published vulnerabilities (network)
	.venv/bin/python -m tools.audit

lock: setup ## renew the locked environments from what they are made of
	.venv/bin/uv pip compile pyproject.toml --extra dev --extra otel --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock
	.venv/bin/uv pip compile pyproject.toml --extra otel --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet --constraints requirements.lock \
	  --output-file deploy/requirements.lock
	.venv/bin/uv pip compile tools/requirements.in --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file tools/requirements.lock

docs: setup ## renew the pages made from data
	.venv/bin/waymark docs

widget: setup ## what the widget weighs as it is served; fails over its budget
	.venv/bin/python -m bot.channels.widget_files
