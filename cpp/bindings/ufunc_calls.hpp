// Calls of a ufunc that NumPy's own way would refuse: with the listings' names of the arguments, or
// with arrays of other libraries.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/compiler.hpp"
#include "bindings/numpy_c_api.hpp"
#include "bindings/ufunc_formulas.hpp"

namespace denseloop {

// The call of every ufunc as NumPy made it.
inline vectorcallfunc numpy_call = nullptr;

inline py::object checked(PyObject* result) {
    if (result == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(result);
}

// Whether the object is an array that NumPy's ufuncs cannot be expected to know: not NumPy's own,
// of a subclass that does not leave ufuncs to NumPy, or of dates, spans of time or a foreign dtype.
inline bool is_foreign(PyObject* object) {
    PyTypeObject* const type = Py_TYPE(object);
    if (PyArray_IsPythonNumber(object) || type == &PyList_Type || type == &PyTuple_Type) {
        return false;
    }
    if (PyArray_IsScalar(object, Generic)) {
        return PyArray_IsScalar(object, Datetime) || PyArray_IsScalar(object, Timedelta);
    }
    const auto attribute = [](PyTypeObject* of, const char* name) {
        return py::getattr(reinterpret_cast<PyObject*>(of), name, py::none());
    };
    if (!PyArray_Check(object)) {
        return !attribute(type, "__array_ufunc__").is_none() ||
               !attribute(type, "__array__").is_none();
    }
    const int number = PyArray_TYPE(reinterpret_cast<PyArrayObject*>(object));
    if (PyTypeNum_ISDATETIME(number) || number < 0 || number >= NPY_USERDEF) return true;
    if (type == &PyArray_Type) return false;
    return !attribute(type, "__array_ufunc__").is(attribute(&PyArray_Type, "__array_ufunc__"));
}

// Whether the object is an integer of Python's that float64 may not hold.
inline bool is_large_integer(PyObject* object) {
    if (!PyLong_CheckExact(object)) return false;
    constexpr long long largest = 1LL << 53;
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
    return overflow != 0 || value > largest || value < -largest;
}

inline bool refuses(const py::error_already_set& error) {
    return error.matches(PyExc_TypeError) || error.matches(PyExc_RuntimeError);
}

template <class Function>
py::object call_formula(PyObject* const* args) {
    std::array<py::object, Function::inputs> arguments;
    for (std::size_t k = 0; k < Function::inputs; ++k) {
        arguments[k] = py::reinterpret_borrow<py::object>(args[k]);
    }
    return formula_of_objects<Function>(arguments);
}

// A sigmoid of a foreign array is asked for by the ufunc, which is the more accurate one, and
// otherwise computed by the formula. The plain functions are computed by the formula, so that
// pandas, say, aligns as it does in a listing; a class without operators gets the ufunc.
template <class Function>
py::object call_foreign(PyObject* self, PyObject* const* args) {
    const auto by_ufunc = [&] {
        return checked(numpy_call(self, args, Function::inputs, nullptr));
    };
    const auto by_formula = [&] { return call_formula<Function>(args); };
    if constexpr (has_kernel<Function>) {
        try {
            return by_ufunc();
        } catch (const py::error_already_set& error) {
            if (!refuses(error)) throw;
        }
        return by_formula();
    } else {
        try {
            return by_formula();
        } catch (const py::error_already_set& error) {
            if (!refuses(error)) throw;
            try {
                return by_ufunc();
            } catch (const py::error_already_set& again) {
                if (!refuses(again)) throw;
            }
            throw;
        }
    }
}

// The call with the listing's names put in their places. What remains are NumPy's keywords.
template <class Function>
py::object call_by_names(PyObject* self, PyObject* const* args, std::size_t given,
                         PyObject* names) {
    const std::string function = reinterpret_cast<PyUFuncObject*>(self)->name;
    std::vector<PyObject*> arguments(args, args + given), keywords;
    py::list keyword_names;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(names); ++k) {
        PyObject* const name = PyTuple_GET_ITEM(names, k);
        const auto known = std::find_if(
            Function::parameters.begin(), Function::parameters.end(), [&](const Parameter& each) {
                return PyUnicode_CompareWithASCIIString(name, each.name) == 0;
            });
        if (known == Function::parameters.end()) {
            keywords.push_back(args[given + static_cast<std::size_t>(k)]);
            keyword_names.append(py::handle(name));
            continue;
        }
        arguments.resize(std::max(arguments.size(), known->position + 1), nullptr);
        if (arguments[known->position] != nullptr) {
            throw py::type_error(function + "() got multiple values for argument '" + known->name +
                                 "'");
        }
        arguments[known->position] = args[given + static_cast<std::size_t>(k)];
    }
    const auto missing = std::find(arguments.begin(), arguments.end(), nullptr);
    for (const Parameter& each : Function::parameters) {
        if (missing != arguments.end() && arguments[each.position] == nullptr) {
            throw py::type_error(function + "() is missing the argument '" + each.name + "'");
        }
    }
    const std::size_t count = arguments.size();
    arguments.insert(arguments.end(), keywords.begin(), keywords.end());
    if (keywords.empty())
        return checked(PyObject_Vectorcall(self, arguments.data(), count, nullptr));
    return checked(numpy_call(self, arguments.data(), count, py::tuple(keyword_names).ptr()));
}

// Every call that the fast way does not know. Inlined, it would give that way a large frame.
template <class Function>
DENSELOOP_NOINLINE PyObject* call_slowly(PyObject* self, PyObject* const* args, std::size_t flags,
                                         PyObject* names) {
    const auto count = static_cast<std::size_t>(PyVectorcall_NARGS(flags));
    try {
        if (names != nullptr && PyTuple_GET_SIZE(names) > 0) {
            return call_by_names<Function>(self, args, count, names).release().ptr();
        }
        if (count == Function::inputs && std::any_of(args, args + count, is_foreign)) {
            return call_foreign<Function>(self, args).release().ptr();
        }
        if constexpr (!has_kernel<Function>) {  // integers of Python's do not wrap in a listing
            if (count == Function::inputs && std::any_of(args, args + count, is_large_integer) &&
                std::all_of(args, args + count,
                            [](PyObject* each) { return PyLong_CheckExact(each); })) {
                return call_formula<Function>(args).release().ptr();
            }
        }
    } catch (py::error_already_set& error) {
        error.restore();
        return nullptr;
    } catch (const py::builtin_exception& error) {
        error.set_error();
        return nullptr;
    }
    return numpy_call(self, args, flags, names);
}

}  // namespace denseloop
