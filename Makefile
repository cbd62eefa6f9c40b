# `make demo` and `make test` work on a fresh machine: each first makes .venv from the locks in envs/.

PYTHON ?= python3
CONFIG ?= config/demo.yaml
CORES ?= all
BIN := .venv/bin
# Three processes on two cores: tests of clusters wait for SLURM most of their time.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
# One thread per job: Snakemake runs as many jobs as there are cores.
export OMP_NUM_THREADS := 1
# The environment must not depend on what a user keeps in ~/.local.
export PYTHONNOUSERSITE := 1
# Campaigns are many short processes, each of which would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-calibration example campaign validate dry-run test coverage test-lowest lint schemas docs clean

help:
	@echo "make demo                          run the demo campaign (minutes)"
	@echo "make demo-calibration              calibrate the physics on a synthetic line (minutes)"
	@echo "make example                       fit and optimize the open dataset, without simulating (minutes)"
	@echo "make campaign CONFIG=my.yaml       run a campaign; again after a failure to go on"
	@echo "make dry-run CONFIG=my.yaml        what would run, and what it would cost"
	@echo "make validate                      simulate the published electrodes and compare (hours)"
	@echo "make test                          run all tests"
	@echo "make coverage                      run all tests and print what they cover (a third longer)"
	@echo "make test-lowest                   run tests with the lowest versions that pyproject.toml allows"
	@echo "make lint                          check style and types"
	@echo "make schemas                       write the config's schema and reference again"
	@echo "make docs                          build the documentation into build/docs"

demo example:
	@$(MAKE) --no-print-directory campaign CONFIG=config/$@.yaml

demo-calibration: .venv/run
	@$(BIN)/mesocast calibrate config/$@.csv --config config/$@.yaml --cores $(CORES)

campaign: .venv/run
	@$(BIN)/mesocast run "$(CONFIG)" --cores $(CORES)

validate: .venv/run
	@$(BIN)/mesocast run config/validation.yaml --cores $(CORES) validate

dry-run: .venv/run
	@$(BIN)/mesocast run "$(CONFIG)" --cores $(CORES) --dry-run --quiet rules

test: .venv/test lint
	$(PYTEST) --durations=30

coverage: .venv/test
	$(PYTEST) --cov

test-lowest:
	PYTHON=$(PYTHON) scripts/test_lowest.sh

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

schemas: .venv/run
	$(BIN)/python scripts/write_config_reference.py

docs: .venv/test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean:
	rm -rf .venv

.venv/run: envs/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "Mesocast needs Python 3.11 to 3.14; PYTHON=$(PYTHON) is `$(PYTHON) --version`" >&2; exit 2; }
	@echo "Installing Mesocast into .venv (once; some minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r envs/requirements.txt
	@# What PyTorch needs of CUDA is not in the lock, since its CPU build needs none.
	@$(BIN)/pip install --quiet --disable-pip-version-check `grep ^torch= envs/requirements.txt`
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/test: .venv/run envs/requirements-test.txt
	@echo "Installing what the tests need into .venv"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r envs/requirements-test.txt
	@touch $@
