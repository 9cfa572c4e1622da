# Two commands on a fresh Debian or Ubuntu machine with git, make and Python: `make demo` and `make test`.
# Each of them first makes .venv/ from the lock file and installs what Debian packages it may.

.DEFAULT_GOAL := help
VENV   := .venv
PY     := $(VENV)/bin/python
# Python 3.11 or newer; `make PYTHON=python3.12 test` chooses one
PYTHON ?= python3
# more arguments for pytest, for example `make test ARGS="-k merkle"`
ARGS   ?=

.PHONY: help demo test lint types bench bench-certificates bench-register bench-linkers examples lock clean debian

help:
	@echo 'make demo      a make-believe commune, from dose list to verdict; results in build/demo/'
	@echo 'make test      every test'
	@echo 'make lint      ruff, and who may import whom'
	@echo 'make types     mypy --strict over the four packages'
	@echo 'make bench     how fast everything is, in the two parts that follow; no test, takes a quarter of an hour'
	@echo 'make bench-certificates  the chains beside raw libcrypto (ARGS=--help)'
	@echo 'make bench-register      loading, cleaning and linking of 10 thousand to a million rows (ARGS=--help)'
	@echo 'make bench-linkers       our linking beside Splink, 100 thousand rows; not part of make bench (ARGS=--help)'
	@echo 'make examples  writes specs/examples/ anew; leaves no diff'
	@echo 'make lock      resolves the lock files anew; UPGRADE=1 takes newer versions'
	@echo 'make clean     removes what was made, .venv/ included'

$(VENV)/installed: requirements/lock.txt pyproject.toml .ci/venv.sh
	@PYTHON='$(PYTHON)' sh .ci/venv.sh $(VENV) requirements/lock.txt
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# only tests and mypy ask for Spark
$(VENV)/spark: requirements/spark.txt $(VENV)/installed
	@PYTHON='$(PYTHON)' sh .ci/venv.sh $(VENV) requirements/spark.txt
	@touch $@

debian:
	@sh .ci/debian.sh

demo: $(VENV)/installed
	@$(PY) -m tests.demo

test: $(VENV)/spark debian
	@$(PY) -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

lint: $(VENV)/installed
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports

types: $(VENV)/spark
	@$(VENV)/bin/mypy

bench: bench-certificates bench-register

bench-certificates: $(VENV)/installed $(VENV)/peers/installed
	@$(PY) -m tests.bench $(ARGS)

bench-register: $(VENV)/installed
	@$(PY) -m tests.bench.register $(ARGS)

bench-linkers: $(VENV)/installed $(VENV)/peers/installed
	@$(PY) -m tests.bench.linkers $(ARGS)

# python-cwt wants an older cbor2 than ours, so what is measured beside us has an environment of its own
$(VENV)/peers/installed: requirements/peers.txt .ci/venv.sh
	@PYTHON='$(PYTHON)' sh .ci/venv.sh $(VENV)/peers requirements/peers.txt
	@touch $@

examples: $(VENV)/installed
	@$(PY) -m tests.make_examples
	@$(PY) -m tests.documents

lock: $(VENV)/installed
	@sh .ci/lock.sh $(VENV)/bin/uv

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
