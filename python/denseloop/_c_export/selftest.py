"""The test vectors of a header, and the function that compares their bits."""


def selftest(source, X, Y):
    """Return name_selftest, which expects the outputs Y (n, n_outputs) for X (n, n_inputs)."""
    name, real, macro = source.name, source.real, source.macro
    word = "uint64_t" if real == "double" else "uint32_t"
    return "\n".join(
        [
            f"#if !defined({macro}_NO_SELFTEST)",
            source.array(f"{name}_test_x", X.ravel()),
            "",
            source.array(f"{name}_test_y", Y.ravel()),
            "",
            "/* Return how many bits differ from what they must be: 0. */",
            f"static inline int {name}_selftest(void) {{",
            f"    {real} y[{macro}_OUTPUTS];",
            "    int i, j, wrong = 0;",
            f"    for (i = 0; i < {len(X)}; ++i) {{",
            f"        {name}_predict({name}_test_x + {macro}_INPUTS * i, y);",
            f"        for (j = 0; j < {macro}_OUTPUTS; ++j) {{",
            f"            {word} bits = {name}_bits(y[j]) ^",
            f"                {name}_bits({name}_test_y[{macro}_OUTPUTS * i + j]);",
            f"            for (; bits != 0; bits &= ({word})(bits - 1)) ++wrong;",
            "        }",
            "    }",
            "    return wrong;",
            "}",
            "#endif",
        ]
    )
