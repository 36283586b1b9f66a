# The README's commands. Every target sets up what it needs.
.DEFAULT_GOAL := test
.PHONY: demo test test-clients proof lint bench wheel setup clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
UV := $(shell command -v uv 2>/dev/null)
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 8 ] && echo 8 || echo $$n)

setup: $(READY)

$(READY): pyproject.toml hatch_build.py native/hook.c native/hook.sh
	@echo "setting up .venv (once)" >&2
ifneq ($(UV),)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python $(BIN)/python -e . --group dev
else
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . --group dev
endif
	@touch $(READY)

demo: $(READY)
	@$(BIN)/lanewise demo

test: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not client and not proof" tests

test-clients: $(READY)
	@$(BIN)/python tests/clients/install.py claude-code
	@$(BIN)/python -m pytest -n $(WORKERS) -m client tests

proof: $(READY)
	@$(BIN)/python -m pytest -m proof tests

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tests/lint/ratchets.py

bench: $(READY)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && $(BIN)/python -m pip install --quiet ziglang || $(UV) pip install --quiet --python $(BIN)/python ziglang
	@for file in bench/hook_process.py bench/lock.py bench/check.py bench/commands.py; do $(BIN)/python $$file || exit 1; done

wheel: $(READY)
	@$(BIN)/python -m hatchling build -t wheel -t sdist

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache build dist src/lanewise/_bin
