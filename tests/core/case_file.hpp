// The file of ../write_cases.py: trainings and function values with their expected bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "training/training_plan.hpp"

namespace denseloop::check {

constexpr std::size_t steps_in_file = 3;

template <class T>
struct Case {
    std::string name;
    std::vector<std::size_t> layer_sizes;
    bool bias;
    std::vector<ActivationFunction> activations;
    Objective objective;
    UpdateOrder update_order;
    OptimizerPlan optimizer;
    Schedule schedule;
    double initial_step;  // of RPROP
    std::size_t epochs, batch_size;
    std::optional<std::uint64_t> shuffle_key;
    std::size_t samples;
    std::vector<T> X, y, sample_weight, initial_parameters;
    // after the training
    std::vector<T> parameters;
    std::vector<double> losses;
    std::vector<T> gradient, predictions;
    double loss;
    // after steps_in_file steps of Levenberg-Marquardt instead; empty if it does not suit the case
    std::vector<T> after_steps;

    std::size_t n_inputs() const { return layer_sizes.front(); }
    std::size_t n_outputs() const { return layer_sizes.back(); }
};

template <class T>
struct CaseRecords {
    std::vector<Case<T>> cases;
    std::vector<T> x, sigmoid, sigmoid_derivative;
};

struct CaseFile {
    CaseRecords<float> float32;
    CaseRecords<double> float64;
};

// Throws std::runtime_error for a file that cannot be read or is no such file.
CaseFile read_case_file(const std::string& path);

}  // namespace denseloop::check
