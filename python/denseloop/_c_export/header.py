"""A network as one C header."""

import textwrap

from denseloop import _core
from denseloop._c_export import steps
from denseloop._c_export.classes import classes
from denseloop._c_export.derivative import derivative as jacobian
from denseloop._c_export.functions import for_header, functions, read
from denseloop._c_export.network import Source
from denseloop._c_export.selftest import selftest

WIDTH = 96
HINTS = """\
#if defined(__GNUC__) || defined(_MSC_VER)
#define NAME_RESTRICT __restrict
#elif defined(__cplusplus)
#define NAME_RESTRICT
#else
#define NAME_RESTRICT restrict
#endif

/* GCC makes vectors of a loop's steps only while it is a loop. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 8
#define NAME_KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define NAME_KEEP_LOOP
#endif"""


def header(exported, name, vectors, *, derivative=False, fused=True):
    """Return the text of a header.

    Parameters
    ----------
    exported : Exported
    name : str
        Beginning of all names in the header.
    vectors : tuple of ndarray
        Test vectors X (n, n_inputs), and the outputs Y (n, n_outputs) that they must have.
    derivative : bool, default False
        Whether to add the derivatives of the outputs by the inputs.
    fused : bool, default True
        Whether products are added by fused multiply-adds, as denseloop does.
    """
    source = Source(exported, name)
    macro, dtype = source.macro, exported.dtype
    activations = {exported.activation(k)[0] for k in range(len(source.layers))}
    sizes = {
        "INPUTS": exported.layer_sizes[0],
        "OUTPUTS": exported.n_outputs,
        "SCRATCH": source.scratch(),
    }
    parts = [
        comment(exported, name, fused),
        f"#ifndef {macro}_H\n#define {macro}_H",
        for_header(read("prelude"), name, dtype),
        HINTS.replace("NAME", macro),
        "\n".join(f"#define {macro}_{label} {size}" for label, size in sizes.items()),
        functions(name, dtype, activations, fused),
        source.parameters(),
        steps.prepare(source),
        source.all_layers(),
        source.network(),
        steps.restore(source),
        source.predict(),
        classes(source),
        jacobian(source) if derivative else "",
        selftest(source, *vectors),
        f"#endif /* {macro}_H */",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comment(exported, name, fused):
    """Return the comment that says what the header has and how it is used."""
    layers = "-".join(map(str, exported.layer_sizes))
    used = ", ".join(exported.activation(k)[0] for k in range(len(exported.layer_sizes) - 1))
    many = f"{exported.n_networks} networks" if exported.n_networks > 1 else "A network"
    bits = (
        "Every result has the bits of denseloop's, on every machine with the arithmetic of IEEE "
        "754, whatever the compiler and its level of optimization."
        if fused
        else "Without fused multiply-adds: the same bits on every machine with the arithmetic of "
        "IEEE 754, but not those of denseloop's own outputs."
    )
    paragraphs = [
        f"{many} of the layers {layers} ({used}), made by denseloop {_core.version}.",
        f"{name}_predict(x, y) makes y[{name.upper()}_OUTPUTS] of x[{name.upper()}_INPUTS]. "
        f"{name}_selftest() returns how many bits of its test vectors are wrong, 0 if all is "
        f"well; define {name.upper()}_NO_SELFTEST to leave it out.",
        bits,
        f"It is C99 and C++. If the C library's fma is wrong, or missing, define "
        f"{name.upper()}_EMULATED_FMA."
        if fused
        else "It is C99 and C++, and needs no library.",
    ]
    lines = "\n\n".join(textwrap.fill(text, WIDTH) for text in paragraphs).splitlines()
    return "/* " + "\n   ".join(lines).replace("   \n", "\n") + " */"
