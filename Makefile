# Every command sets up .venv by itself; a second run does only what is needed.
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
INSTALLED := $(VENV)/installed
PEERS := $(VENV)/peers
OLDEST := $(VENV)/oldest
WHEEL := build/wheel
CORE := CMakeLists.txt $(wildcard cmake/*.cmake cpp/*/*.hpp cpp/*/*.cpp)
MODULES := $(sort $(wildcard python/denseloop/*.py python/denseloop/*/*.py))

# What tests/c_export compiles and emulates with, in Debian; it leaves out what is missing.
COMPILERS := clang gcc-arm-none-eabi libnewlib-arm-none-eabi gcc-aarch64-linux-gnu \
  libc6-dev-arm64-cross qemu-system-arm qemu-user

.PHONY: demo test docs stress fuzz lint types oldest tools compilers accuracy bench bench-quick \
  wheel clean FORCE

demo: $(INSTALLED)
	$(BIN)/denseloop demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -q --numprocesses 2 -m "not alone"
	$(BIN)/python -m pytest -q -m alone

# The site, in build/docs/html, with the gallery's examples run; then what only a built site shows.
docs: $(VENV)/docs
	$(BIN)/python -m sphinx -W --keep-going -q -d build/docs/doctrees docs build/docs/html
	$(BIN)/python -m pytest -q tests/site/*.py

# Signals, threads, forks and odd arguments at random, for some minutes.
stress: $(INSTALLED)
	$(BIN)/python -m tests.stress

# Files that libFuzzer makes up, for a minute; `make fuzz FUZZ_SECONDS=3600` for an hour.
FUZZ_SECONDS := 60
fuzz: $(VENV)/fuzz
	$(BIN)/python -m tests.fuzz -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1

# The hooks of .pre-commit-config.yaml. They mend what they can, and fail if they had to.
lint: $(VENV)/lint types
	PRE_COMMIT_HOME=$(VENV)/pre-commit $(BIN)/pre-commit run --all-files

# That the types agree with the code, the stub with the core, and that every public name has a type;
# --verifytypes finds other packages by the first python on the PATH alone.
types: $(VENV)/lint $(INSTALLED)
	$(BIN)/mypy
	$(BIN)/python tools/stubtest.py --allowlist stubtest_allowlist.txt
	PATH=$(CURDIR)/$(BIN):$$PATH PYTHONPATH=python \
	  $(BIN)/pyright --verifytypes denseloop --ignoreexternal

# Part of the tests with the oldest supported packages in front of the installed ones. Left out: with
# NumPy 2.0 some losses are numbers of another width than scikit-learn's, and scikit-learn 1.7 routes
# the weights of a pipeline by another rule.
oldest: $(OLDEST)/installed
	PYTHONPATH=$(OLDEST) $(BIN)/python -m pytest -q --numprocesses 2 -m "not alone" \
	  -W default::DeprecationWarning -W default::FutureWarning \
	  tests/estimators tests/many tests/network/test_sparse.py tests/network/test_hints.py \
	  tests/tutorials/test_functions.py tests/tutorials/test_other_arrays.py \
	  --ignore tests/estimators/test_interrupted_anywhere.py -k "not losses_are_numpys_numbers \
	  and not a_search_routes_the_groups_through_a_pipeline"

# What a release has for this machine: the source, a wheel built from it, and the tests that a wheel
# must pass, in an environment of its own, without the source or a compiler.
wheel: $(VENV)/release
	rm -rf dist $(WHEEL)
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m twine check --strict dist/*
	if [ -x $(BIN)/auditwheel ]; then $(BIN)/auditwheel show dist/*.whl; fi
	$(PYTHON) -m venv $(WHEEL)
	$(WHEEL)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(WHEEL)/bin/python -m pip install --quiet dist/*.whl --group wheel-test
	cp -r tests pyproject.toml $(WHEEL)
	cd $(WHEEL) && PATH="$$PWD/bin" bin/python -m pytest -q -n 2 -m "not alone" @tests/wheel.txt

# The packages that know the estimators, or are to know them, and those that distribute trainings.
tools: $(VENV)/tools
	$(BIN)/python -m pytest -q tests/tools

compilers:
	apt-get update
	apt-get install --yes --no-install-recommends $(COMPILERS)

accuracy: $(INSTALLED)
	$(BIN)/python -m tests.exhaustive

bench: $(PEERS)
	$(BIN)/python -m bench --save bench/results

# Only with what is installed.
bench-quick: $(INSTALLED)
	$(BIN)/python -m bench --quick

# The environment, with a pip that knows dependency groups.
$(VENV)/pip:
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/lint: pyproject.toml | $(VENV)/pip
	@$(PIP) install --group lint
	@touch $@

# What builds the package is installed in .venv, not in a new environment for each build, so that
# CMake keeps its folder and a changed file costs only itself.
$(VENV)/build: pyproject.toml | $(VENV)/pip
	@$(BIN)/python -c 'import tomllib; file = open("pyproject.toml", "rb"); \
	  print(*tomllib.load(file)["build-system"]["requires"], sep="\n")' >$@
	@$(PIP) install --group build --requirement $@

$(INSTALLED): $(VENV)/build $(VENV)/modules $(CORE)
	@echo "Compiling and installing into $(VENV); the first time takes some minutes"
	@$(BIN)/python tools/build_progress.py $(BIN)/python -m pip --verbose \
	  --disable-pip-version-check install --no-build-isolation --editable ".[test]"
	@touch $@

# An editable installation has a list of the modules, so it is renewed when one comes or goes.
$(VENV)/modules: FORCE | $(VENV)/pip
	@echo $(MODULES) | cmp -s - $@ || echo $(MODULES) >$@

$(VENV)/docs: pyproject.toml | $(INSTALLED)
	@$(PIP) install --group docs
	@touch $@

$(VENV)/tools: pyproject.toml | $(INSTALLED)
	@$(PIP) install --group tools
	@touch $@

$(VENV)/fuzz: pyproject.toml | $(INSTALLED)
	@$(PIP) install --group fuzz
	@touch $@

$(VENV)/release: pyproject.toml | $(VENV)/pip
	@$(PIP) install --group release
	@touch $@

# They have wheels for Python 3.11 and 3.12.
$(OLDEST)/installed: pyproject.toml | $(INSTALLED)
	@rm -rf $(OLDEST)
	@$(BIN)/python -m tools.lower_bounds >$(VENV)/oldest.txt
	@$(PIP) install --only-binary :all: --target $(OLDEST) --requirement $(VENV)/oldest.txt
	@touch $@

$(PEERS): pyproject.toml | $(INSTALLED)
	@echo "Installing what denseloop is measured against into $(VENV): some minutes"
	@$(PIP) install --no-build-isolation --editable ".[test,bench]"
	@touch $@

clean:
	rm -rf $(VENV) build dist

include tests/core/core.mk
