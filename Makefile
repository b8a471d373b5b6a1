# Every kind of test is a folder, a target here and a step in .ci/run.  `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SPARK := .venv/.spark
PYTEST := $(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help setup spark demo test check lint types clean lock lab bench bench-scale dictionary fuzz torture rulebook wheel wheel-test \
        test-spec test-unit test-reference test-failures test-real test-browser test-spark test-wheel test-simulation test-truth

help:            ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## .venv with the pinned dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "carelevels needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "installing the pinned dependencies into .venv (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@if command -v uv >/dev/null; then VIRTUAL_ENV=.venv uv pip install -q --require-hashes -r requirements.lock; \
	 else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup      ## synthetic records to pages; ends with the page to open
	@$(BIN)/carelevels demo data/demo

test: setup      ## the whole suite but Spark's (make test-spark); needs no network, no R and no records
	$(PYTEST) -m "not slow" --ignore=tests/spark

check: lint types ## what CI runs: lint, types, every test but the slow ones and Spark's
	$(PYTEST) -m "not slow" --ignore=tests/spark

lint: setup      ## ruff: rules and layout (`ruff format` mends the layout)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup     ## mypy, strict, for all but the pages
	$(BIN)/mypy

test-spec test-unit test-failures test-real test-browser test-wheel: setup
	$(PYTEST) -m "not slow" tests/$(@:test-%=%)

test-spark: spark ## every table and result the same from Spark as from DuckDB; one session for all (needs Java)
	$(BIN)/python -m pytest -q tests/spark

test-reference: setup ## the estimators beside what R wrote, and the scripts that wrote it
	$(PYTEST) -m "not slow" tests/reference tests/unit/stats

test-simulation: setup ## hours, resumable: fills tests/simulation/results.csv (size, power, coverage against known truth), then checks it
	$(BIN)/python -m tests.simulation
	$(PYTEST) tests/simulation

test-truth: setup ## an hour on two cores: answers beside the truth over 200 seeds of every scenario, what the gate answers at every size; may be stopped and resumed
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.simulation.truth_study --workers 2
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.simulation.gate.study --workers 2
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.simulation.question_study --workers 2

fuzz: setup      ## ten thousand bent studies through `check`: no traceback, no hang, nothing lost (half an hour)
	$(BIN)/python -m tests.failures.fuzz

torture: setup   ## kills, crowds, full and read-only disks at random moments, into tests/failures/torture/TORTURE.csv (an hour)
	$(BIN)/python -m tests.failures.torture

wheel: setup     ## dist/*.whl, which needs nothing of this checkout
	@rm -rf build dist
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist .

wheel-test: wheel ## the wheel in an empty environment, with the pinned dependencies fetched anew
	tests/wheel/fresh $(BIN)/python

bench: setup     ## seconds and memory beside the peers', into tests/benchmarks/RESULTS.md
	$(BIN)/python -m tests.benchmarks

bench-scale: setup ## 100,000 and 1,000,000 sessions stage by stage, into tests/benchmarks/SCALE.md
	$(BIN)/python -m tests.benchmarks.scale

lock: setup      ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --extra spark --universal --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links -q -o requirements.lock
	sed -i -E 's/^(py4j|pyspark)==([^ ]+) /\1==\2 ; extra == "spark" /' requirements.lock

spark: $(SPARK)  ## adds Spark to .venv, pinned too (400 MB; needs Java 17 or newer)

$(SPARK): $(STAMP)
	@echo "installing Spark into .venv (once)"
	@sed 's/ ; extra == "spark"//' requirements.lock > .venv/with_spark.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/with_spark.lock
	@touch $@

lab: setup       ## the notebooks in JupyterLab (installed on first use, not pinned)
	@$(BIN)/python -c 'import jupyterlab' 2>/dev/null || $(BIN)/python -m pip install -q 'jupyterlab>=4'
	$(BIN)/jupyter lab notebooks

dictionary: setup ## data/README.md from schema.py
	$(BIN)/python -m pipeline.dictionary > data/README.md

rulebook: setup  ## docs/rulebook.md from the names and drawn tables of tests/spec
	$(BIN)/python -m tests.rulebook

clean:           ## removes what was built; raw records and ledgers stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build dist *.egg-info
	rm -f data/*/*.duckdb data/*/*.duckdb.*
