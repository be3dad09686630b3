"""What only some compilers or systems know stands in a few named files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

COMPILERS = {"base/compiler.hpp", "base/arithmetic.hpp", "base/cpu.hpp"}
SYSTEMS = {"base/system.hpp"}

# What: its pattern, lines that have it, and the files that may have it.
IN_SOURCE = {
    "attribute of GCC or Clang": (
        r"__attribute__|\[\[\s*(using\s+)?(gnu|clang)\b",
        ["[[gnu::noinline]] void f();", "[[using gnu: flatten]]", "__attribute__((packed))"],
        COMPILERS,
    ),
    "attribute of MSVC": (
        r"\[\[\s*(using\s+)?msvc\b|\b__(declspec|forceinline|assume|restrict)\b",
        ["[[msvc::flatten]]", "__declspec(noinline) void f();"],
        COMPILERS,
    ),
    "built-in": (r"\b__builtin_|\b_{0,2}u?mulh\b|\b_umul128\b", ["__builtin_clzll(x)"], COMPILERS),
    "extension of C++": (
        r"\b__u?int128(_t)?\b|\b__(extension__|typeof__|typeof)\b",
        ["unsigned __int128 x;"],
        COMPILERS,
    ),
    "assembly": (r"\b(asm|__asm|__asm__)\b", ['asm volatile("yield");'], COMPILERS),
    "pragma": (
        r"#\s*pragma(?!\s+once\b)|\b_Pragma\b|\b__pragma\b",
        ["#pragma GCC ivdep"],
        COMPILERS,
    ),
    "macro of a compiler, a CPU or a system": (
        r"\b(?!__(VA_ARGS|FILE|LINE|DATE|TIME)__)__[A-Za-z]\w*__\b"
        r"|\b(_MSC_\w+|_M_[A-Z]\w+|_WIN\w+|__linux|__unix)\b|\b__has_(feature|builtin|attribute)\b",
        ["#if defined(__x86_64__)", "#ifdef _MSC_VER", "#if __has_feature(address_sanitizer)"],
        COMPILERS | SYSTEMS,
    ),
    "header of a compiler": (r"<(intrin|cpuid|x86intrin)\.h>", ["#include <intrin.h>"], COMPILERS),
    "header of a system": (
        r"<(pthread|sched|signal|unistd|windows|(sys|mach)/\w+)\.h>",
        ["#include <sys/mman.h>"],
        SYSTEMS,
    ),
}
IN_CMAKE = {
    "flag of a compiler": (
        r"(?<![\w.}/-])-[fm][a-z][\w=-]*|(?<![\w.}/)])/[A-Za-z][\w:]*(?![\w/.])",
        ["add_compile_options(-ffp-contract=off)", "set(flags -mavx2)", 'set(f "/arch:AVX2")'],
        {"cmake/compiler_flags.cmake"},
    )
}


def strays(text, patterns, file="somewhere"):
    """Return the lines of `file` that have what it may not have, each as `file: what: line`."""
    return [
        f"{file}: {what}: {line.strip()}"
        for line in text.splitlines()
        for what, (pattern, _, allowed) in patterns.items()
        if file not in allowed and re.search(pattern, line)
    ]


def without_comments_and_strings(source):
    return re.sub(r'//[^\n]*|R"\((?s:.*?)\)"|"(\\.|[^"\\\n])*"', '""', source)


def test_the_source_is_portable():
    folder = ROOT / "cpp"
    if not folder.exists():
        pytest.skip("not in a checkout")
    found = []
    for path in sorted(folder.rglob("*.?pp")):
        text = without_comments_and_strings(path.read_text())
        found += strays(text, IN_SOURCE, path.relative_to(folder).as_posix())
    assert not found, "\n".join(found)


def test_the_flags_of_compilers_are_in_one_file():
    if not (ROOT / "cmake").exists():
        pytest.skip("not in a checkout")
    paths = [
        *ROOT.glob("CMakeLists.txt"),
        *ROOT.glob("cmake/*"),
        *ROOT.glob("tests/*/CMakeLists.txt"),
    ]
    found = []
    for path in paths:
        text = re.sub(r"#[^\n]*", "", path.read_text())
        found += strays(text, IN_CMAKE, path.relative_to(ROOT).as_posix())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("patterns", [IN_SOURCE, IN_CMAKE], ids=["source", "CMake"])
def test_every_pattern_finds_its_examples(patterns):
    for what, (_, examples, allowed) in patterns.items():
        for example in examples:
            assert f"somewhere: {what}: {example}" in strays(example, patterns)
        for file in allowed:
            assert (ROOT / "cpp" / file).exists() or (ROOT / file).exists(), file


def test_what_every_compiler_knows_is_no_stray():
    lines = ["#pragma once", "[[nodiscard]] int f();", "#if __has_include(<a.h>)", "__VA_ARGS__"]
    assert strays("\n".join(lines), IN_SOURCE) == []
    lines = ["include(cmake/a.cmake)", "set(a ${b}/c)", "add_subdirectory(tests/core)", "-DA=1"]
    assert strays("\n".join(lines), IN_CMAKE) == []
    text = 'f("__reduce__"); // in its __init__\n'
    assert strays(without_comments_and_strings(text), IN_SOURCE) == []
