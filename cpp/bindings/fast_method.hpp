// Methods that CPython calls without pybind11's dispatch, which takes as long as a small network.
// Arguments are positional, and the method checks them itself.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace denseloop {

namespace py = pybind11;

// The C++ object within an object of Python's; null before its __init__.
template <class Class>
Class* value_of(PyObject* self) {
    auto* const instance = reinterpret_cast<py::detail::instance*>(self);
    return static_cast<Class*>(instance->get_value_and_holder().value_ptr());
}

namespace detail {

template <std::size_t>
using Argument = py::handle;

template <class Class, auto method, std::size_t... k>
py::object call_with(Class& object, PyObject* const* arguments, std::index_sequence<k...>) {
    return std::invoke(method, object, Argument<k>(arguments[k])...);
}

template <class Class, auto method, std::size_t arity>
PyObject* call_method(PyObject* self, PyObject* const* arguments, Py_ssize_t count) noexcept {
    try {
        if (count != static_cast<Py_ssize_t>(arity)) {
            throw py::type_error("expected " + std::to_string(arity) +
                                 " positional arguments, got " + std::to_string(count));
        }
        Class* const value = value_of<Class>(self);
        if (value == nullptr) throw py::type_error("the object was not made by its __init__");
        return call_with<Class, method>(*value, arguments, std::make_index_sequence<arity>{})
            .release()
            .ptr();
    } catch (py::error_already_set& error) {
        error.restore();
    } catch (const py::builtin_exception& error) {
        error.set_error();
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
    } catch (const std::logic_error& error) {  // std::invalid_argument and std::length_error
        PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_RuntimeError, error.what());
    } catch (...) {
        PyErr_SetString(PyExc_RuntimeError, "unknown C++ exception");
    }
    return nullptr;
}

}  // namespace detail

// Adds a function that takes the object and `arity` handles, and returns an object.
template <class Class, auto method, std::size_t arity, class PyClass>
void define_fast_method(PyClass& type, const char* name) {
    static PyMethodDef definition{};
    definition.ml_name = name;
    definition.ml_meth = reinterpret_cast<PyCFunction>(
        reinterpret_cast<void (*)()>(&detail::call_method<Class, method, arity>));
    definition.ml_flags = METH_FASTCALL;
    PyObject* const function =
        PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(type.ptr()), &definition);
    if (function == nullptr) throw py::error_already_set();
    type.attr(name) = py::reinterpret_steal<py::object>(function);
}

}  // namespace denseloop
