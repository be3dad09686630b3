// Releases and takes Python's lock, also while the interpreter ends.
//
// A thread that asks for the lock then is ended by CPython (before 3.14) by pthread_exit, whose
// unwinding of C++ frames aborts the process at the first destructor. It waits for the end instead,
// as CPython's own threads do from 3.14 on.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "base/system.hpp"

namespace denseloop {

namespace py = pybind11;

// Releases the lock while it lives.
class GilReleased {
public:
    GilReleased() : thread_(PyEval_SaveThread()) {}
    ~GilReleased() {
        or_wait_where_unwound([&] { PyEval_RestoreThread(thread_); });
    }
    GilReleased(const GilReleased&) = delete;
    GilReleased& operator=(const GilReleased&) = delete;

private:
    PyThreadState* const thread_;
};

// Holds the lock while it lives.
class GilHeld {
public:
    GilHeld() {
        or_wait_where_unwound([&] { gil_.emplace(); });
    }

private:
    std::optional<py::gil_scoped_acquire> gil_;
};

}  // namespace denseloop
