# The commands of the project; tools/check.py is what they call, and what the gate calls.
VENV ?= .venv-test
PYTHON ?= python3
CHECK := $(PYTHON) tools/check.py --venv $(VENV)

.DEFAULT_GOAL := help
.PHONY: help build lint types walls rust test fuzz check check-all audit reproducible rules train-example bench clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

build: ## build the wheel and install it with what tests and checks need (VENV, default .venv-test)
	$(CHECK) build

lint: ## format and lint, Rust and Python
	$(CHECK) lint

types: ## strict types, and the stub of the native module against the module
	$(CHECK) types

walls: ## that no import goes up, or round in a circle (Python; the Rust tests hold Rust's)
	$(CHECK) walls

rust: ## the Rust tests (no interpreter is needed)
	$(CHECK) rust

test: ## the Python tests, against the installed wheel
	$(CHECK) test

fuzz: ## search for inputs that break a contract, some time for each target (CONTRIBUTING.md says how to search longer)
	$(CHECK) fuzz --slow

check: ## all of these, without the tests that are marked as slow
	$(CHECK)

check-all: ## the same with the slow tests, as the gate runs it
	$(CHECK) --slow

audit: ## licences, origins and known vulnerabilities of what the project depends on (needs cargo-deny and pip-audit)
	$(PYTHON) tools/audit.py

reproducible: ## build the wheel twice, in two folders, and compare the bytes (needs maturin)
	$(PYTHON) tools/reproducible.py

rules: ## compile the built-in rule files (after editing one)
	$(VENV)/bin/python tools/compile_rules.py

train-example: ## train a line model on made-up pages, to see it work: lines.json under target/, not to ship
	mkdir -p target/example
	$(VENV)/bin/python training/train.py --example -o target/example/lines.json

bench: ## the benchmarks on the two sample articles; see benchmarks/README.md for real corpora
	$(VENV)/bin/python benchmarks/clean.py
	$(VENV)/bin/python benchmarks/dedupe.py

clean: ## remove what was built
	rm -rf target $(VENV)
