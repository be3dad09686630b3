// The docstrings of the ufuncs; NumPy puts the signature before each. Their examples are run as
// tests.
#pragma once

namespace denseloop::docs {

constexpr const char* sigmoid = R"(The logistic sigmoid 1 / (1 + exp(-x)), elementwise.

Within 1.0 ULP of the exact value at every input, also where the textbook formula returns 0
(below -709.78 in float64) although the exact value is a subnormal number. Raises no
floating-point warning. Both are for float32 and float64.

Parameters
----------
x : array_like
    Pre-activations, also by the tutorials' other name ``sop``. Integers are promoted to the
    smallest of float32 and float64 that holds them. longdouble, complex numbers and objects are
    computed by the formula, and arrays of other libraries by their own operations.
out, where, casting, order, dtype, subok
    As for every NumPy ufunc.

Returns
-------
ndarray or scalar
    In [0, 1], of the shape of `x`.

Notes
-----
exp(-abs(x)) is computed as an unevaluated sum of two numbers, and the quotient is corrected once
by its remainder.

Examples
--------
>>> from denseloop import sigmoid
>>> float(sigmoid(0.0))
0.5
>>> sigmoid([-800.0, 0.0, 800.0])
array([0. , 0.5, 1. ])
)";

constexpr const char* sigmoid_der =
    R"(The derivative s(x) (1 - s(x)) of the logistic sigmoid, elementwise.

The tutorials give it three names: ``sigmoid_der``, ``sigmoid_sop_deriv`` and
``activation_sop_deriv`` are this one function. For negative x it is within 2 ULP of the exact
value. Where s(x) is next to 1, the difference 1 - s(x) is rounded as in the formula, which a
listing's figures depend on: it loses a decimal digit for each 2.3 by which x grows, and is 0 from
37 on (17 in float32). The function is even, so ``sigmoid_der(-abs(x))`` keeps all digits. Raises no
floating-point warning.

Parameters
----------
x : array_like
    Pre-activations, also by the name ``sop``, of the types that `sigmoid` takes. (Some listings
    of the tutorials hand over the activation instead.)
out, where, casting, order, dtype, subok
    As for every NumPy ufunc.

Returns
-------
ndarray or scalar
    In [0, 1/4], of the shape of `x`.

Examples
--------
>>> from denseloop import sigmoid_der
>>> sigmoid_der([0.0, -40.0, 40.0])
array([2.50000000e-01, 4.24835426e-18, 0.00000000e+00])
)";

constexpr const char* error = R"(The squared error (predicted - target)**2, elementwise.

Parameters
----------
predicted, target : array_like
    Broadcast against each other, and taken by these names too. Integers give integers, objects and
    arrays of other libraries what their operators give, as in NumPy.
out, where, casting, order, dtype, subok
    As for every NumPy ufunc.

Returns
-------
ndarray or scalar
    Not summed.

Examples
--------
>>> from denseloop import error
>>> error([1.0, 2.0], 0.5)
array([0.25, 2.25])
>>> error(predicted=0.75, target=0.5)
np.float64(0.0625)
)";

constexpr const char* error_predicted_deriv =
    R"(The derivative 2 (predicted - target) of `error` by `predicted`, elementwise.

Parameters
----------
predicted, target : array_like
    Broadcast against each other, and taken by these names too. Integers give integers, objects and
    arrays of other libraries what their operators give, as in NumPy.
out, where, casting, order, dtype, subok
    As for every NumPy ufunc.

Returns
-------
ndarray or scalar

Examples
--------
>>> from denseloop import error_predicted_deriv
>>> error_predicted_deriv([1.0, 2.0], 0.5)
array([1., 3.])
)";

constexpr const char* update_w =
    R"(One step of gradient descent, w - learning_rate * grad, elementwise.

Parameters
----------
w, grad, learning_rate : array_like
    Broadcast against each other, and taken by these names too. Integers give integers, objects and
    arrays of other libraries what their operators give, as in NumPy.
out, where, casting, order, dtype, subok
    As for every NumPy ufunc; ``out=w`` updates in place.

Returns
-------
ndarray or scalar
    The new weights.

Examples
--------
>>> from denseloop import update_w
>>> update_w([1.0, 2.0], [0.5, -0.5], 0.5)
array([0.75, 2.25])
)";

}  // namespace denseloop::docs
