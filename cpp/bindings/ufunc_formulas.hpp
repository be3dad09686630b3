// The formulas of the ufuncs, operation for operation as in the tutorials' listings. T is a number,
// or a Python object whose own operators compute.
#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <tuple>

#include "targets/dispatch.hpp"

namespace denseloop {

namespace py = pybind11;

// The arithmetic of NumPy's complex numbers, which leaves what is not finite as it comes.
template <class Real>
struct Complex {
    Real real, imag;

    explicit Complex(Real real_part, Real imaginary_part = 0)
        : real(real_part), imag(imaginary_part) {}

    friend Complex operator-(Complex a) { return Complex(-a.real, -a.imag); }
    friend Complex operator+(Complex a, Complex b) {
        return Complex(a.real + b.real, a.imag + b.imag);
    }
    friend Complex operator-(Complex a, Complex b) { return a + -b; }
    friend Complex operator*(Complex a, Complex b) {
        return Complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real);
    }
    // The smaller part of b is scaled by the larger one, so that no square overflows.
    friend Complex operator/(Complex a, Complex b) {
        if (std::abs(b.real) >= std::abs(b.imag)) {
            const Real ratio = b.imag / b.real, size = b.real + b.imag * ratio;
            return Complex((a.real + a.imag * ratio) / size, (a.imag - a.real * ratio) / size);
        }
        const Real ratio = b.real / b.imag, size = b.imag + b.real * ratio;
        return Complex((a.real * ratio + a.imag) / size, (a.imag * ratio - a.real) / size);
    }
};

template <class T>
struct Whole {
    static T number(int value) { return T(value); }
};
template <class Real>
struct Whole<Complex<Real>> {
    static Complex<Real> number(int value) { return Complex<Real>(static_cast<Real>(value)); }
};
template <>
struct Whole<py::object> {
    static py::object number(int value) { return py::int_(value); }
};

template <class T>
T square(const T& x) {
    return x * x;
}
inline py::object square(const py::object& x) {
    PyObject* const result = PyNumber_Power(x.ptr(), py::int_(2).ptr(), Py_None);
    if (result == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(result);
}

// ---- the sigmoids of what no kernel takes

// exp() of a negative number only, which does not overflow.
inline long double formula_sigmoid(long double x) {
    const long double e = std::exp(-std::abs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

template <class Real>
Complex<Real> formula_sigmoid(Complex<Real> x) {
    const bool negative = x.real < 0;
    const Complex<Real> exponent = negative ? x : -x, one(1);
    const std::complex<Real> power = std::exp(std::complex<Real>(exponent.real, exponent.imag));
    const Complex<Real> e(power.real(), power.imag());
    return (negative ? e : one) / (one + e);
}

// An object may be a whole array of another library.
inline py::object formula_sigmoid(const py::object& x) {
    const py::object one = py::int_(1);
    return one / (one + py::module_::import("numpy").attr("exp")(-x));
}

// ---- the functions: the names of their arguments in the listings, and their values

struct Parameter {
    const char* name;
    std::size_t position;
};

struct Sigmoid {
    static constexpr std::size_t inputs = 1;
    static constexpr std::array parameters = {Parameter{"x", 0}, Parameter{"sop", 0}};

    template <class T>
    static auto kernel() {
        return active_kernels<T>().sigmoid;
    }
    template <class T>
    static T of(const T& x) {
        return formula_sigmoid(x);
    }
};

struct SigmoidDerivative {
    static constexpr std::size_t inputs = 1;
    static constexpr std::array parameters = Sigmoid::parameters;

    template <class T>
    static auto kernel() {
        return active_kernels<T>().sigmoid_derivative;
    }
    template <class T>
    static T of(const T& x) {
        const T s = formula_sigmoid(x);
        return s * (Whole<T>::number(1) - s);
    }
};

struct Error {
    static constexpr std::size_t inputs = 2;
    static constexpr std::array parameters = {Parameter{"predicted", 0}, Parameter{"target", 1}};

    template <class T>
    static T of(const T& predicted, const T& target) {
        return square(T(predicted - target));
    }
};

struct ErrorPredictedDeriv {
    static constexpr std::size_t inputs = 2;
    static constexpr std::array parameters = Error::parameters;

    template <class T>
    static T of(const T& predicted, const T& target) {
        return Whole<T>::number(2) * (predicted - target);
    }
};

struct UpdateW {
    static constexpr std::size_t inputs = 3;
    static constexpr std::array parameters = {Parameter{"w", 0}, Parameter{"grad", 1},
                                              Parameter{"learning_rate", 2}};

    template <class T>
    static T of(const T& w, const T& grad, const T& learning_rate) {
        return w - learning_rate * grad;
    }
};

// Whether float32 and float64 have a kernel, more accurate than the formula.
template <class Function>
constexpr bool has_kernel = requires { Function::template kernel<double>(); };

// The formula with the operators of the arguments.
template <class Function>
py::object formula_of_objects(const std::array<py::object, Function::inputs>& arguments) {
    return std::apply([](const auto&... each) { return Function::of(each...); }, arguments);
}

}  // namespace denseloop
