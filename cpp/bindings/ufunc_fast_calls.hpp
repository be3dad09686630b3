// A fast way into a ufunc for numbers and small arrays, where NumPy's own way takes longer than the
// arithmetic. It calls the same loops. Every call that it does not know goes to call_slowly(), and
// so does everything that could give a warning.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/compiler.hpp"
#include "bindings/ufunc_calls.hpp"

namespace denseloop {

// Larger arrays gain little, and NumPy releases the GIL for them.
constexpr npy_intp largest_fast_count = 500;

// The dtypes of a call's arguments are a set of these.
enum : unsigned { python_float = 1, float32 = 2, float64 = 4, python_int = 8 };

// One argument: a number in the member of its dtype (float64 for Python's numbers), or an array.
struct Argument {
    unsigned dtype;
    double in_float64;
    float in_float32;
    PyArrayObject* array;
};

// Returns false for an array that needs more of NumPy's rules: other dtypes and byte orders,
// unaligned numbers, and metadata, which the result inherits.
inline bool read_array(PyObject* object, Argument& argument) {
    auto* const array = reinterpret_cast<PyArrayObject*>(object);
    const int number = PyArray_TYPE(array);
    if (number != NPY_DOUBLE && number != NPY_FLOAT) return false;
    if (!PyArray_ISALIGNED(array) || !PyArray_ISNOTSWAPPED(array)) return false;
    if (PyDataType_METADATA(PyArray_DESCR(array)) != nullptr) return false;
    argument.dtype = number == NPY_DOUBLE ? float64 : float32;
    if (PyArray_NDIM(array) > 0) {
        argument.array = array;
    } else if (number == NPY_DOUBLE) {
        argument.in_float64 = *static_cast<const double*>(PyArray_DATA(array));
    } else {
        argument.in_float32 = *static_cast<const float*>(PyArray_DATA(array));
    }
    return true;
}

// Returns false for an integer that float64 may not hold.
inline bool read_integer(PyObject* object, Argument& argument) {
    constexpr long long largest = 1LL << 53;
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0 || value > largest || value < -largest) return false;
    argument.dtype = python_int;
    argument.in_float64 = static_cast<double>(value);
    return true;
}

// Returns false for any other type, subclasses among them.
inline bool read_argument(PyObject* object, Argument& argument) {
    const PyTypeObject* const type = Py_TYPE(object);
    argument.array = nullptr;
    if (type == &PyFloat_Type) {
        argument.dtype = python_float;
        argument.in_float64 = PyFloat_AS_DOUBLE(object);
    } else if (type == &PyDoubleArrType_Type) {
        argument.dtype = float64;
        argument.in_float64 = PyArrayScalar_VAL(object, Double);
    } else if (type == &PyArray_Type) {
        return read_array(object, argument);
    } else if (type == &PyFloatArrType_Type) {
        argument.dtype = float32;
        argument.in_float32 = PyArrayScalar_VAL(object, Float);
    } else if (type == &PyLong_Type) {
        return read_integer(object, argument);
    } else {
        return false;
    }
    return true;
}

// A number of Python's as float32. Returns false where NumPy's conversion could give a warning.
inline bool narrow(Argument& argument) {
    using Limits = std::numeric_limits<float>;
    const double size = std::abs(argument.in_float64);
    if (!(size >= Limits::min() && size <= Limits::max()) && size != 0) return false;
    argument.in_float32 = static_cast<float>(argument.in_float64);
    return true;
}

// What NumPy would make of the arguments together: arrays of one shape, and one order in memory,
// with numbers beside them.
struct Outline {
    unsigned dtypes = 0;
    PyArrayObject* array = nullptr;  // null if all are numbers
    int order = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS;

    bool add(const Argument& argument) {
        dtypes |= argument.dtype;
        if (argument.array == nullptr) return true;
        order &= PyArray_FLAGS(argument.array);
        if (array == nullptr) array = argument.array;
        return order != 0 && PyArray_SAMESHAPE(array, argument.array);
    }
    bool mixes_dtypes() const { return (dtypes & float32) != 0 && (dtypes & float64) != 0; }
    PyObject* new_array(int type_number) const {
        return PyArray_EMPTY(PyArray_NDIM(array), PyArray_DIMS(array), type_number,
                             (order & NPY_ARRAY_C_CONTIGUOUS) == 0);
    }
};

// The loops for float32 and float64 are followed by five others, see ufuncs.cpp.
template <class T>
struct Result;
template <>
struct Result<double> {
    static constexpr int type_number = NPY_DOUBLE, loop_from_end = 6;
    static PyObject* scalar() { return PyArrayScalar_New(Double); }
    static char* number(PyObject* scalar) {
        return reinterpret_cast<char*>(&PyArrayScalar_VAL(scalar, Double));
    }
    static char* number(Argument& argument) {
        return reinterpret_cast<char*>(&argument.in_float64);
    }
};
template <>
struct Result<float> {
    static constexpr int type_number = NPY_FLOAT, loop_from_end = 7;
    static PyObject* scalar() { return PyArrayScalar_New(Float); }
    static char* number(PyObject* scalar) {
        return reinterpret_cast<char*>(&PyArrayScalar_VAL(scalar, Float));
    }
    static char* number(Argument& argument) {
        return reinterpret_cast<char*>(&argument.in_float32);
    }
};

