# `make test` and `make demo` need Python 3.11 to 3.13 (with venv) and nothing else; each makes its own environment.

PYTHON ?= python3
JOBS ?= 2

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: help test lint types layers check demo bench thorough kills mutation clean

SOURCES := $(shell find src -not -path '*/__pycache__*') README.md LICENSE
TEST := .venv/test
DEMO := .venv/demo
BENCH := .venv/bench

THOROUGH := build/thorough.json
AGREE = RETENTION_INSTALLED=1 RETENTION_THOROUGH=$(THOROUGH) $(TEST)/bin/python -m pytest -q -n $(JOBS)

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

test: lint types layers check ## everything that must hold: lint, types, layers, tests, docs, coverage

lint: $(TEST)/.wheel ## ruff, rules and formatting
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

types: $(TEST)/.wheel ## mypy, strict
	$(TEST)/bin/mypy

layers: $(TEST)/.wheel ## which module may import which
	$(TEST)/bin/lint-imports

# loadfile: the examples of one page share their names, so one worker runs them all
check: $(TEST)/.wheel ## tests, docs and README on the installed wheel, with branch coverage
	RETENTION_INSTALLED=1 $(TEST)/bin/python -m pytest -q -n $(JOBS) --dist loadfile --cov --cov-report=term

demo: $(DEMO)/.wheel ## a real shop's year: segments, one customer explained, what changes next
	$(DEMO)/bin/python -m demo

bench: $(BENCH)/.wheel ## how fast, printed and written to build/bench.json
	$(BENCH)/bin/python -m bench.run

thorough: $(TEST)/.wheel ## the engines against each other on 100,000 random triples, those over whole tables on 20,000: build/thorough.json
	rm -f $(THOROUGH)
	RETENTION_EXAMPLES=100000 $(AGREE) tests/property/test_engines_agree.py
	RETENTION_EXAMPLES=20000 $(AGREE) tests/property/test_sets_agree.py tests/property/test_databases_agree.py \
	  tests/property/test_frames_agree.py tests/property/test_spark_agrees.py tests/conformance/test_vectors_on_spark.py
	RETENTION_OPERATIONS=100000 $(AGREE) tests/property/test_ledger_agrees.py

kills: $(TEST)/.wheel ## kill -9 at random: a minute on each database of who use one ledger, 500 of 32 who send 50,000 messages
	RETENTION_INSTALLED=1 RETENTION_KILL_SECONDS=60 $(TEST)/bin/python -m pytest -q tests/storage/test_kills.py
	RETENTION_INSTALLED=1 RETENTION_MESSAGES=50000 $(TEST)/bin/python -m pytest -q tests/engine/test_sql_kills.py

mutation: $(TEST)/.wheel ## plant faults one at a time; the tests must catch each
	$(TEST)/bin/python tests/mutation/plant_faults.py

clean: ## remove what the other targets made
	rm -rf .venv build dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Environments: one stamp for what is installed from the index, one for the wheel of the present sources. -------------

$(TEST)/.packages: EXTRA := dev
$(DEMO)/.packages: EXTRA := demo
$(BENCH)/.packages: EXTRA := bench

.venv/%/.packages: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11 to 3.13 is needed: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear .venv/$*
	.venv/$*/bin/python -m pip install --quiet --disable-pip-version-check 'hatchling>=1.26'
	.venv/$*/bin/python -m pip install --quiet --disable-pip-version-check '.[$(EXTRA)]'
	touch $@

.venv/%/.wheel: .venv/%/.packages $(SOURCES)
	rm -rf build/wheel/$*
	.venv/$*/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	  --wheel-dir build/wheel/$* .
	.venv/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/wheel/$*/*.whl
	touch $@
