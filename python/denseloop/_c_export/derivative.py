"""The derivatives of a network's outputs by its inputs, in C."""

from denseloop._c_export.functions import for_header

# delta times the derivative of the activation, from its value a or its argument z.
THROUGH = {
    "sigmoid": "delta * name_fma(-a, a, a)",
    "tanh": "delta * name_fma(-a, a, REAL(1))",
    "relu": "a > REAL(0) ? delta : REAL(0)",
    "leaky_relu": "a > REAL(0) ? delta : slope * delta",
    "exp": "delta * a",
}
GELU = """\
static inline real name_through_gelu(real delta, real z) {
    const real bounded = name_max(REAL(-64), z);
    const name_normal normal = name_normal_at(bounded);
    return delta * name_fma(bounded, normal.density, normal.cdf);
}"""


def through(activation):
    """Return the function of an activation that takes a delta to its argument, or nothing."""
    if activation == "gelu":
        return GELU
    if activation not in THROUGH:
        return ""
    slope = ", real slope" if activation == "leaky_relu" else ""
    return (
        f"static inline real name_through_{activation}(real delta, real a{slope}) {{\n"
        f"    return {THROUGH[activation]};\n}}"
    )


def uses_argument(activation):
    """Return whether the derivative needs the argument of the activation, not its value."""
    return activation == "gelu"


def derivative(source):
    """Return name_jacobian and what it needs."""
    names = {source.exported.activation(k)[0] for k in range(len(source.layers))}
    parts = [for_header(through(name), source.name, source.exported.dtype) for name in names]
    parts = sorted(part for part in parts if part)
    return "\n\n".join([*parts, network_jacobian(source), *public_functions(source)])


class Memory:
    """Where the derivatives keep what they need: names by offset."""

    def __init__(self, source):
        self.size = 0
        last = len(source.layers) - 1
        self.outputs, self.arguments = [], []
        for k, (_, units) in enumerate(source.layers):
            self.outputs.append("y" if k == last else self._take(units))
            needs = uses_argument(source.exported.activation(k)[0])
            self.arguments.append(self._take(units) if needs else self.outputs[-1])
        width = max(units for _, units in source.layers)
        self.deltas = [self._take(width), self._take(width)]

    def _take(self, count):
        at, self.size = self.size, self.size + count
        return f"(memory + {at})" if at else "memory"


def network_jacobian(source):
    """Return the function that makes y and the derivatives d of the network with parameters w."""
    name, real, memory = source.name, source.real, Memory(source)
    last, n_inputs = len(source.layers) - 1, source.layers[0][0]
    lines = []
    for k in range(last + 1):
        x = "x" if k == 0 else memory.outputs[k - 1]
        z, a = memory.arguments[k], memory.outputs[k]
        if z == a:
            lines.append(f"    {name}_layer_{k + 1}({x}, {source.weights(k)}, {a});")
        else:
            lines.append(f"    {name}_sums_{k + 1}({x}, {source.weights(k)}, {z});")
            lines += source.activate(k, z, a)
    lines.append(f"    for (output = 0; output < {source.layers[last][1]}; ++output) {{")
    lines += seed(source, memory)
    delta = 0
    for k in range(last, -1, -1):
        fan_in, fan_out = source.layers[k]
        below = f"d[{n_inputs} * output + i]" if k == 0 else f"{memory.deltas[1 - delta]}[i]"
        value = "sum"
        if k > 0:
            value = call_through(source, k - 1, "sum", f"{memory.arguments[k - 1]}[i]")
        weight = f"w[{source.starts[k]} + {fan_out} * i + j]" if k else f"w[{fan_out} * i + j]"
        lines += [
            f"        for (i = 0; i < {fan_in}; ++i) {{",
            f"            {real} sum = {source.literal(0)};",
            f"            for (j = 0; j < {fan_out}; ++j)",
            f"                sum = {name}_fma({weight}, {memory.deltas[delta]}[j], sum);",
            f"            {below} = {value};",
            "        }",
        ]
        delta = 1 - delta
    return "\n".join(
        [
            f"static inline void {name}_network_jacobian(const {real}* x, const {real}* w,",
            f"    {real}* y, {real}* d, {real}* memory) {{",
            "    int output, i, j;",
            *lines,
            "    }",
            "}",
        ]
    )


