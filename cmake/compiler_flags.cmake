# All flags of the compiler, by what they are for. CMakeLists.txt includes this.
#
# GCC and Clang share them. clang-cl, Clang with the options of MSVC, takes Clang's own after
# /clang:. MSVC itself cannot compile the kernels: it has neither vectors with operators nor 128-bit
# integers, and it may keep one CPU target's copy of a function for all of them.

if(CMAKE_CXX_COMPILER_ID STREQUAL "MSVC")
  message(FATAL_ERROR "denseloop cannot be built by MSVC (cl), which has no vector types, 128-bit "
    "integers or functions that are inlined for certain. Use clang-cl, which Visual Studio has as "
    "a component: cmake -T ClangCL for its generators, or -G Ninja -DCMAKE_CXX_COMPILER=clang-cl.")
endif()
if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  math(EXPR bits "8 * ${CMAKE_SIZEOF_VOID_P}")
  message(FATAL_ERROR "denseloop needs a 64-bit system, but the compiler is for ${bits} bits. "
    "Choose a 64-bit compiler, and a 64-bit Python for the module.")
endif()

# ---- the CPU and the system: macOS may compile for another one than its own

set(DENSELOOP_CPU ${CMAKE_SYSTEM_PROCESSOR})
if(APPLE AND CMAKE_OSX_ARCHITECTURES)
  list(LENGTH CMAKE_OSX_ARCHITECTURES count)
  if(count GREATER 1)
    message(FATAL_ERROR "denseloop is built for one architecture at a time, but "
      "CMAKE_OSX_ARCHITECTURES has \"${CMAKE_OSX_ARCHITECTURES}\". Build for arm64 and for x86_64 "
      "in folders of their own; `lipo` joins the two modules.")
  endif()
  set(DENSELOOP_CPU ${CMAKE_OSX_ARCHITECTURES})
endif()
set(DENSELOOP_X86_TARGETS 0)
set(DENSELOOP_ARM_TARGETS 0)
if(DENSELOOP_CPU MATCHES "^(x86_64|AMD64|amd64)$")
  set(DENSELOOP_X86_TARGETS 1)
elseif(DENSELOOP_CPU MATCHES "^(aarch64|arm64|ARM64)$")
  set(DENSELOOP_ARM_TARGETS 1)
endif()
if(APPLE AND CMAKE_OSX_DEPLOYMENT_TARGET VERSION_LESS 11.0)
  message(FATAL_ERROR "denseloop needs macOS 11.0 or newer, whose std::atomic can wait, but the "
    "build is for macOS ${CMAKE_OSX_DEPLOYMENT_TARGET}. Set MACOSX_DEPLOYMENT_TARGET=11.0.")
endif()

# ---- flags

if(CMAKE_CXX_COMPILER_FRONTEND_VARIANT STREQUAL "MSVC")  # clang-cl, whose -Wall is all there is
  set(clang "/clang:")
  set(DENSELOOP_WARNINGS /W4)
else()
  set(clang "")
  set(DENSELOOP_WARNINGS -Wall -Wextra -Wpedantic)
endif()
# A switch over a choice names every member, so that a forgotten one does not compile.
list(APPEND DENSELOOP_WARNINGS -Werror=switch)

# The bits of every result rest on these: a multiply-add is fused where the source says so and
# nowhere else, and nothing is reassociated.
set(DENSELOOP_BITS ${clang}-ffp-contract=off ${clang}-fno-math-errno)

# A vector of 32 bytes is passed differently where registers are shorter. No other file calls these
# functions. Optimized for size, the baseline takes half as long to compile, and half the room.
set(DENSELOOP_BASELINE_WARNINGS -Wno-psabi)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(DENSELOOP_BASELINE_FLAGS ${clang}-Os)
endif()

# Without jump tables the branch over the activations is a few compares, which the CPU predicts: an
# epoch of one sample waits for it several times. (The baseline, which emulates multiply-adds,
# gains nothing.)
set(DENSELOOP_KERNEL_FLAGS ${clang}-fno-jump-tables)

set(DENSELOOP_AVX2_FLAGS ${clang}-mavx2 ${clang}-mfma)
set(DENSELOOP_AVX512_FLAGS ${DENSELOOP_AVX2_FLAGS} ${clang}-mavx512f ${clang}-mavx512dq
  ${clang}-mavx512vl ${clang}-mavx512bw)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC's own AVX-512 header warns about its deliberately undefined operands (GCC bug 105593).
  set(DENSELOOP_AVX512_WARNINGS -Wno-uninitialized -Wno-maybe-uninitialized)
endif()
