# make demo, make test: each sets up .venv by itself; a second run does only what is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PEERS := $(VENV)/peers
CORE := $(wildcard cpp/*.hpp cpp/*.cpp)

.PHONY: demo test accuracy bench bench-quick clean

demo: $(INSTALLED)
	$(BIN)/denseloop demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -q

accuracy: $(INSTALLED)
	$(BIN)/python tests/exhaustive.py

bench: $(PEERS)
	$(BIN)/python -m bench --save bench/results

# Only with what is installed.
bench-quick: $(INSTALLED)
	$(BIN)/python -m bench --quick

# An editable installation knows the packages that were there when it was made.
$(INSTALLED): pyproject.toml CMakeLists.txt $(CORE) $(wildcard python/denseloop/*/__init__.py)
	@echo "Installing into $(VENV): a minute or two, and quiet"
	$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	touch $@

$(PEERS): pyproject.toml | $(INSTALLED)
	@echo "Installing what denseloop is measured against into $(VENV): some minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,bench]"
	touch $@

clean:
	rm -rf $(VENV) build dist

include tests/core/core.mk