def seed(source, memory):
    """Return the statements that make the deltas of the last layer, for the output `output`."""
    last = len(source.layers) - 1
    units, delta = source.layers[last][1], memory.deltas[0]
    one, zero = source.literal(1), source.literal(0)
    if source.exported.activation(last)[0] == "softmax":
        value = f"y[output] * ((j == output ? {one} : {zero}) - y[j])"
    else:
        value = call_through(source, last, one, f"{memory.arguments[last]}[j]")
        value = f"j == output ? {value} : {zero}"
    return [f"        for (j = 0; j < {units}; ++j)", f"            {delta}[j] = {value};"]


def call_through(source, k, delta, argument):
    activation, slope = source.exported.activation(k)
    if activation == "identity":
        return delta
    more = "" if slope is None else f", {source.literal(slope)}"
    return f"{source.name}_through_{activation}({delta}, {argument}{more})"


def public_functions(source):
    """Return the size of the scratch memory, and the functions for users."""
    name, real, macro, exported = source.name, source.real, source.macro, source.exported
    n_inputs, each = source.layers[0][0], source.layers[-1][1]
    scratch, lines, x, free = Memory(source).size, [], "x", "scratch"
    if exported.input_steps:
        scratch += n_inputs
        lines.append(f"    {name}_prepare(x, scratch);")
        x, free = "scratch", f"scratch + {n_inputs}"
    lines += [
        f"    for (k = 0; k < {exported.n_networks}; ++k)",
        f"        {name}_network_jacobian({x}, {name}_parameters + {source.n_parameters} * k,",
        f"            y + {each} * k, d + {each * n_inputs} * k, {free});",
    ]
    variables = "k"
    if exported.input_steps or exported.output_step:
        variables = "i, j, k"
        lines += in_users_units(source)
    if exported.output_step:
        lines.append(f"    {name}_restore(y);")
    yield f"#define {macro}_JACOBIAN_SCRATCH {scratch}"
    yield "\n".join(
        [
            f"/* y[{macro}_OUTPUTS], and d[{macro}_INPUTS * i + j] is the derivative of y[i] by "
            "x[j]. */",
            f"static inline void {name}_jacobian_in(const {real}* x, {real}* y, {real}* d,",
            f"    {real}* scratch) {{",
            f"    int {variables};",
            *lines,
            "}",
            "",
            f"static inline void {name}_jacobian(const {real}* x, {real}* y, {real}* d) {{",
            f"    {real} scratch[{macro}_JACOBIAN_SCRATCH];",
            f"    {name}_jacobian_in(x, y, d, scratch);",
            "}",
        ]
    )


def in_users_units(source):
    """Return the statements that take the derivatives d to the units of x and y."""
    name, exported = source.name, source.exported
    n_inputs, each = source.layers[0][0], source.layers[-1][1]
    lines = [
        f"    for (i = 0; i < {each * exported.n_networks}; ++i)",
        f"        for (j = 0; j < {n_inputs}; ++j) {{",
        f"            double change = (double)d[{n_inputs} * i + j];",
    ]
    if exported.output_step:
        lines.append(f"            change = change * (double){name}_output_first[i];")
    for k in range(len(exported.input_steps), 0, -1):
        divides = exported.input_steps[k - 1].kind == "standardize"
        which, sign = ("second", "/") if divides else ("first", "*")
        lines.append(f"            change = change {sign} (double){name}_step_{k}_{which}[j];")
    return [*lines, f"            d[{n_inputs} * i + j] = ({source.real})change;", "        }"]
