"""What comes before and after the layers of a header: scaling, and the classes."""

from denseloop._c_export.functions import literal


def prepare(source):
    """Return the function that makes the first layer's inputs of x, and its constants."""
    steps = source.exported.input_steps
    if not steps:
        return ""
    name, real, count = source.name, source.real, source.exported.layer_sizes[0]
    arrays, lines = [], []
    for k, step in enumerate(steps):
        kind = kind_of(step)
        for which in ("first", "second"):
            label = f"{name}_step_{k + 1}_{which}"
            arrays.append(source.array(label, getattr(step, which), kind, step.dtype))
        value = f"({kind})x[i]" if k == 0 else f"({kind})a[i]"
        numbers = f"{name}_step_{k + 1}_first[i], {name}_step_{k + 1}_second[i]"
        lines.append(f"    for (i = 0; i < {count}; ++i)")
        lines.append(f"        a[i] = ({real}){call(name, step, value, numbers)};")
        if step.limits:
            low, high = (literal(limit, source.exported.dtype) for limit in step.limits)
            lines.append(f"    for (i = 0; i < {count}; ++i)")
            lines.append(f"        a[i] = a[i] < {low} ? {low} : a[i] > {high} ? {high} : a[i];")
    body = [f"static inline void {name}_prepare(const {real}* x, {real}* a) {{", "    int i;"]
    return "\n".join([*arrays, *functions_for(source, steps), "", *body, *lines, "}"])


def restore(source):
    """Return the function that takes y to the units of the targets, and its constants."""
    step = source.exported.output_step
    if step is None:
        return ""
    name, real, kind = source.name, source.real, kind_of(step)
    arrays = [
        source.array(f"{name}_output_{which}", getattr(step, which), kind, step.dtype)
        for which in ("first", "second")
    ]
    numbers = f"{name}_output_first[j], {name}_output_second[j]"
    value = call(name, step, f"({kind})y[j]", numbers)
    return "\n".join(
        [
            *arrays,
            *functions_for(source, [step], without=source.exported.input_steps),
            "",
            f"static inline void {name}_restore({real}* y) {{",
            "    int j;",
            f"    for (j = 0; j < {source.exported.layer_sizes[-1]}; ++j)",
            f"        y[j] = ({real}){value};",
            "}",
        ]
    )


def kind_of(step):
    return "double" if step.dtype == "float64" else "float"


def call(name, step, value, numbers):
    return f"{name}_{step.kind}_{kind_of(step)}({value}, {numbers})"


def functions_for(source, steps, without=()):
    """Return the functions of these steps, each once, but those that the others have."""
    have = {(step.kind, kind_of(step)) for step in without}
    found = []
    for step in steps:
        key = step.kind, kind_of(step)
        if key in have:
            continue
        have.add(key)
        kind, label = kind_of(step), f"{source.name}_{step.kind}_{kind_of(step)}"
        head = f"static inline {kind} {label}({kind} x, {kind} first, {kind} second) {{"
        if step.kind == "standardize":
            found += ["", head, "    return (x - first) / second;", "}"]
        else:
            found += [
                "",
                head,
                f"    const volatile {kind} product = x * first; /* not fused with the sum */",
                "    return product + second;",
                "}",
            ]
    return found
