// The checks, on the CPU target in use. Each throws a Failure. T is float or double.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "case_file.hpp"

namespace denseloop::check {

// check_trainings.cpp: the bits that the file expects
template <class T>
void check_training(const Case<T>& c);
// the same bits from X and y of any stride, order and alignment
template <class T>
void check_views(const Case<T>& c);
// a row's prediction is the same without the other rows
template <class T>
void check_single_rows(const Case<T>& c);
// several computations at once, which share their inputs
template <class T>
void check_simultaneous_calls(const Case<T>& c);

// check_stopping.cpp: the parameters are those after the last finished update, and continuing from
// there gives the bits of an unbroken run
template <class T>
void check_interruption(const Case<T>& c);
// a wrong input is an error, and nothing has changed
template <class T>
void check_refusals(const Case<T>& c);

// check_levenberg_marquardt.cpp: the parameters are the bits that the file expects, also in two
// parts, and after an interrupt those of the last accepted step
template <class T>
void check_levenberg_marquardt(const Case<T>& c);
template <class T>
void check_interrupted_levenberg_marquardt(const Case<T>& c);

// check_functions.cpp: sigmoid and its derivative, in place and at every length and alignment
template <class T>
void check_functions(const CaseRecords<T>& records);

// check_environment.cpp: rounding mode, flush to zero, traps and exception flags change no result,
// and are restored afterwards
template <class T>
void check_training_environment(const Case<T>& c);
template <class T>
void check_function_environment(const CaseRecords<T>& records);

// check_vectors.cpp: each operation of the target's vectors gives the bits of the portable vector,
// or any NaN for a NaN
struct VectorCheck {
    std::string operation;
    std::function<void()> run;
};
template <class T>
std::vector<VectorCheck> vector_checks(const std::string& target);

}  // namespace denseloop::check
