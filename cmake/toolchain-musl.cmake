# Linux with musl on x86-64, by Zig, whose Clang has the headers and libraries of musl and libc++
# with it (`pip install ziglang` has one; zig must be on the PATH). Static, as its programs are.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_CXX_COMPILER zig c++)
set(CMAKE_CXX_COMPILER_TARGET x86_64-linux-musl)
