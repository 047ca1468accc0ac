# `make help` lists what there is. Everything a target needs is set up by the target itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: help run demo test test-system check catalogue format bench bench-web bench-coach bench-advice clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

# Without --env honcho would let .env go before the environment; the programs read it themselves.
run: .venv/run ## set up what is missing, then the app on http://localhost:8501 (or on PORT=9000) and the scheduler beside it
	@echo "XP Tracker: http://localhost:$(PORT)  (Ctrl-C ends it)"
	@$(BIN)/honcho --env /dev/null start --port $(PORT) || [ $$? -eq 130 ]  # 130: ended by Ctrl-C

demo: .venv/run ## as run, with a demo person who has lived 60 days
	@$(BIN)/python demo.py --port $(PORT) || [ $$? -eq 130 ]

# The browser tests are the long ones, and come first in one heap: whoever is done takes from it (worksteal).
test: .venv/dev /usr/bin/chromium ## set up what is missing, then lint, types and all tests
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not system" $(ARGS)

test-system: .venv/dev ## the tests that need root or a system's server
	$(BIN)/python -m pytest -m system $(ARGS)

check: .venv/dev ## lint, format and types, nothing changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

catalogue: .venv/dev ## the texts of the sources into locales/*.po, where they are translated
	$(BIN)/python translate.py

format: .venv/dev ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev ## timings of a tap, a digest, an analysis, and of letters beside bare smtplib
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.mail

bench-web: .venv/dev /usr/bin/chromium ## what a person waits for in a browser, and how many can tap at once
	$(BIN)/python -m benchmarks.web
	$(BIN)/python -m benchmarks.load

bench-coach: .venv/dev ## how often the coach is wrong and what it finds, on simulated people (docs/coach.md)
	$(BIN)/python -m benchmarks.coach $(ARGS)

bench-advice: .venv/dev ## how much learned advice gains, on simulated people (docs/advice.md)
	$(BIN)/python -m benchmarks.advice $(ARGS)

clean: ## remove what the targets set up; your data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "XP Tracker needs Python 3.11 or newer; name one with: make run PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make a virtual environment; on Debian: apt install python3-venv"; exit 2; }

.venv/run: requirements.txt | .venv/bin/python
	@echo "Setting up (once, about a minute) ..."
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Setting up the tests (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/run

# The browser tests drive Debian's Chromium.
/usr/bin/chromium:
	@if [ "$$(id -u)" = 0 ]; then s=; else s=sudo; fi; $$s apt-get update -qq && $$s apt-get install -y -qq chromium
