// Objects of the core that refer to objects of Python's, which may lead back to them.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/fast_method.hpp"

namespace denseloop {

// Makes a class of Python's take part in garbage collection, by the object's visit() and clear().
template <class Class>
void collect_garbage(PyHeapTypeObject* heap_type) {
    PyTypeObject& type = heap_type->ht_type;
    type.tp_flags |= Py_TPFLAGS_HAVE_GC;
    type.tp_traverse = [](PyObject* self, visitproc visit, void* arg) {
        Py_VISIT(Py_TYPE(self));
        const Class* const object = value_of<Class>(self);
        return object == nullptr ? 0 : object->visit(visit, arg);
    };
    type.tp_clear = [](PyObject* self) {
        if (Class* const object = value_of<Class>(self)) object->clear();
        return 0;
    };
}

}  // namespace denseloop
