# Each target does the set-up that it needs. With uv on the path it is quicker; venv and pip do the same.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

ifdef UV
CREATE := $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r
PEERS_CREATE := $(UV) venv --quiet --allow-existing --python $(PYTHON) build/peers
PEERS_INSTALL := $(UV) pip install --quiet --python build/peers/bin/python --require-hashes -r
else
CREATE := $(PYTHON) -m venv $(VENV)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r
PEERS_CREATE := $(PYTHON) -m venv build/peers
PEERS_INSTALL := build/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
endif

# On all processors, which pip does not use. A package may bring files that are not for this Python: they stay as they are.
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV) >/dev/null || true

# The smallest chart bundle, where npm can fetch it; the site works without. What pages load is compressed beforehand.
NPM_PACK := npm pack --silent --ignore-scripts --fetch-retries=1 --fetch-timeout=30000
BUNDLE = mkdir -p build/npm; \
	name=$$($(BIN)/python -m stp_dash.web.bundle name); \
	if command -v npm >/dev/null && ! test -e "build/npm/$${name%@*}-$${name\#*@}.tgz"; then \
	(cd build/npm && $(NPM_PACK) "$$name") >/dev/null 2>&1 || true; fi; \
	$(BIN)/python -m stp_dash.web.bundle

PYTEST := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: setup maps run test style check bench lock share-picture clean

setup: $(VENV)/.run
	@$(BUNDLE)
	@$(BIN)/python -m compileall -q app.py db etl stp_dash
	@touch build/.made

# What reads files of boundaries, for maps: about 45 MB more.
maps: $(BIN)/python requirements-maps.lock
	$(INSTALL) requirements-maps.lock
	@$(COMPILE)

run: $(VENV)/.run build/.made
	$(BIN)/python app.py

# Types and imports are checked beside the first tests. A run ends on the tests' closing line, or on what those found.
test: style build/.made
	@mkdir -p build
	@($(BIN)/mypy && $(BIN)/lint-imports) >build/check.txt 2>&1 & check=$$!; \
	$(BIN)/python -m compileall -q app.py db etl stp_dash; \
	echo "$(BIN)/python -m pytest $(PYTEST)"; \
	$(BIN)/python -m pytest $(PYTEST); tests=$$?; \
	wait $$check || { cat build/check.txt; exit 1; }; \
	exit $$tests

style: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check: style
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test build/.made build/peers/.made
	$(BIN)/python -m pytest tests/bench --override-ini=addopts="-p no:dash -s -q" $(BENCH)

# The locks hold names, versions and hashes only.
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
	uv pip compile pyproject.toml --extra maps --universal --generate-hashes --no-header --no-annotate --quiet -o requirements-maps.lock
	uv pip compile pyproject.toml --extra maps --group test --universal --generate-hashes --no-header --no-annotate --quiet -o requirements-test.lock
	uv pip compile tests/bench/peers/requirements.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o tests/bench/peers/requirements.lock

# What programs show beside a link to the site.
share-picture: $(VENV)/.test
	$(BIN)/python -m tests.support.browser.share_picture

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or later is needed; PYTHON=python3.11 make ... chooses one')"
	$(CREATE)

$(VENV)/.run: $(BIN)/python requirements.lock
	@echo "Installing what the program needs (once, about a minute)..."
	$(INSTALL) requirements.lock
	@$(COMPILE)
	@touch $@

$(VENV)/.test: $(BIN)/python requirements-test.lock
	@echo "Installing what the tests need (once, a minute or two)..."
	$(INSTALL) requirements-test.lock
	@$(COMPILE)
	@touch $@ $(VENV)/.run

# What is only measured against, in an environment of its own.
build/peers/.made: tests/bench/peers/requirements.lock $(BIN)/python
	@echo "Installing what is measured against (once, a minute or two)..."
	$(PEERS_CREATE)
	$(PEERS_INSTALL) tests/bench/peers/requirements.lock
	@touch $@

build/.made: $(VENV)/.run $(wildcard assets/*)
	@$(BUNDLE)
	@touch $@
