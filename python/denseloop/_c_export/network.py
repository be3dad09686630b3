"""The layers of a header in C, and the functions that go through them."""

from denseloop._c_export.functions import literal

NUMBERS_A_LINE = 4
DECLARATIONS = "    int ", "    double ", "    float "  # which C99 compilers for chips want first


class Source:
    """Makes the C of one network's layers.

    Parameters
    ----------
    exported : Exported
    name : str
        The header's name.
    """

    def __init__(self, exported, name):
        self.exported, self.name = exported, name
        self.macro = name.upper()
        self.real = "double" if exported.dtype == "float64" else "float"
        sizes = exported.layer_sizes
        self.layers = list(zip(sizes, sizes[1:]))
        self.starts = [0]
        for fan_in, fan_out in self.layers:
            self.starts.append(self.starts[-1] + (fan_in + exported.bias) * fan_out)
        self.n_parameters = self.starts[-1]
        self.width = max(sizes[1:-1], default=0)  # of the widest hidden layer

    def literal(self, number):
        return literal(number, self.exported.dtype)

    def array(self, name, numbers, kind=None, dtype=None):
        """Return the definition of an array of constants."""
        dtype = dtype or self.exported.dtype
        texts = [literal(number, dtype) for number in numbers]
        rows = [texts[k : k + NUMBERS_A_LINE] for k in range(0, len(texts), NUMBERS_A_LINE)]
        lines = ",\n".join("    " + ", ".join(row) for row in rows)
        return f"static const {kind or self.real} {name}[{len(texts)}] = {{\n{lines}}};"

    def parameters(self):
        """Return the parameters of all networks: of each layer the weights, then the biases."""
        flat = self.exported.parameters.ravel()
        return "/* Of each layer the weights (fan_in, fan_out), then the biases. */\n" + self.array(
            f"{self.name}_parameters", flat
        )

    def all_layers(self):
        return "\n\n".join(self.layer(k) for k in range(len(self.layers)))

    def layer(self, k):
        """Return the functions that make a layer's sums, and its outputs, from its inputs x."""
        (fan_in, fan_out), name, real = self.layers[k], self.name, self.real
        start = f"w[{fan_in * fan_out} + j]" if self.exported.bias else self.literal(0)
        arguments = f"const {real}* x, const {real}* w, {real}* {self.macro}_RESTRICT a"
        return "\n".join(
            [
                f"/* Layer {k + 1}: {fan_in} -> {fan_out}. */",
                f"static inline void {name}_sums_{k + 1}({arguments}) {{",
                "    int i, j;",
                f"    for (j = 0; j < {fan_out}; ++j) a[j] = {start};",
                f"    for (i = 0; i < {fan_in}; ++i) {{",
                f"        {self.macro}_KEEP_LOOP",
                f"        for (j = 0; j < {fan_out}; ++j)",
                f"            a[j] = {name}_fma(x[i], w[{fan_out} * i + j], a[j]);",
                "    }",
                "}",
                "",
                f"static inline void {name}_layer_{k + 1}({arguments}) {{",
                f"    {name}_sums_{k + 1}(x, w, a);",
                *self.activate(k, "a", "a"),
                "}",
            ]
        )

    def activate(self, k, z, a):
        """Return the statements that make layer k's outputs of its sums."""
        activation, slope = self.exported.activation(k)
        units = self.layers[k][1]
        if activation == "softmax":
            return [f"    {self.name}_softmax({z}, {a}, {units});"]
        if activation == "identity" and z == a:
            return []
        value = f"{z}[unit]"
        if activation != "identity":
            more = "" if slope is None else f", {self.literal(slope)}"
            value = f"{self.name}_{activation}({value}{more})"
        return [
            "    {",
            "        int unit;",
            f"        for (unit = 0; unit < {units}; ++unit) {a}[unit] = {value};",
            "    }",
        ]

    def network(self):
        """Return the function that makes the outputs y of the network with parameters w."""
        name, real, last = self.name, self.real, len(self.layers) - 1
        calls = []
        for k in range(len(self.layers)):
            source = "x" if k == 0 else self.hidden(k - 1)
            target = "y" if k == last else self.hidden(k)
            calls.append(f"    {name}_layer_{k + 1}({source}, {self.weights(k)}, {target});")
        unused = [] if last else ["    (void)memory;"]
        if self.exported.binary:
            calls += ["    y[1] = y[0];", f"    y[0] = {self.literal(1)} - y[1];"]
        return "\n".join(
            [
                f"static inline void {name}_network(const {real}* x, const {real}* w, {real}* y,",
                f"    {real}* memory) {{",
                *unused,
                *calls,
                "}",
            ]
        )

    def weights(self, k):
        """Return where layer k's weights are, of the parameters w."""
        return f"w + {self.starts[k]}" if k else "w"

    def hidden(self, k):
        """Return where layer k's outputs are: two halves of the memory take turns."""
        return "memory" if k % 2 == 0 else f"memory + {self.width}"

    def scratch(self):
        """Return how many numbers a prediction keeps."""
        found = 2 * self.width
        if self.exported.input_steps:
            found += self.exported.layer_sizes[0]
        if self.exported.average:
            found += self.exported.outputs_of_each
        return max(1, found)

    def predict(self):
        """Return the public functions that predict."""
        name, real, macro = self.name, self.real, self.macro
        lines, x, free = [], "x", "scratch"
        if self.exported.input_steps:
            lines.append(f"    {name}_prepare(x, scratch);")
            x, free = "scratch", f"scratch + {self.exported.layer_sizes[0]}"
        lines += self.members(x, free)
        if self.exported.output_step:
            lines.append(f"    {name}_restore(y);")
        return "\n".join(
            [
                f"/* y[{macro}_OUTPUTS] for x[{macro}_INPUTS], in scratch[{macro}_SCRATCH]. */",
                f"static inline void {name}_predict_in(const {real}* x, {real}* y, "
                f"{real}* scratch) {{",
                *(line for line in lines if line.startswith(DECLARATIONS)),
                *(line for line in lines if not line.startswith(DECLARATIONS)),
                "}",
                "",
                "/* The same, in memory of the stack. */",
                f"static inline void {name}_predict(const {real}* x, {real}* y) {{",
                f"    {real} scratch[{macro}_SCRATCH];",
                f"    {name}_predict_in(x, y, scratch);",
                "}",
            ]
        )

    def members(self, x, free):
        """Return the statements that make y of all networks."""
        name, count = self.name, self.exported.n_networks
        each, size = self.exported.outputs_of_each, self.n_parameters
        weights = f"{name}_parameters"
        if count == 1 and not self.exported.average:
            return [f"    {name}_network({x}, {weights}, y, {free});"]
        if not self.exported.average:
            return [
                "    int k;",
                f"    for (k = 0; k < {count}; ++k)",
                f"        {name}_network({x}, {weights} + {size} * k, y + {each} * k, {free});",
            ]
        one = f"({free} + {2 * self.width})" if self.width else f"({free})"
        dtype = self.exported.sum_dtype or self.exported.dtype
        kind = "double" if dtype == "float64" else "float"
        return [
            "    int j, k;",
            f"    {kind} total[{each}];",
            f"    for (j = 0; j < {each}; ++j) total[j] = {literal(0, dtype)};",
            f"    for (k = 0; k < {count}; ++k) {{",
            f"        {name}_network({x}, {weights} + {size} * k, {one}, {free});",
            f"        for (j = 0; j < {each}; ++j) {{",
            "            /* No compiler fuses the sum with a product before it. */",
            f"            const volatile {kind} term = ({kind}){one}[j];",
            "            total[j] = total[j] + term;",
            "        }",
            "    }",
            f"    for (j = 0; j < {each}; ++j)",
            f"        y[j] = ({self.real})(total[j] / {literal(count, dtype)});",
        ]
