# make serve    the server, on ./data
# make test     every test; what is missing on this machine is said
# make check    all that must be green before a commit: format, lint, types, the wheel, the tests
# make bench    ours beside Radicale, Xandikos and nginx
# make soak     the long tests: kills, power cuts, hours in minutes
# make pages    every journey through the pages in a browser; make test walks a sample
# make screenshots   every page, two sizes, light and dark, two languages, into screenshots/
# make lock     resolve the dependencies anew and export them
# make format   put the source into its form
# make compliance   write COMPLIANCE.md anew
#
# ARGS="…" is handed on: make serve ARGS="--listen 127.0.0.1:8081", make test ARGS="tests/dav -k put".

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11
UV := $(BIN)/uv
EXPORT := $(UV) export --quiet --frozen --no-emit-project --no-header --no-annotate

# Plugins that happen to be installed cost seconds a run and change what a warning means.
export PYTEST_DISABLE_PLUGIN_AUTOLOAD := 1
# The tests start thousands of processes: without bytecode kept, each compiles what the one before it did.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test check style wheel bench soak pages screenshots lock format compliance
.DEFAULT_GOAL := serve

serve: $(VENV)/.serve
	@$(BIN)/gotgan serve $(ARGS)

test: $(VENV)/.test
	@$(BIN)/python -m pytest $(ARGS)

check: style wheel
	@$(BIN)/python -m pytest $(ARGS)

style: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

wheel: $(VENV)/.dev
	@$(BIN)/python -m tests.house.wheel

bench: $(VENV)/.test
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(VENV)/.test
	@$(BIN)/python -m pytest -o python_files='soak_*.py' -n 2 --dist worksteal tests/soak $(ARGS)

pages: $(VENV)/.test
	@GOTGAN_TEST_PAGES=all $(BIN)/python -m pytest tests/pages $(ARGS)

screenshots: $(VENV)/.test
	@$(BIN)/python -m tests.pages.screenshots $(ARGS)

lock: $(VENV)/.dev
	@$(UV) lock --upgrade
	@$(EXPORT) --no-default-groups -o requirements.txt
	@$(EXPORT) --only-group build -o requirements-build.txt
	@$(EXPORT) --no-default-groups --group test -o requirements-test.txt
	@$(EXPORT) --no-default-groups --group dev -o requirements-dev.txt

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

compliance: $(VENV)/.test
	@$(BIN)/python -m tests.compliance

# A stamp per set of requirements, so that a second call takes no time.
$(VENV)/.serve: requirements.txt requirements-build.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Gotgan needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.serve
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.test
	@echo "Installing what the checks need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(BIN)/python:
	@for python in $(PYTHONS); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then exec "$$python" -m venv --clear $(VENV); fi; \
	    found="$$python"; \
	done; \
	if [ -n "$$found" ]; then \
	    echo "$$found has no venv or no pip: install them first, on Debian with: apt install python3-venv" >&2; \
	else \
	    echo "Gotgan needs Python 3.11 or newer: install it first, on Debian with: apt install python3-venv" >&2; \
	fi; \
	exit 2
