"""The classes of a header: which one a sample has, and how it is called."""

from numbers import Integral, Real

LOWEST = -(2**63)


def classes(source):
    """Return the functions that a classifier has beside its probabilities."""
    if source.exported.classes is None:
        return ""
    find = labels_of if source.exported.several else class_of
    return "\n\n".join([find(source), label(source)])


def class_of(source):
    name, real, macro = source.name, source.real, source.macro
    return "\n".join(
        [
            "/* The number of the most probable class of x, the first of several. */",
            f"static inline int {name}_class(const {real}* x) {{",
            f"    {real} y[{macro}_OUTPUTS];",
            "    int j, best = 0;",
            f"    {name}_predict(x, y);",
            f"    for (j = 1; j < {macro}_OUTPUTS; ++j)",
            "        if (y[j] > y[best]) best = j;",
            "    return best;",
            "}",
        ]
    )


def labels_of(source):
    name, real, macro = source.name, source.real, source.macro
    half = source.literal(0.5)
    return "\n".join(
        [
            "/* has[j] is 1 if x is likely to have class j, or else 0. */",
            f"static inline void {name}_classes(const {real}* x, int* has) {{",
            f"    {real} y[{macro}_OUTPUTS];",
            "    int j;",
            f"    {name}_predict(x, y);",
            f"    for (j = 0; j < {macro}_OUTPUTS; ++j) has[j] = y[j] > {half};",
            "}",
        ]
    )


def label(source):
    """Return the function that gives the label of a class by its number."""
    name, labels = source.name, source.exported.classes
    if all(isinstance(label, Integral) for label in labels):
        kind, texts = "int64_t", [integer(int(label)) for label in labels]
    elif all(isinstance(label, Real) for label in labels):
        kind, texts = "double", [float(label).hex() for label in labels]
    else:
        kind, texts = "const char *", [quoted(str(label)) for label in labels]
    constant = "static const char* const" if kind.endswith("*") else f"static const {kind}"
    listed = ",\n        ".join(texts)
    return "\n".join(
        [
            "/* The label of class j. */",
            f"static inline {kind}{'' if kind.endswith('*') else ' '}{name}_label(int j) {{",
            f"    {constant} labels[{len(texts)}] = {{\n        {listed}}};",
            "    return labels[j];",
            "}",
        ]
    )


def integer(label):
    """Return a label as a literal of C."""
    if not LOWEST <= label < -LOWEST:
        raise ValueError(f"labels must fit in 64 bits to be exported, got {label}")
    return "INT64_MIN" if label == LOWEST else f"INT64_C({label})"


def quoted(text):
    """Return a text as a literal of C, in UTF-8."""
    plain = "".join(chr(byte) if is_plain(byte) else f"\\{byte:03o}" for byte in text.encode())
    return f'"{plain}"'


def is_plain(byte):
    """Return whether a byte can be written as it is; ?? would begin a trigraph."""
    return 32 <= byte < 127 and chr(byte) not in '\\"?'
