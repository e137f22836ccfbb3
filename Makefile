# Doorway's commands. Each sets up what it needs first; nothing but Python 3.11+ and make is assumed.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first Python that is new enough. `make PYTHON=/path/to/python3.12 ...` names one.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV_PYTHON := .venv/bin/python
# The tests start dozens of processes: each would compile all of Doorway for itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## Prepare everything `make run` needs: packages, front-end files (PYTHON=... chooses the Python)
	@$(call set-up)

.PHONY: run
run: setup ## Start Doorway; PORT (8000), SOCKET_PORT (8001) and BIND (127.0.0.1) can be set
	@exec $(VENV_PYTHON) -m config.local.run

.PHONY: test
test: ## Run every test on real servers; ARGS="-k claims" chooses some
	@$(call set-up,--dev --browser)
	@exec $(VENV_PYTHON) -m pytest -p tests.servers $(ARGS)

.PHONY: check
check: ## Style, types, import order, migrations, generated docs, deployment settings
	@$(call set-up,--dev)
	@exec $(VENV_PYTHON) -m config.local.check

.PHONY: bench
bench: ## Measure against the floors; results in benchmarks/README.md
	@$(call set-up,--dev)
	@exec $(VENV_PYTHON) -m benchmarks run $(ARGS)

.PHONY: docs
docs: ## Write the generated pages of docs/ again
	@$(call set-up,--dev)
	@$(VENV_PYTHON) manage.py generate_docs

.PHONY: lock
lock: ## Write the lock files again after a change to requirements/*.in or package.json; ARGS=--upgrade for newer releases
	@$(call set-up)
	@exec $(VENV_PYTHON) -m config.local.lock $(ARGS)

define set-up
$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Doorway needs Python 3.11 or newer: install it, or name one with make PYTHON=/path/to/python3." >&2; exit 1; }; \
$(PYTHON) config/local/bootstrap.py $(1)
endef
