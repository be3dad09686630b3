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
    vectors : sequence of ndarray
        Test vectors X (n, n_inputs), the outputs (n, n_outputs) that they must have, and the
        derivatives (n, n_outputs * n_inputs) if the self-test shall compare them.
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
        comment(source, derivative, fused),
        f"#ifndef {macro}_H\n#define {macro}_H\n#define {macro}_H_OF_{name}",
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
        selftest(source, fused, *vectors),
        f"#elif !defined({macro}_H_OF_{name})\n"
        f'#error "{name}.h: another header has a name that differs from it in its case only"\n'
        f"#endif",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comment(source, derivative, fused):
    """Return the comment that says what the header has."""
    exported = source.exported
    layers = "-".join(map(str, exported.layer_sizes))
    used = list(dict.fromkeys(str(activation) for activation in exported.activations))
    many = f"{exported.n_networks} networks" if exported.n_networks > 1 else "A network"
    bits = (
        "All results but what is no number have the bits of denseloop's, on every machine with the "
        "arithmetic of IEEE 754, whatever the compiler and its level of optimization."
        if fused
        else "Without fused multiply-adds: the same bits on every machine with the arithmetic of "
        "IEEE 754, but not those of denseloop's own outputs."
    )
    paragraphs = [
        f"{many} of the layers {layers} ({', '.join(used)}), made by denseloop {_core.version}.",
        *("\n".join(lines) for lines in contents(source, derivative)),
        f"{bits} The header is C99, C++17 and GNU C++; define {source.macro}_EMULATED_FMA if the C "
        "library's fma is wrong or missing."
        if fused
        else f"{bits} The header is C99, C++17 and GNU C++, and needs no library.",
    ]
    wrapped = [text if "\n" in text else textwrap.fill(text, WIDTH) for text in paragraphs]
    lines = "\n\n".join(wrapped).splitlines()
    return "/* " + "\n".join(f"   {line}".rstrip() for line in lines).lstrip() + " */"


def contents(source, derivative):
    """Yield the lines on each public function."""
    name, real, macro = source.name, source.real, source.macro
    units = ", in their own units" if source.exported.input_steps else ""
    yield [
        f"void {name}_predict(const {real}* x, {real}* y)",
        f"    makes y[{macro}_OUTPUTS] of x[{macro}_INPUTS]{units}; the two must not overlap.",
        f"    {name}_predict_in(x, y, scratch) uses scratch[{macro}_SCRATCH], not the stack.",
    ]
    if derivative:
        yield [
            f"void {name}_jacobian(const {real}* x, {real}* y, {real}* d)",
            f"    also makes d[{macro}_INPUTS * i + j], the derivative of y[i] by x[j].",
            f"    {name}_jacobian_in(x, y, d, scratch) takes scratch[{macro}_JACOBIAN_SCRATCH].",
        ]
    if source.exported.classes is not None:
        if source.exported.several:
            yield [
                f"void {name}_classes(const {real}* x, int* has)",
                f"    sets has[{macro}_OUTPUTS] to 1 for each class of x, to 0 for the others.",
            ]
        else:
            yield [
                f"int {name}_class(const {real}* x)",
                "    returns the number of the most probable class.",
            ]
        yield [f"{name}_label(int j)", "    returns the label of class j."]
    yield [
        f"int {name}_selftest(void)",
        "    returns how many bits of the results for some inputs are wrong: 0 if all is well.",
        f"    {macro}_NO_SELFTEST leaves it out.",
    ]
