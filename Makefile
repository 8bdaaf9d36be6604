# Every command does its own set-up, once: `make demo` and `make test` work in a fresh clone.
# VENV= names the virtual environment, PYTHON= the interpreter to make it with.

VENV ?= .venv
PYTHON ?=
BENCH_VENV ?= .venv-bench
BENCH_PYTHON ?=
BENCH ?=

PY := $(VENV)/bin/python
DONE := $(VENV)/done
PIP := $(PY) -m pip --disable-pip-version-check install --quiet
export PIP_NO_INPUT = 1

.DEFAULT_GOAL := help
.PHONY: help demo lab test check bench docs format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(DONE)/build $(DONE)/demo ## train on handwritten digits, write demo/index.html
	$(PY) examples/digits.py --page demo/index.html

lab: $(DONE)/build $(DONE)/lab ## open JupyterLab on the first notebook
	$(PY) -m jupyterlab $(shell [ "$$(id -u)" = 0 ] && echo --allow-root) notebooks/01_first_graph.ipynb

test: $(DONE)/build $(DONE)/test ## everything that CI runs, under 20 minutes on 2 cores
	$(PY) scripts/run_tests.py

check: $(DONE)/test ## lint, layers and the quick tests, in seconds
	$(PY) scripts/run_tests.py --quick

bench: $(DONE)/build $(DONE)/demo bench-peers ## the table of times against NumPy, JAX, PyTorch, PyTensor
	$(PY) -m benchmarks --peers $(or $(BENCH_PYTHON),$(BENCH_VENV)/bin/python) $(BENCH)

docs: $(DONE)/build $(DONE)/docs ## the documentation as pages in docs/site
	$(PY) docs/build.py docs/site

format: $(DONE)/test ## put the code into the project's layout
	$(PY) -m ruff check --fix .

clean: ## remove what the commands wrote, the virtual environments included
	rm -rf $(VENV) $(BENCH_VENV) demo docs/site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- set-up, a stamp file a step -----------------------------------------------------------------

$(DONE)/venv:
	@test -x $(PY) || { python=$$(PYTHON="$(PYTHON)" scripts/find-python) && echo "making $(VENV) with $$python" && \
		"$$python" -m venv $(VENV); }
	@mkdir -p $(DONE) && touch $@

$(DONE)/build: packages-debian.txt $(DONE)/venv
	@scripts/system-packages build
	@scripts/have-compiler || { echo "no C compiler: taking the one in the ziglang wheel"; $(PIP) ziglang; } </dev/null || \
		echo "no C compiler at all: NumPy will do the work"
	@touch $@

$(DONE)/demo $(DONE)/lab $(DONE)/docs: pyproject.toml $(DONE)/venv
	@echo "installing tensorviz[$(@F)] into $(VENV)"
	@$(PIP) -e ".[$(@F)]" </dev/null
	@touch $@

$(DONE)/test: pyproject.toml packages-debian.txt $(DONE)/venv
	@scripts/system-packages test
	@echo "installing tensorviz[test] into $(VENV)"
	@$(PIP) -e ".[test]" </dev/null
	@touch $@

# The peers live in an environment of their own, so that their wishes about NumPy are not ours; each may fail to install.
.PHONY: bench-peers
bench-peers: $(if $(BENCH_PYTHON),,$(BENCH_VENV)/done)

$(BENCH_VENV)/done: pyproject.toml $(DONE)/venv
	@scripts/system-packages bench
	$(PY) -m venv $(BENCH_VENV)
	$(PY) scripts/install_peers.py $(BENCH_VENV)/bin/python </dev/null
	@touch $@
