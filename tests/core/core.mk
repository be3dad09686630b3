# Part of the Makefile above: the core's test program under this and that compiler, and sanitizers.
CASES := build/core/cases.bin
TOOLS := $(VENV)/core-tools

# $(call checked,NAME,CMAKE OPTIONS,COMMAND): builds in build/core/NAME, runs the program by COMMAND
define checked
	@echo "Building the core's test program: $(1)"
	@$(BIN)/cmake -S . -B build/core/$(1) -DDENSELOOP_CORE_TESTS=ON $(2) >/dev/null
	@$(BIN)/cmake --build build/core/$(1) --parallel $(shell nproc) >/dev/null
	$(3) build/core/$(1)/check_core $(CASES)
endef

.PHONY: core

core: $(TOOLS) $(CASES)
	$(call checked,$(notdir $(CXX)),-DDENSELOOP_MODULE=OFF -DCMAKE_CXX_COMPILER=$(CXX))

# The bits that the program expects are those of the package, on this machine.
$(CASES): $(INSTALLED) tests/cases.py tests/write_cases.py
	@mkdir -p $(@D)
	$(BIN)/python tests/write_cases.py $@

$(TOOLS): | $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "cmake>=3.21" "pybind11>=3.0"
	touch $@
