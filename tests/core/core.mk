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

.PHONY: core core-clang kernels sanitize sanitize-address sanitize-python sanitize-thread \
  sanitize-python-threads arm

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

sanitize: sanitize-address sanitize-python sanitize-thread sanitize-python-threads

MODULE = "-DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python" \
  "-Dpybind11_DIR=$$($(BIN)/python -m pybind11 --cmakedir)"

# Memory comes filled, so that a number which nobody has set shows in the bits. The preset leaves
# out the checks for null pointers, which stop a program anyway: they take a third of the compiler's
# time.
sanitize-address: $(CASES)
	$(call check,address,ASAN_OPTIONS=max_malloc_fill_size=1000000000,$(MODULE))

# Threads share their work in the same way on every target, so that one target shows every race.
# Their memory is where the sanitizer expects it only without its randomization.
THREAD_OPTIONS := TSAN_OPTIONS=halt_on_error=1
FIXED_ADDRESSES = $$(setarch -R true 2>/dev/null && echo setarch -R)
sanitize-thread: $(CASES)
	$(call check,thread,$(THREAD_OPTIONS) $(FIXED_ADDRESSES),$(MODULE),fastest)

# $(call python,PRESET,LIBRARIES,OPTIONS,COMMAND,TESTS): run TESTS with the preset's module, with
# Python started by COMMAND. The sanitizers' libraries must be there before Python starts, and
# libstdc++ with them, whose exceptions they intercept. -S leaves out .venv's .pth files, one of
# which would put the editable module first. pytest's usual capture would swallow a sanitizer's
# report.
define python
	@rm -rf build/core/$(1)/site && mkdir build/core/$(1)/site
	@cp -r python/denseloop build/core/$(1)/site
	@$(CMAKE) --install build/core/$(1) --prefix build/core/$(1)/site >/dev/null
	export PYTHONPATH="$(CURDIR)/build/core/$(1)/site:$$($(BIN)/python -c \
	    'import site; print(site.getsitepackages()[0])')" $(3); \
	run() { $(4) env LD_PRELOAD="$(foreach name,$(2) stdc++,$$(g++ -print-file-name=lib$(name).so))" \
	  $(BIN)/python -S "$$@"; }; \
	run -c 'from denseloop import _core; assert "core/$(1)/site" in _core.__file__, _core' && \
	run -m pytest -q --capture=sys $(5)
endef

# Left out are the tests that wait for a time, which they miss (Ctrl-C within 100 ms), or for
# millions of epochs.
sanitize-python: sanitize-address
	$(call python,address,asan ubsan,ASAN_OPTIONS=detect_leaks=0,,$(addprefix tests/,\
	  $(addsuffix .py,$(foreach name,accuracy errors stopping targets,contract/test_$(name)) \
	  many/test_lanes many/test_networks many/test_train_many \
	  network/test_blocks network/test_network network/test_parity network/test_sparse \
	  tutorials/test_functions)) -k "not ctrl_c and not progress_bar and not another_thread \
	  and not one_thread and not memory")

# Networks that Python's threads share.
sanitize-python-threads: sanitize-thread
	$(call python,thread,tsan,"$(THREAD_OPTIONS) suppressions=tests/core/thread_suppressions.txt",\
	  $(FIXED_ADDRESSES),tests/contract/test_many_threads.py)

# ---- 64-bit Arm, by a cross compiler and an emulator

arm: $(CASES)
	@for command in aarch64-linux-gnu-g++ qemu-aarch64; do command -v $$command >/dev/null || { \
	  echo "make arm needs $$command: apt-get install g++-aarch64-linux-gnu qemu-user" >&2; \
	  exit 1; }; done
	$(call check,arm,qemu-aarch64)
