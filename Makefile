# Everything is done from here; `make` alone lists it. Needs Python 3.11 or newer, a POSIX shell and GNU make 4.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PY := .venv/bin/python
TOOL := $(PY) -m tests.tooling
MESSAGES := $(PY) -m tests.tooling.messages
UV := uv
ARGS ?=
UPGRADE ?=
WORKERS ?= auto
PYTEST_ARGS ?=
export PYTHON

# What each step leaves behind, so that it is only done again when its inputs have changed.
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
PROJECT := .venv/.project-installed
NODE := node_modules/.installed

.PHONY: help
help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(PROJECT) $(NODE) ## Install everything the development needs, in .venv and node_modules

.PHONY: demo
demo: $(RUNTIME) ## Make, fill and serve a demonstration; options in ARGS="--port 8080"
	$(PY) -m webapp demo $(ARGS)

.PHONY: test
test: setup browser check ## Check everything and run every test
	$(PY) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: browser
browser: $(PROJECT) ## See that a Chromium browser is installed, or install it
	@$(PY) -m tests.tooling.browser

# The checks run side by side and all of them run, so that one look shows everything there is to mend.
CHECKS := check-format check-lint check-types check-imports check-templates check-messages check-scripts check-script-types check-joined
.PHONY: check checks $(CHECKS)
check: setup ## Check form, types, imports, templates, messages and scripts
	@$(MAKE) -j 4 --keep-going --output-sync=target checks
checks: $(CHECKS)
check-format: $(PROJECT)
	$(PY) -m ruff format --check .
check-lint: $(PROJECT)
	$(PY) -m ruff check .
check-types: $(PROJECT)
	$(PY) -m mypy
check-imports: $(PROJECT)
	@# Not cached: the cache does not see that a module which was imported before it existed now does.
	.venv/bin/lint-imports --no-logo --no-cache
check-templates: $(PROJECT)
	.venv/bin/djlint templates --check --quiet
	.venv/bin/djlint templates --lint --quiet
check-messages: $(PROJECT)
	$(MESSAGES) check
check-scripts: $(NODE)
	$(TOOL) biome ci --colors=off
check-script-types: $(NODE)
	$(TOOL) tsc --project tsconfig.json
	$(TOOL) tsc --project tsconfig.worker.json
check-joined: $(NODE)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(TOOL) rolldown --config --dir "$$folder" >/dev/null && \
	diff -r static/built "$$folder" >/dev/null || { echo "static/built/ is not what the scripts say now: run make scripts" >&2; exit 1; }

.PHONY: format
format: setup ## Bring every file into form and mend what can be mended mechanically
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .
	-.venv/bin/djlint templates --reformat --quiet
	$(TOOL) biome check --write

.PHONY: messages
messages: $(PROJECT) ## Collect the messages to translate and compile the catalogues
	$(MESSAGES) update

.PHONY: bench
bench: setup browser ## Measure; options in ARGS
	$(PY) -m tests.benchmarks $(ARGS)

.PHONY: faults
faults: setup ## Run random schedules of faults, kill under load, break lines of real browsers; options in ARGS="--seed 1 --count 10000"
	$(PY) -m tests.faults $(ARGS)

.PHONY: screenshots
screenshots: setup browser ## Take pictures of the screens; ARGS=reform takes those of the reform alone
	$(PY) -m tests.screenshots $(ARGS)

.PHONY: lock
lock: ## Write the Python locks anew (needs uv); UPGRADE=--upgrade takes newer versions
	@$(UV) --version >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(UV) pip compile $(LOCK_OPTIONS) --output-file requirements/runtime.txt pyproject.toml
	$(UV) pip compile $(LOCK_OPTIONS) --output-file requirements/dev.txt --extra dev \
		--constraints requirements/runtime.txt pyproject.toml
LOCK_OPTIONS = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: scripts
scripts: $(NODE) ## Join the scripts into static/built/, as phones fetch them
	$(TOOL) rolldown --config

.PHONY: vendor
vendor: setup ## Refresh static/vendor/ from the packages that vendor.json names
	$(PY) -m tests.tooling.vendor

.PHONY: wheel
wheel: $(PROJECT) ## Build the wheel into dist/
	$(PY) -m build --wheel --no-isolation --outdir dist .

.PHONY: clean
clean: ## Remove the environments, caches and built packages; data stays
	rm -rf .venv node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements/runtime.txt tests/tooling/venv.sh
	sh tests/tooling/venv.sh requirements/runtime.txt
	@touch $@

$(DEV): requirements/dev.txt tests/tooling/venv.sh
	sh tests/tooling/venv.sh requirements/dev.txt exactly
	@touch $@ $(RUNTIME)

# The project itself, editable, without its dependencies: those came from the lock.
$(PROJECT): $(DEV) pyproject.toml
	@if $(UV) --version >/dev/null 2>&1; then \
		$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .; \
	else \
		$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@

$(NODE): package.json package-lock.json .npmrc | $(PROJECT)
	$(TOOL) npm ci --no-progress --loglevel=error
	@touch $@
