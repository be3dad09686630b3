// The core's test program: without Python, so that it runs under sanitizers and emulators.
//
//     check_core FILE [fastest]
//
// FILE is written by ../write_cases.py, on this machine or another. Every check runs on every CPU
// target that this machine has, or on the fastest alone. The exit status is 1 if one of them
// failed.
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core_calls.hpp"
#include "expect.hpp"
#include "targets/dispatch.hpp"

namespace denseloop::check {
namespace {

class Run {
public:
    // Calls f and reports an exception as a failure.
    template <class F>
    void attempt(const std::string& what, F f) {
        ++checks_;
        try {
            f();
        } catch (const std::exception& error) {
            ++failures_;
            std::fprintf(stderr, "FAILED: %s: %s: %s\n", active_target().name, what.c_str(),
                         error.what());
        }
    }

    template <class T>
    void all_checks(const CaseRecords<T>& records, const std::string& dtype) {
        for (const VectorCheck& check : vector_checks<T>(active_target().name)) {
            attempt(dtype + ": vectors: " + check.operation, check.run);
        }
        for (const Case<T>& c : records.cases) {
            const std::string prefix = dtype + ", " + c.name + ": ";
            for (const std::size_t threads : {16, 3, 2, 1}) {
                threads_used() = threads;
                attempt(prefix + "training with " + std::to_string(threads) + " threads",
                        [&] { check_training(c); });
            }
            if (!c.after_steps.empty()) levenberg_marquardt(c, prefix);
            attempt(prefix + "views", [&] { check_views(c); });
            attempt(prefix + "single rows", [&] { check_single_rows(c); });
            attempt(prefix + "simultaneous calls", [&] { check_simultaneous_calls(c); });
            for (const std::size_t threads : {3, 1}) {
                threads_used() = threads;
                attempt(prefix + "interruption", [&] { check_interruption(c); });
            }
            attempt(prefix + "refusals", [&] { check_refusals(c); });
            attempt(prefix + "environment", [&] { check_training_environment(c); });
        }
        attempt(dtype + ": functions", [&] { check_functions(records); });
        attempt(dtype + ": environment of the functions",
                [&] { check_function_environment(records); });
    }

    template <class T>
    void levenberg_marquardt(const Case<T>& c, const std::string& prefix) {
        for (const std::size_t threads : {3, 1}) {
            threads_used() = threads;
            attempt(prefix + "Levenberg-Marquardt with " + std::to_string(threads) + " threads",
                    [&] { check_levenberg_marquardt(c); });
        }
        attempt(prefix + "interrupted Levenberg-Marquardt",
                [&] { check_interrupted_levenberg_marquardt(c); });
    }

    void on_targets(const std::vector<std::string>& targets, const CaseFile& file) {
        for (const std::string& target : targets) {
            const auto start = std::chrono::steady_clock::now();
            force_target(target);
            all_checks(file.float32, "float32");
            all_checks(file.float64, "float64");
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
            std::printf("%s: %.1f s\n", target.c_str(), took.count());
        }
    }

    int result() const {
        std::printf("%d of %d checks failed\n", failures_, checks_);
        return failures_ == 0 && checks_ > 0 ? 0 : 1;
    }

private:
    int checks_ = 0;
    int failures_ = 0;
};

}  // namespace
}  // namespace denseloop::check

int main(int argc, char** argv) {
    const bool fastest = argc == 3 && std::string(argv[2]) == "fastest";
    if (argc != 2 && !fastest) {
        std::fprintf(stderr, "usage: check_core FILE [fastest]\n");
        return 2;
    }
    denseloop::check::Run run;
    try {
        std::vector<std::string> targets = denseloop::available_targets();
        if (fastest) targets = {denseloop::active_target().name};
        run.on_targets(targets, denseloop::check::read_case_file(argv[1]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    return run.result();
}
