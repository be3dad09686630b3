// The loops of the ufuncs over the elements of arrays, which NumPy calls.
#pragma once

#include <algorithm>
#include <cfenv>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/compiler.hpp"
#include "base/fp_environment.hpp"
#include "base/vector_size.hpp"
#include "bindings/numpy_c_api.hpp"
#include "bindings/ufunc_formulas.hpp"

namespace denseloop {

// ---- by a kernel of the active target

// Not inlined: its buffer would make every call of one number set up a large frame.
template <class T, class Kernel>
DENSELOOP_NOINLINE void through_buffer(Kernel kernel, const char* in, char* out, npy_intp count,
                                       const npy_intp* steps) {
    alignas(vector_bytes) std::array<T, 256> buffer;
    for (npy_intp done = 0; done < count;) {
        const npy_intp n = std::min<npy_intp>(count - done, buffer.size());
        for (npy_intp i = 0; i < n; ++i, in += steps[0]) {
            buffer[i] = *reinterpret_cast<const T*>(in);
        }
        kernel(buffer.data(), buffer.data(), static_cast<std::size_t>(n));
        for (npy_intp i = 0; i < n; ++i, out += steps[1]) *reinterpret_cast<T*>(out) = buffer[i];
        done += n;
    }
}

// Contiguous arrays go to the kernel as they are, others through a buffer on the stack.
template <class Function, class T>
void kernel_loop(char** args, const npy_intp* count, const npy_intp* steps, void*) {
    const DefaultFpEnvironment environment;
    const auto kernel = Function::template kernel<T>();
    if (steps[0] == sizeof(T) && steps[1] == sizeof(T)) {
        kernel(reinterpret_cast<const T*>(args[0]), reinterpret_cast<T*>(args[1]),
               static_cast<std::size_t>(*count));
    } else {
        through_buffer<T>(kernel, args[0], args[1], *count, steps);
    }
}

// ---- by plain arithmetic

// Integers wrap around, as NumPy's do.
template <class T>
using Arithmetic = std::conditional_t<std::is_integral_v<T>, std::uint64_t, T>;

// The exception flags of long double are those of another unit on x86-64.
class HeldFpExceptions {
public:
    HeldFpExceptions(const HeldFpExceptions&) = delete;
    HeldFpExceptions& operator=(const HeldFpExceptions&) = delete;
    HeldFpExceptions() { std::feholdexcept(&found_); }
    ~HeldFpExceptions() { std::fesetenv(&found_); }

private:
    std::fenv_t found_;
};

template <class T>
constexpr bool is_extended =
    std::is_same_v<T, long double> || std::is_same_v<T, Complex<long double>>;

template <class Function, class T, std::size_t... Input>
void formula_loop(char** args, npy_intp count, const npy_intp* steps,
                  std::index_sequence<Input...>) {
    constexpr std::size_t output = sizeof...(Input);
    const auto element = [](char* base, npy_intp offset) -> T& {
        return *reinterpret_cast<T*>(base + offset);
    };
    const auto run = [&](auto... stride) {
        const std::array<npy_intp, output + 1> by = {stride...};
        for (npy_intp i = 0; i < count; ++i) {
            element(args[output], i * by[output]) = static_cast<T>(
                Function::of(static_cast<Arithmetic<T>>(element(args[Input], i * by[Input]))...));
        }
    };
    // Known strides let the compiler use vectors.
    constexpr npy_intp size = sizeof(T);
    if (((steps[Input] == size) && ...) && steps[output] == size) {
        run((static_cast<void>(Input), size)..., size);
    } else {
        run(steps[Input]..., steps[output]);
    }
}

template <class Function, class T>
void formula_loop(char** args, const npy_intp* count, const npy_intp* steps, void*) {
    const std::conditional_t<is_extended<T>, HeldFpExceptions, DefaultFpEnvironment> environment;
    formula_loop<Function, T>(args, *count, steps, std::make_index_sequence<Function::inputs>{});
}

// ---- of objects

// Python's numbers go to the kernel. An integer beyond float64 is left to the formula.
template <class Function>
py::object of_objects(const std::array<py::object, Function::inputs>& arguments) {
    if constexpr (has_kernel<Function>) {
        PyObject* const x = arguments[0].ptr();
        if (PyFloat_Check(x) || PyLong_Check(x)) {
            double number = PyFloat_AsDouble(x);
            if (PyErr_Occurred() == nullptr) {
                const DefaultFpEnvironment environment;
                Function::template kernel<double>()(&number, &number, 1);
                return py::float_(number);
            }
            PyErr_Clear();
        }
    }
    return formula_of_objects<Function>(arguments);
}

// Stops at the first error, which NumPy then finds.
template <class Function>
void object_loop(char** args, const npy_intp* count, const npy_intp* steps, void*) {
    constexpr std::size_t output = Function::inputs;
    const auto element = [&](std::size_t k, npy_intp i) {
        return reinterpret_cast<PyObject**>(args[k] + i * steps[k]);
    };
    try {
        for (npy_intp i = 0; i < *count; ++i) {
            std::array<py::object, output> arguments;
            for (std::size_t k = 0; k < output; ++k) {
                PyObject* const value = *element(k, i);  // null stands for None
                arguments[k] = py::reinterpret_borrow<py::object>(value ? value : Py_None);
            }
            PyObject* const result = of_objects<Function>(arguments).release().ptr();
            PyObject* const before = std::exchange(*element(output, i), result);
            Py_XDECREF(before);
        }
    } catch (py::error_already_set& error) {
        error.restore();
    }
}

}  // namespace denseloop
