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

.PHONY: core sanitize sanitize-address sanitize-python sanitize-thread arm

core: $(TOOLS) $(CASES)
	$(call checked,$(notdir $(CXX)),-DDENSELOOP_MODULE=OFF -DCMAKE_CXX_COMPILER=$(CXX))

# The bits that the program expects are those of the package, on this machine.
$(CASES): $(INSTALLED) tests/cases.py tests/write_cases.py
	@mkdir -p $(@D)
	$(BIN)/python -m tests.write_cases $@

$(TOOLS): | $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "cmake>=3.21" "pybind11>=3.0"
	touch $@

# ---- sanitizers

SANITIZER_CXX := g++
comma := ,
sanitizer = -DCMAKE_CXX_COMPILER=$(SANITIZER_CXX) -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_FLAGS="-fsanitize=$(1) -fno-sanitize-recover=all -O1 -g1"

sanitize: sanitize-address sanitize-python sanitize-thread

# Memory comes filled, so that a number which nobody has set shows in the bits. With the module, for
# the next target.
sanitize-address: $(TOOLS) $(CASES)
	$(call checked,address,$(call sanitizer,address$(comma)undefined) \
	  -DPython_EXECUTABLE="$(CURDIR)/$(BIN)/python" \
	  -Dpybind11_DIR="$$($(BIN)/python -m pybind11 --cmakedir)",\
	  ASAN_OPTIONS=max_malloc_fill_size=1000000000)

# Threads have their memory where the sanitizer expects it only without its randomization.
sanitize-thread: $(TOOLS) $(CASES)
	$(call checked,thread,$(call sanitizer,thread) -DDENSELOOP_MODULE=OFF,\
	  TSAN_OPTIONS=halt_on_error=1 $$(setarch -R true 2>/dev/null && echo setarch -R))

# The package with the module of sanitize-address. The sanitizers' libraries must be there before
# Python starts, and libstdc++ with them, whose exceptions they intercept. -S leaves out .venv's .pth
# files, one of which would put the editable module first. Left out are the tests that wait for a
# time, which they miss (Ctrl-C within 100 ms), or for millions of epochs. pytest's usual capture
# would swallow a sanitizer's report.
SITE := build/core/site
PRELOADED := asan ubsan stdc++
SANITIZED_TESTS := $(addprefix tests/,$(addsuffix .py,\
  $(foreach name,accuracy errors stopping targets,contract/test_$(name)) \
  network/test_network network/test_parity tutorials/test_functions))
sanitize-python: sanitize-address
	@rm -rf $(SITE) && mkdir $(SITE) && cp -r python/denseloop $(SITE)
	@$(BIN)/cmake --install build/core/address --prefix $(SITE) >/dev/null
	export PYTHONPATH="$(CURDIR)/$(SITE):$$($(BIN)/python -c \
	    'import site; print(site.getsitepackages()[0])')" \
	  LD_PRELOAD="$(foreach name,$(PRELOADED),$$($(SANITIZER_CXX) -print-file-name=lib$(name).so))" \
	  ASAN_OPTIONS=detect_leaks=0; \
	$(BIN)/python -S -c 'from denseloop import _core; assert "$(SITE)" in _core.__file__, _core' && \
	$(BIN)/python -S -m pytest -q $(SANITIZED_TESTS) \
	  --capture=sys -k "not ctrl_c and not progress_bar and not another_thread and not one_thread"

# ---- 64-bit Arm, by a cross compiler and an emulator

ARM_CXX := aarch64-linux-gnu-g++
EMULATOR := qemu-aarch64

arm: $(TOOLS) $(CASES)
	@for command in $(ARM_CXX) $(EMULATOR); do command -v $$command >/dev/null || { \
	  echo "make arm needs $$command: apt-get install g++-aarch64-linux-gnu qemu-user" >&2; \
	  exit 1; }; done
	$(call checked,arm,-DDENSELOOP_MODULE=OFF -DCMAKE_SYSTEM_NAME=Linux \
	  -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=$(ARM_CXX) \
	  -DCMAKE_EXE_LINKER_FLAGS=-static,$(EMULATOR))