// Runs the ufunc's own loop for T.
template <class T, std::size_t Inputs>
void run_loop(const PyUFuncObject* ufunc, std::array<char*, Inputs + 1>& data,
              const std::array<npy_intp, Inputs + 1>& steps, npy_intp count) {
    const int loop = ufunc->ntypes - Result<T>::loop_from_end;
    ufunc->functions[loop](data.data(), &count, steps.data(), ufunc->data[loop]);
}

template <class T, std::size_t Inputs>
PyObject* of_numbers(const PyUFuncObject* ufunc, std::array<Argument, Inputs>& arguments) {
    PyObject* const result = Result<T>::scalar();
    if (result == nullptr) return nullptr;
    std::array<char*, Inputs + 1> data;
    std::array<npy_intp, Inputs + 1> steps;
    for (std::size_t k = 0; k < Inputs; ++k) data[k] = Result<T>::number(arguments[k]);
    data[Inputs] = Result<T>::number(result);
    steps.fill(sizeof(T));
    run_loop<T, Inputs>(ufunc, data, steps, 1);
    return result;
}

// A number has step 0 beside an array.
template <class T, std::size_t Inputs>
DENSELOOP_NOINLINE PyObject* of_arrays(const PyUFuncObject* ufunc,
                                       std::array<Argument, Inputs>& arguments,
                                       const Outline& outline) {
    PyObject* const result = outline.new_array(Result<T>::type_number);
    if (result == nullptr) return nullptr;
    std::array<char*, Inputs + 1> data;
    std::array<npy_intp, Inputs + 1> steps;
    for (std::size_t k = 0; k < Inputs; ++k) {
        PyArrayObject* const array = arguments[k].array;
        data[k] = array == nullptr ? Result<T>::number(arguments[k]) : PyArray_BYTES(array);
        steps[k] = array == nullptr ? 0 : sizeof(T);
    }
    data[Inputs] = PyArray_BYTES(reinterpret_cast<PyArrayObject*>(result));
    steps[Inputs] = sizeof(T);
    run_loop<T, Inputs>(ufunc, data, steps, PyArray_SIZE(outline.array));
    return result;
}

template <class T, std::size_t Inputs>
PyObject* compute(const PyUFuncObject* ufunc, std::array<Argument, Inputs>& arguments,
                  const Outline& outline) {
    return outline.array == nullptr ? of_numbers<T>(ufunc, arguments)
                                    : of_arrays<T>(ufunc, arguments, outline);
}

// The vectorcall of a ufunc.
template <class Function>
PyObject* call_ufunc(PyObject* self, PyObject* const* args, std::size_t flags, PyObject* names) {
    constexpr std::size_t inputs = Function::inputs;
    const auto slowly = [&] { return call_slowly<Function>(self, args, flags, names); };
    if (names != nullptr || PyVectorcall_NARGS(flags) != inputs) return slowly();
    std::array<Argument, inputs> arguments;
    Outline outline;
    for (std::size_t k = 0; k < inputs; ++k) {
        if (!read_argument(args[k], arguments[k]) || !outline.add(arguments[k])) return slowly();
    }
    if (outline.mixes_dtypes()) return slowly();
    if (outline.dtypes == python_int && !has_kernel<Function>) return slowly();  // integers
    if (outline.array != nullptr && PyArray_SIZE(outline.array) > largest_fast_count) {
        return slowly();
    }
    const auto* const ufunc = reinterpret_cast<const PyUFuncObject*>(self);
    if ((outline.dtypes & float32) == 0) return compute<double>(ufunc, arguments, outline);
    for (Argument& argument : arguments) {
        const bool is_pythons = (argument.dtype & (python_float | python_int)) != 0;
        if (is_pythons && !narrow(argument)) return slowly();
    }
    return compute<float>(ufunc, arguments, outline);
}

// Puts these calls in front of NumPy's, if this NumPy calls its ufuncs as those known here.
template <class Function>
void add_calls(PyUFuncObject* ufunc) {
    if (PyUFunc_Type.tp_vectorcall_offset != offsetof(PyUFuncObject, vectorcall)) return;
    if ((PyUFunc_Type.tp_flags & Py_TPFLAGS_HAVE_VECTORCALL) == 0) return;
    if (ufunc->vectorcall == nullptr) return;
    numpy_call = ufunc->vectorcall;
    ufunc->vectorcall = call_ufunc<Function>;
}

}  // namespace denseloop
