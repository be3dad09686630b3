"""What a header without fused multiply-adds computes, by NumPy.

Every operation is rounded by itself.
"""

import numpy as np

from denseloop._c_export import constants


def predict(exported, X):
    """Return the outputs (n, n_outputs) for X (n, n_inputs)."""
    Y = outputs(exported, prepared(exported, X))
    return Y if exported.output_step is None else apply(exported.output_step, Y).astype(X.dtype)


def prepared(exported, X):
    """Return X as the first layer takes it."""
    dtype = X.dtype
    for step in exported.input_steps:
        X = apply(step, X).astype(dtype)
        if step.limits:
            X = np.clip(X, *map(dtype.type, step.limits))
    return X


def apply(step, X):
    X, first, second = (array.astype(step.dtype) for array in (X, step.first, step.second))
    return (X - first) / second if step.kind == "standardize" else X * first + second


def outputs(exported, X):
    """Return the outputs (n, n_outputs) of all networks, before the output step."""
    with np.errstate(all="ignore"):  # of branches that are not taken
        each = [network_outputs(exported, flat, X) for flat in exported.parameters]
    return combined(exported, each)


def combined(exported, each):
    """Return the outputs (n, n_outputs) that users see, of those of each network."""
    if exported.binary:
        each = [np.hstack([1 - p, p]) for p in each]
    if not exported.average:
        return np.hstack(each)
    dtype = np.dtype(exported.sum_dtype or exported.dtype)
    total = np.zeros(each[0].shape, dtype)
    for own in each:
        total += own
    return (total / dtype.type(len(each))).astype(own.dtype)


def network_outputs(exported, flat, X):
    functions, at = Functions(X.dtype), 0
    for k, (fan_in, fan_out) in enumerate(zip(exported.layer_sizes, exported.layer_sizes[1:])):
        weights = flat[at : at + fan_in * fan_out].reshape(fan_in, fan_out)
        at += fan_in * fan_out
        z = np.zeros((len(X), fan_out), X.dtype)
        if exported.bias:
            z = z + flat[at : at + fan_out]
            at += fan_out
        for i in range(fan_in):
            z = X[:, i : i + 1] * weights[i] + z
        name, slope = exported.activation(k)
        X = functions.leaky_relu(z, slope) if slope is not None else getattr(functions, name)(z)
    return X


def add_product(x, y, z):
    return x * y + z


def product_rest(x, y, product):
    """Return what rounding has added to the product of x and y, as Dekker's product has it."""
    splitter = x.dtype.type(134217729 if x.dtype == np.float64 else 4097)
    x_high, y_high = (splitter * number - (splitter * number - number) for number in (x, y))
    x_low, y_low = x - x_high, y - y_high
    return ((product - x_high * y_high) - x_high * y_low - x_low * y_high) - x_low * y_low


