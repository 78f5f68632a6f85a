# The commands of the project; CI runs the same ones.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help venv build lint types rules rust test check bench clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

venv: $(BIN)/maturin ## make the virtual environment (VENV, default .venv)

$(BIN)/maturin:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet 'maturin>=1.14,<2'

build: venv ## build the wheel and install it with what tests and checks need
	rm -rf target/wheels
	$(BIN)/maturin build --quiet --release --locked --out target/wheels
	$(BIN)/pip install --quiet --force-reinstall --no-deps target/wheels/*.whl
	$(BIN)/pip install --quiet "$$(ls target/wheels/*.whl)[dev]"

lint: ## format and lint, Rust and Python
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: ## strict types, and the stub of the native module against the module
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest textclean._native --allowlist tests/stubtest-allow.txt

rules: ## compile the built-in rule files (after editing one)
	$(BIN)/python tools/compile_rules.py

rust: ## the Rust tests (no interpreter is needed)
	cargo test --quiet --no-default-features

test: ## the Python tests, against the installed wheel
	$(BIN)/python -P -m pytest

check: build lint types rust test ## all of it

bench: ## the benchmarks on the two sample articles; see benchmarks/README.md for real corpora
	$(BIN)/python benchmarks/clean.py
	$(BIN)/python benchmarks/dedupe.py

clean: ## remove what was built
	rm -rf target $(VENV)
