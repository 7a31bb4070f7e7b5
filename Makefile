# Everything a newcomer needs: make app, make test. Works with GNU make 3.81 and from a clean clone.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8501
# Only this computer can reach the application; `make app ADDRESS=0.0.0.0` opens it to the network.
ADDRESS ?= localhost
# Only then may the page Dataset offer a box for the path of a folder.
LOCAL := $(if $(filter localhost 127.0.0.1 ::1,$(ADDRESS)),on,off)
RUN := $(PY) -m streamlit run streamlit_app.py --server.port $(PORT) --server.address $(ADDRESS)
# Only files with these hashes are installed, whatever the index serves.
INSTALL := $(PY) -m pip install --disable-pip-version-check --require-hashes $(PIP_OPTIONS) -r
# Locks for every Python and system at once; versions stay unless an .in file or UPGRADE=--upgrade changes them.
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --custom-compile-command "make lock" $(UPGRADE)

# The first Python on this computer that is new enough, not too new for TensorFlow, and able to make an environment.
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
    "$$p" -c '$(SUITABLE)' 2>/dev/null && echo "$$p" && break; done)

.PHONY: help app serve install install-runtime install-serve test lint types contracts pytest format lock audit tables screenshots clean
.NOTPARALLEL:

help:
	@echo "make app        prepare .venv and start the application   (PORT=8501 ADDRESS=localhost)"
	@echo "make serve      the same without TensorFlow: answers photos, trains nothing"
	@echo "make test       lint, types, import contracts, tests"
	@echo "make install    only prepare .venv                        (PYTHON=python3.12 picks another Python)"
	@echo "make format     let ruff put the code in order"
	@echo "make lock       write the requirements*.txt anew from the .in files"
	@echo "make audit      ask for known vulnerabilities of what is installed"
	@echo "make tables     write the figures of the shipped evaluations into README and docs/RESULTS.md"
	@echo "make screenshots take the README's pictures anew; needs a Chromium"
	@echo "make clean      remove .venv and the tools' caches"

app: $(VENV)/.runtime
	DERMNET_LOCAL=$(LOCAL) $(RUN)

serve: $(VENV)/.serve
	DERMNET_LOCAL=$(LOCAL) $(RUN)

install: $(VENV)/.dev

install-runtime: $(VENV)/.runtime

install-serve: $(VENV)/.serve

test: lint types contracts pytest

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/hadolint Dockerfile

types: $(VENV)/.dev
	$(PY) -m mypy --strict dermnet_core dermnet_ui

contracts: $(VENV)/.dev
	$(VENV)/bin/lint-imports --no-logo

# In their order, browser first: by number of tests, as xdist would have it, the slowest files, which hold few, come last.
pytest: $(VENV)/.dev
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

format: $(VENV)/.dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# The larger set first: each smaller one takes its versions from it.
lock: $(VENV)/.dev
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) -c requirements-dev.txt requirements.in -o requirements.txt
	$(LOCK) -c requirements.txt requirements-serve.in -o requirements-serve.txt

# --strict: a package that the advisory service does not answer for is a failure, not a pass.
audit: $(VENV)/.dev
	$(PY) -m uv tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes -r requirements-dev.txt

# From the environment of the tests: the drawings and the models that ship, no photo.
tables: $(VENV)/.dev
	$(PY) -m docs.tables

screenshots: $(VENV)/.dev
	$(PY) -m docs.screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last, so an interrupted installation leaves none and is taken up again next time.
$(VENV)/.python:
	@if ! "$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null; then \
	    echo "Expected Python 3.11, 3.12 or 3.13 with its venv module; found '$(PYTHON)'" \
	        "($$("$(PYTHON)" --version 2>/dev/null || echo "which does not start"))." >&2; \
	    echo "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13)" \
	        "or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; \
	    exit 1; \
	fi
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.serve: requirements-serve.txt | $(VENV)/.python
	@rm -f $@
	$(INSTALL) requirements-serve.txt
	@touch $@

$(VENV)/.runtime: requirements.txt | $(VENV)/.python
	@rm -f $@
	$(INSTALL) requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@rm -f $@
	$(INSTALL) requirements-dev.txt
	@touch $@
