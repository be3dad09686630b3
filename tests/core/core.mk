# Part of the Makefile above: the core's test program by different compilers, and sanitizers.
# CMakePresets.json has the options of each build.
CASES := build/core/cases.bin
CLANG := clang++
CMAKE := PATH="$(CURDIR)/$(BIN):$$PATH" cmake

# $(call check,PRESET,COMMAND,OPTIONS,TARGETS): build the preset and run its program by COMMAND
define check
	@echo "Building the core's test program: $(1)"
	@$(CMAKE) --preset $(1) $(3) >/dev/null
	@$(CMAKE) --build --preset $(1) >/dev/null
	$(2) build/core/$(1)/check_core $(CASES) $(4)
endef

.PHONY: core core-clang kernels sanitize sanitize-address sanitize-python sanitize-thread arm

core: $(CASES)
	$(call check,core)

core-clang: $(CASES)
	$(call check,core-clang,,-DCMAKE_CXX_COMPILER=$(CLANG))

# The speed of a layer's products alone, by each target of this machine.
kernels: $(INSTALLED)
	@$(CMAKE) --preset core >/dev/null
	@$(CMAKE) --build --preset core --target kernel_speed >/dev/null
	build/core/core/kernel_speed

# The bits that the program expects are those of the package, on this machine.
$(CASES): $(INSTALLED) tests/cases.py tests/write_cases.py
	@mkdir -p $(@D)
	$(BIN)/python -m tests.write_cases $@

# ---- sanitizers

sanitize: sanitize-address sanitize-python sanitize-thread

# Memory comes filled, so that a number which nobody has set shows in the bits. With the module, for
# sanitize-python. The preset leaves out the checks for null pointers, which stop a program anyway:
# they take a third of the compiler's time.
sanitize-address: $(CASES)
	$(call check,address,ASAN_OPTIONS=max_malloc_fill_size=1000000000,\
	  "-DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python" \
	  "-Dpybind11_DIR=$$($(BIN)/python -m pybind11 --cmakedir)")

# Threads have their memory where the sanitizer expects it only without its randomization. They
# share their work in the same way on every target, so that one target shows every race.
sanitize-thread: $(CASES)
	$(call check,thread,TSAN_OPTIONS=halt_on_error=1 $$(setarch -R true 2>/dev/null && echo setarch -R),,\
	  fastest)

# The package with the module of sanitize-address. The sanitizers' libraries must be there before
# Python starts, and libstdc++ with them, whose exceptions they intercept. -S leaves out .venv's .pth
# files, one of which would put the editable module first. Left out are the tests that wait for a
# time, which they miss (Ctrl-C within 100 ms), or for millions of epochs. pytest's usual capture
# would swallow a sanitizer's report.
SITE := build/core/site
PRELOADED := asan ubsan stdc++
SANITIZED_TESTS := $(addprefix tests/,$(addsuffix .py,\
  $(foreach name,accuracy errors stopping targets,contract/test_$(name)) \
  many/test_lanes many/test_networks many/test_train_many \
  network/test_blocks network/test_network network/test_parity network/test_sparse \
  tutorials/test_functions))
sanitize-python: sanitize-address
	@rm -rf $(SITE) && mkdir $(SITE) && cp -r python/denseloop $(SITE)
	@$(CMAKE) --install build/core/address --prefix $(SITE) >/dev/null
	export PYTHONPATH="$(CURDIR)/$(SITE):$$($(BIN)/python -c \
	    'import site; print(site.getsitepackages()[0])')" \
	  LD_PRELOAD="$(foreach name,$(PRELOADED),$$(g++ -print-file-name=lib$(name).so))" \
	  ASAN_OPTIONS=detect_leaks=0; \
	$(BIN)/python -S -c 'from denseloop import _core; assert "$(SITE)" in _core.__file__, _core' && \
	$(BIN)/python -S -m pytest -q $(SANITIZED_TESTS) \
	  --capture=sys -k "not ctrl_c and not progress_bar and not another_thread and not one_thread and not memory"

# ---- 64-bit Arm, by a cross compiler and an emulator

arm: $(CASES)
	@for command in aarch64-linux-gnu-g++ qemu-aarch64; do command -v $$command >/dev/null || { \
	  echo "make arm needs $$command: apt-get install g++-aarch64-linux-gnu qemu-user" >&2; \
	  exit 1; }; done
	$(call check,arm,qemu-aarch64)
