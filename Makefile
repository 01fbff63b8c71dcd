# Everything a new machine needs is set up by the targets themselves: Python >= 3.11, git and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
JOBS ?= 2
# How long `make soak` works with a system.
MINUTES ?= 30
# Compiled modules are kept: every test starts processes, and compiling anew each time doubles what that takes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test faults soak check lint types layers bench lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    set up and open the sample workspace in the terminal UI"
	@echo "make test    set up and run all tests"
	@echo "make faults  kill the runner 250 times at random moments and see that nothing is left (docs/reliability.md)"
	@echo "make soak    work with a system for MINUTES=$(MINUTES) and see that nothing grows"
	@echo "make check   lint, formatting, types, layers"
	@echo "make bench   measure the speed bars beside the peers"
	@echo "make lock    write the lock file anew from pyproject.toml"

# The virtual environment is made anew when the lock or the project's metadata changes.
$(VENV)/.ready: requirements.lock pyproject.toml
	@echo "Setting up $(VENV): once, and when the lock file changes. This takes half a minute."
ifneq ($(UV),)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif
	@touch $@

demo: $(VENV)/.ready
	$(BIN)/tui-runner -C sample_workspace dev

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n $(JOBS)

faults: $(VENV)/.ready
	$(BIN)/python -m pytest -n $(JOBS) tests/faults
	PYTHONPATH=tests/support:. $(BIN)/python tests/faults/random_kills.py --supervisor 100 --group 100 --both 50

soak: $(VENV)/.ready
	PYTHONPATH=tests/support:. $(BIN)/python tests/faults/soak.py --minutes $(MINUTES)

check: lint types layers

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

layers: $(VENV)/.ready
	$(BIN)/lint-imports

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --no-emit-find-links --all-extras --group dev --group sample pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