class Functions:
    """The activations of `c`, for arrays (n, units) of a dtype."""

    def __init__(self, dtype):
        self._dtype = dtype
        exp, normal = constants.EXP[dtype.name], constants.NORMAL[dtype.name]
        self.EXP = {key: dtype.type(value) for key, value in exp.items()}
        self.NORMAL = {key: dtype.type(value) for key, value in normal.items()}
        self._exp_polynomial = constants.EXP_POLYNOMIAL[dtype.name]
        self._normal_polynomial = constants.NORMAL_POLYNOMIAL[dtype.name]

    def identity(self, z):
        return z

    def relu(self, z):
        return np.where(z < 0, self._dtype.type(0), z)

    def leaky_relu(self, z, slope):
        return np.where(np.signbit(z), self._dtype.type(slope) * z, z)

    def sigmoid(self, z):
        E, one = self.EXP, self._dtype.type(1)
        power, deficit, _, _ = self._exp_minus(np.minimum(E["LARGEST"], z))
        near = one / add_product(-deficit, power, one + power)
        below = one / (add_product(-deficit, power, one) + power)
        found = np.where(np.signbit(z + self._dtype.type(16)), below, near)
        return np.where(np.signbit(z + E["LARGEST"]), self._exp_minus_far_out(0 - z), found)

    def tanh(self, x):
        one, two, half = map(self._dtype.type, (1, 2, 0.5))
        z = np.minimum(self._dtype.type(40), abs(x))
        power, deficit, deficit_error, _ = self._exp_minus(z + z)
        from_power = one - power
        rest = add_product(power, deficit, from_power)
        rest_error = add_product(
            power, deficit_error, add_product(power, deficit, from_power - rest)
        )
        divisor = two - rest
        q = rest / divisor
        one_more = one + q
        remainder = add_product(rest_error, one_more, add_product(-q, divisor, rest))
        t = add_product(remainder * one_more, half, q)
        return np.where(np.signbit(x), -t, t)

    def exp(self, x):
        minus_x = 0 - x
        far = np.signbit(self.EXP["LARGEST"] - abs(x))
        near = self._near_exp_minus(np.where(far, self._dtype.type(0), minus_x))
        return np.where(far, self._exp_minus_far_out(minus_x), near)

    def softmax(self, z):
        below = z.max(axis=1, keepdims=True) - z
        far = np.signbit(self.EXP["LARGEST"] - below)
        near = self._near_exp_minus(np.where(far, self._dtype.type(0), below))
        a = np.where(far, self._exp_minus_far_out(below), near)
        total = np.zeros_like(a[:, :1])
        for j in range(a.shape[1]):
            total = total + a[:, j : j + 1]
        return a / total

    def gelu(self, x):
        z = np.maximum(self._dtype.type(-64), x)
        return z * self._normal_cdf(z)

    def _polynomial(self, coefficients, variable, square):
        coefficients = [self._dtype.type(number) for number in coefficients]
        chains = []
        degree = len(coefficients) - 1
        for first in (degree - degree % 2, degree - 1 + degree % 2):
            chain = coefficients[first]
            for k in range(first - 2, -1, -2):
                chain = add_product(chain, square, coefficients[k])
            chains.append(chain)
        return add_product(chains[1], variable, chains[0])

    def _exponent_bits(self, t):
        word, bits = (np.uint64, 52) if self._dtype == np.float64 else (np.uint32, 23)
        return (np.ascontiguousarray(t).view(word) << word(bits)).view(self._dtype)

    def _exp_minus(self, x):
        E = self.EXP
        t = add_product(-x, E["LOG2_E"], E["ROUNDING"])
        n = t - E["ROUNDING"]
        s = add_product(n, E["LN2_LO"], add_product(n, E["LN2_HI"], x))
        s2 = s * s
        q = self._polynomial(self._exp_polynomial, s, s2)
        deficit = add_product(-s2, q, s)
        return self._exponent_bits(t), deficit, add_product(-s2, q, s - deficit), n

    def _near_exp_minus(self, x):
        power, deficit, _, _ = self._exp_minus(x)
        return add_product(-deficit, power, power)

    def _exp_minus_far_out(self, x):
        rounding, bound = self.EXP["ROUNDING"], self.EXP["VANISHING"]
        _, deficit, _, n = self._exp_minus(np.maximum(-bound, np.minimum(bound, x)))
        half_n = add_product(n, self._dtype.type(0.5), rounding) - rounding
        power = self._exponent_bits(half_n + rounding)
        rest = self._exponent_bits((n - half_n) + rounding)
        return add_product(-deficit, power, power) * rest

    def _normal_cdf(self, x):
        E, N, one = self.EXP, self.NORMAL, self._dtype.type(1)
        t = np.minimum(N["LARGEST"], abs(x))
        half_t = t * self._dtype.type(0.5)
        h = t * half_t
        minus_h_lo = product_rest(t, half_t, h)
        shifted = add_product(-h, E["LOG2_E"], N["ROUNDING"])
        n = shifted - N["ROUNDING"]
        s_hi = add_product(n, E["LN2_HI"], h)
        s_lo = add_product(-n, E["LN2_LO"], minus_h_lo)
        s = s_hi - s_lo
        first = one - s_hi
        polynomial = self._polynomial(self._exp_polynomial, s, s * s)
        rest = add_product(s * s, polynomial, ((one - first) - s_hi) + s_lo)
        power = self._exponent_bits(shifted)
        divisor = t + N["NEAR"]
        divisor_error = t - (divisor - N["NEAR"])
        far_divisor = t + N["FAR"]
        reciprocal = one / (divisor * far_divisor)
        w, inverse = t * (divisor * reciprocal), far_divisor * reciprocal
        v = w - N["CENTRE"]
        p = self._polynomial(self._normal_polynomial, v, v * v)
        ratio = add_product(w, p, N["HALF_NEAR"]) * inverse
        remainder = add_product(w, p, add_product(-ratio, divisor, N["HALF_NEAR"]))
        ratio_error = add_product(-ratio, divisor_error, remainder) * inverse
        upper = ratio * power
        lower = add_product(ratio_error, first, ratio * rest) * power
        below_half = add_product(upper, first, lower) * N["UNSHIFT"]
        above_half = add_product(-upper, first, N["SHIFTED_HALF"]) - lower
        half = add_product(above_half, N["UNSHIFT"], self._dtype.type(0.5))
        return np.where(np.signbit(x), below_half, half)
