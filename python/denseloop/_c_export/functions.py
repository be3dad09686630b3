"""The elementary functions of a header, as C for one dtype.

The files of the folder `c` are C but for the words that stand for something else: `real` and
`word_t` for the types of a number and of its bits, `name` and `NAME` for the header's name, the
constants of `constants`, and comments in capital letters for functions.
"""

import re
from importlib.resources import files

import numpy as np

from denseloop._c_export import constants

DECIMALS = 7  # a shorter number is easier to read in decimals
FOLDER = files("denseloop._c_export") / "c"

WORDS = {
    "float64": {
        "real": "double",
        "word_t": "uint64_t",
        "WORD_BITS": "64",
        "MANTISSA_BITS": "52",
        "LIBRARY_FMA": "fma",
        "BUILTIN_FMA": "__builtin_fma",
        "ARM_FP_BIT": "8",
        "HAS_FAST_FMA": "__FP_FAST_FMA",
        "SPLITTER": "134217729.0",  # 2^27 + 1
        "REAL_MANT_DIG": "DBL_MANT_DIG",
        "SIGNIFICAND_BITS": "53",
    },
    "float32": {
        "real": "float",
        "word_t": "uint32_t",
        "WORD_BITS": "32",
        "MANTISSA_BITS": "23",
        "LIBRARY_FMA": "fmaf",
        "BUILTIN_FMA": "__builtin_fmaf",
        "ARM_FP_BIT": "4",
        "HAS_FAST_FMA": "__FP_FAST_FMAF",
        "SPLITTER": "4097.0f",  # 2^12 + 1
        "REAL_MANT_DIG": "FLT_MANT_DIG",
        "SIGNIFICAND_BITS": "24",
    },
}
EMULATED_FMA = {"float64": "emulated_fma_double", "float32": "emulated_fma_float"}
# What an activation is made of, in the order of definition.
PARTS = {
    "sigmoid": ["exponential", "sigmoid"],
    "tanh": ["exponential", "tanh"],
    "gelu": ["exponential", "gelu"],
    "exp": ["exponential", "exp"],
    "softmax": ["exponential", "softmax"],
    "relu": ["relu"],
    "leaky_relu": ["leaky_relu"],
    "identity": [],
}
TOKEN = re.compile(r"REAL\((-?[0-9.]+)\)|[A-Za-z_][A-Za-z0-9_]*")


def read(part):
    """Return the text of a file of the folder `c`."""
    return (FOLDER / f"{part}.h").read_text(encoding="ascii").strip()


def literal(number, dtype):
    """Return a number as a literal of its type, with all its bits."""
    number = float(np.dtype(dtype).type(number))
    suffix = "f" if dtype == "float32" else ""
    if len(repr(number)) <= DECIMALS:
        return repr(number) + suffix
    mantissa, exponent = number.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}{suffix}"


def polynomial(name, coefficients, dtype):
    """Return the function of a polynomial, whose even and odd powers are two chains."""
    coefficients = [literal(number, dtype) for number in coefficients]
    degree = len(coefficients) - 1
    lines = [
        f"static inline real name_{name}_polynomial(real s) {{",
        "const real s2 = s * s;",
        "real even, odd;",
    ]
    for chain, first in (("even", degree - degree % 2), ("odd", degree - 1 + degree % 2)):
        lines.append(f"{chain} = {coefficients[first]};")
        for k in range(first - 2, -1, -2):
            lines.append(f"{chain} = name_fma({chain}, s2, {coefficients[k]});")
    lines.append("return name_fma(odd, s, even);")
    return "\n    ".join(lines) + "\n}"


def functions(name, dtype, activations, fused):
    """Return the C of what layers with these activations need.

    Parameters
    ----------
    name : str
        The header's name.
    dtype : {"float64", "float32"}
    activations : iterable of str
    fused : bool
        Whether products are added by fused multiply-adds.
    """
    parts = []
    for activation in sorted(activations, key=list(PARTS).index):  # a ValueError if it is unknown
        parts += [part for part in PARTS[activation] if part not in parts]
    kind = "fma" if fused else "no_fma"
    terms = [f"{kind}_terms"] if "gelu" in parts else []
    text = "\n\n".join(read(part) for part in ["bits", kind, *terms, *parts])
    if fused:
        text = text.replace("/* FMA_BY_INTEGERS */", read(EMULATED_FMA[dtype]))
    exp, normal = constants.EXP_POLYNOMIAL[dtype], constants.NORMAL_POLYNOMIAL[dtype]
    text = text.replace("/* EXP_POLYNOMIAL */", polynomial("exp", exp, dtype))
    text = text.replace("/* NORMAL_POLYNOMIAL */", polynomial("normal", normal, dtype))
    return for_header(text, name, dtype)


def for_header(text, name, dtype):
    """Return C of the folder `c` with the words of a header of this name and dtype."""
    words = WORDS[dtype] | {"name": name, "NAME": name.upper()}
    for prefix, numbers in (("EXP", constants.EXP), ("NORMAL", constants.NORMAL)):
        for key, value in numbers[dtype].items():
            words[f"{prefix}_{key}"] = literal(value, dtype)

    def replacement(match):
        if match[1] is not None:
            return literal(match[1], dtype)
        word = match[0]
        for stem in ("name_", "NAME_"):
            if word.startswith(stem):
                return words[stem[:-1]] + word[len(stem) - 1 :]
        return words.get(word, word)

    return TOKEN.sub(replacement, text)
