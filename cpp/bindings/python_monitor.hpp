// Keeps a computation without the GIL in touch with Python.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "base/pacer.hpp"
#include "bindings/gil.hpp"
#include "bindings/parameter_lock.hpp"

namespace denseloop {

namespace py = pybind11;

// Runs Python's signal handlers and the caller's progress function during a computation. An
// exception of either (KeyboardInterrupt, say) ends it and is kept until the GIL is back.
class PythonMonitor : public Monitor {
public:
    explicit PythonMonitor(py::object progress = py::none())
        : shows_progress_(!progress.is_none()), progress_(std::move(progress)) {}

    bool keep_going(std::size_t finished_epochs, double last_loss) override {
        // Python handles signals on its main thread only. Elsewhere the GIL is not taken, since it
        // would have to wait for busy threads.
        if (!shows_progress_ && in_main_thread_ == false) return true;
        const GilHeld gil;
        run([&] {
            find_main_thread();  // which may itself run a signal's handler
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            if (shows_progress_) progress_(finished_epochs, last_loss);
        });
        return error_.is_none();
    }

    void keep_error(std::exception_ptr error) override { kept_ = std::move(error); }

    // The computation reads a network's array, and gives way to who waits to write to it.
    void watch(const ParameterLock& lock) { lock_ = &lock; }
    void stop_watching() { lock_ = nullptr; }
    bool must_give_way() override {
        gave_way_ = lock_ != nullptr && lock_->is_wanted();
        return gave_way_;
    }
    bool gave_way() const { return gave_way_; }

    // Call it with the GIL. A signal that came after the last poll does not escape to the caller.
    py::object final_error() {
        if (error_.is_none()) {
            run([] {
                if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            });
        }
        if (error_.is_none() && kept_) run([&] { raise_kept(); });
        return error_;
    }

    void raise_error() {
        if (!final_error().is_none()) {
            PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error_.ptr())), error_.ptr());
            throw py::error_already_set();
        }
    }

private:
    // Looked up once per computation, since a fork may change it.
    void find_main_thread() {
        if (in_main_thread_) return;
        const auto threading = py::module_::import("threading");
        in_main_thread_ = threading.attr("current_thread")().is(threading.attr("main_thread")());
    }

    // Raises what ended the computation, as an exception of Python's.
    [[noreturn]] void raise_kept() {
        try {
            std::rethrow_exception(std::exchange(kept_, nullptr));
        } catch (const py::error_already_set&) {
            throw;
        } catch (const std::bad_alloc&) {
            PyErr_NoMemory();
        } catch (const std::exception& error) {
            PyErr_SetString(PyExc_RuntimeError, error.what());
        }
        throw py::error_already_set();
    }

    template <class F>
    void run(F f) {
        try {
            f();
        } catch (py::error_already_set& raised) {
            error_ = raised.value();
        }
    }

    const ParameterLock* lock_ = nullptr;
    bool gave_way_ = false;
    bool shows_progress_;
    std::optional<bool> in_main_thread_;
    py::object progress_;
    py::object error_ = py::none();
    std::exception_ptr kept_;
};

// Calls f, without the GIL unless that is kept; raises what ended it.
template <class F>
void unless_interrupted(PythonMonitor& monitor, F f, bool keep_gil = false) {
    try {
        // Safe: f uses only the arrays' memory, which the arguments keep alive.
        std::optional<GilReleased> no_gil;
        if (!keep_gil) no_gil.emplace();
        f();
    } catch (const Interrupted&) {
        monitor.raise_error();
    }
}

}  // namespace denseloop
