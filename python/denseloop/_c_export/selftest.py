"""The test vectors of a header, and the function that compares their bits."""

# Factors, an addend and their sum, which is another number if it is rounded twice.
ROUNDED_ONCE = {
    "float64": (1 + 2**-30, 1 - 2**-30, -1.0, -(2.0**-60)),
    "float32": (1 - 2**-15, (1 + 2**-15) * 2**-24, 1 + 2**-23, 1 + 2**-23),
}


def selftest(source, fused, X, Y, derivatives=None):
    """Return name_selftest, which expects the outputs Y (n, n_outputs) for X (n, n_inputs).

    It expects the derivatives (n, n_outputs * n_inputs) too, unless they are None, and a `fused`
    multiply-add that is rounded once.
    """
    name, real, macro = source.name, source.real, source.macro
    word = "uint64_t" if real == "double" else "uint32_t"
    arrays = [source.array(f"{name}_test_x", X.ravel()), source.array(f"{name}_test_y", Y.ravel())]
    declared, call = f"{real} y[{macro}_OUTPUTS];", f"{name}_predict(x, y);"
    compare = [f"wrong += {name}_wrong_bits(y, {name}_test_y + {Y.shape[1]} * i, {Y.shape[1]});"]
    if derivatives is not None:
        count = derivatives.shape[1]
        arrays.append(source.array(f"{name}_test_d", derivatives.ravel()))
        declared = f"{real} y[{macro}_OUTPUTS], d[{count}];"
        compare += [
            f"{name}_jacobian(x, y, d);",
            *compare,
            f"wrong += {name}_wrong_bits(d, {name}_test_d + {count} * i, {count});",
        ]
    return "\n".join(
        [
            f"#if !defined({macro}_NO_SELFTEST)",
            "\n\n".join(arrays),
            "",
            f"static inline int {name}_wrong_bits(const {real}* found, const {real}* expected,",
            "    int count) {",
            "    int i, wrong = 0;",
            "    for (i = 0; i < count; ++i) {",
            f"        {word} bits = {name}_bits(found[i]) ^ {name}_bits(expected[i]);",
            f"        for (; bits != 0; bits &= ({word})(bits - 1)) ++wrong;",
            "    }",
            "    return wrong;",
            "}",
            "",
            "/* Return how many bits differ from what they must be: 0. */",
            f"static inline int {name}_selftest(void) {{",
            f"    {declared}",
            "    int i, wrong = 0;",
            *(check_fma(source) if fused else ()),
            f"    for (i = 0; i < {len(X)}; ++i) {{",
            f"        const {real}* x = {name}_test_x + {macro}_INPUTS * i;",
            f"        {call}",
            *(f"        {line}" for line in compare),
            "    }",
            "    return wrong;",
            "}",
            "#endif",
        ]
    )


def check_fma(source):
    """Return statements that count the wrong bits of a multiply-add."""
    name, real = source.name, source.real
    x, y, z, expected = map(source.literal, ROUNDED_ONCE[source.exported.dtype])
    yield f"    volatile {real} factor = {x};"
    yield f"    {real} once = {expected}, found = {name}_fma(factor, {y}, {z});"
    yield f"    wrong += {name}_wrong_bits(&found, &once, 1);"
