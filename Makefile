# make demo, make test: each sets up .venv by itself; a second run does only what is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PEERS := $(VENV)/peers
OLDEST_SCIKIT_LEARN := 1.7.0
OLDEST := $(VENV)/scikit-learn-$(OLDEST_SCIKIT_LEARN)
CORE := $(wildcard cpp/*/*.hpp cpp/*/*.cpp)

.PHONY: demo test oldest accuracy bench bench-quick clean

demo: $(INSTALLED)
	$(BIN)/denseloop demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -q

# The estimators again, with the oldest scikit-learn that they are for in front of the one installed.
oldest: $(OLDEST)
	PYTHONPATH=$(OLDEST) $(BIN)/python -m pytest -q tests/estimators

accuracy: $(INSTALLED)
	$(BIN)/python -m tests.exhaustive

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

$(OLDEST): | $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $@ \
	  scikit-learn==$(OLDEST_SCIKIT_LEARN)

$(PEERS): pyproject.toml | $(INSTALLED)
	@echo "Installing what denseloop is measured against into $(VENV): some minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,bench]"
	touch $@

clean:
	rm -rf $(VENV) build dist

include tests/core/core.mk
