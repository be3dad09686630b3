// Networks of one layout whose parameters are the rows of one array.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/nested_monitor.hpp"
#include "base/thread_team.hpp"
#include "bindings/bound_network.hpp"
#include "network/draw_weights.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {

// A network is made when it is first asked for.
template <class T>
class NetworkStack {
public:
    NetworkStack(std::shared_ptr<const Layout> layout, std::size_t count)
        : layout_(std::move(layout)),
          array_(zero_array<T>(count, layout_->n_parameters())),
          parameters_(array_.mutable_data()),
          networks_(count) {}

    std::size_t size() const { return networks_.size(); }
    const Array<T>& array() const { return array_; }

    std::shared_ptr<BoundNetwork<T>> network(std::size_t k) {
        std::shared_ptr<BoundNetwork<T>>& place = networks_.at(k);
        std::shared_ptr<BoundNetwork<T>> network = at(place);
        if (network) return network;
        const std::size_t n = layout_->n_parameters();
        network = std::make_shared<BoundNetwork<T>>(
            layout_, Array<T>(static_cast<py::ssize_t>(n), parameters_ + k * n, array_));
        const BusyFlag::Turn turn(making_);
        if (!place) place = std::move(network);  // another thread may have made it meanwhile
        return place;
    }
    // None for those that have not been asked for.
    std::vector<std::shared_ptr<BoundNetwork<T>>> made() const {
        const BusyFlag::Turn turn(making_);
        return networks_;
    }

    // Draws the weights of each network as draw_uniform does, by a seed of its own.
    void draw_uniform(const Array<std::uint64_t>& seeds, const std::vector<double>& limits) {
        const std::uint64_t* const values = flat_view(seeds, "seeds", size());
        require_limits(*layout_, limits);
        const GilReleased no_gil;
        for (std::size_t k = 0; k < size(); ++k) {
            denseloop::draw_uniform(*layout_, seed_words(values[k]), limits,
                                    parameters_ + k * layout_->n_parameters());
        }
    }

    // The outputs (count, n_samples, n_outputs) of the networks for X (n_samples, n_inputs), or of
    // each for its own X (count, n_samples, n_inputs). The values are finite.
    Array<T> forward(const Array<T>& X, std::size_t threads) {
        // All are made here, with the GIL, since others may train them meanwhile.
        for (std::size_t k = 0; k < size(); ++k) network(k);
        const bool shared = X.ndim() == 2;
        if (!shared && (X.ndim() != 3 || static_cast<std::size_t>(X.shape(0)) != size())) {
            throw std::invalid_argument("X must have shape (n_samples, n_inputs) or (" +
                                        std::to_string(size()) + ", n_samples, n_inputs)");
        }
        const int rows_axis = shared ? 0 : 1;
        const auto samples = static_cast<std::size_t>(X.shape(rows_axis));
        if (static_cast<std::size_t>(X.shape(rows_axis + 1)) != layout_->n_inputs()) {
            throw std::invalid_argument("X must have " + std::to_string(layout_->n_inputs()) +
                                        " columns");
        }
        const std::size_t each = checked_product(samples, layout_->n_outputs());
        checked_product(checked_product(each, size()), sizeof(T));
        Array<T> outputs = new_array<T>(size(), samples, layout_->n_outputs());
        T* const output_data = outputs.mutable_data();
        const char* const input_data = reinterpret_cast<const char*>(X.data());
        const py::ssize_t to_next = shared ? 0 : X.strides(0);
        const MatrixView<T> first{input_data, samples, layout_->n_inputs(), X.strides(rows_axis),
                                  X.strides(rows_axis + 1)};
        const double work = forward_work(*layout_, padded<T>(samples));
        PythonMonitor monitor;
        unless_interrupted(monitor, [&] {
            Pacer pacer(monitor);
            const bool starts = work * static_cast<double>(size()) >= cost::thread_start;
            ThreadTeam team(starts ? std::min(threads, std::max<std::size_t>(size(), 1)) : 1,
                            pacer);
            std::deque<Predictor<T>> predictors;
            for (std::size_t k = 0; k < team.size(); ++k) predictors.emplace_back(*layout_);
            team.for_each(size(), [&](std::size_t k, ThreadTeam::Worker& worker) {
                worker.pacer.poll(static_cast<std::size_t>(work));
                MatrixView<T> its = first;
                its.data += static_cast<py::ssize_t>(k) * to_next;
                predict_network(k, its, output_data + k * each, predictors[worker.index],
                                worker.pacer);
            });
        });
        return outputs;
    }

private:
    std::shared_ptr<BoundNetwork<T>> at(const std::shared_ptr<BoundNetwork<T>>& place) const {
        const BusyFlag::Turn turn(making_);
        return place;
    }

    void predict_network(std::size_t k, const MatrixView<T>& X, T* outputs, Predictor<T>& predictor,
                         Pacer& pacer) const {
        const std::size_t n = layout_->n_parameters();
        const T* const own = parameters_ + k * n;
        const auto predict_by = [&](const T* parameters) {
            if (X.rows == 0) return;
            if (predictor.suits(static_cast<std::ptrdiff_t>(X.rows))) {
                return predictor.predict(parameters, X, outputs);
            }
            NestedMonitor monitor(pacer);
            predict<T>(*layout_, parameters, X, outputs, 1, monitor);
        };
        if (networks_[k]->lock().try_read([&] { predict_by(own); })) return;
        std::vector<T> copy(n);
        networks_[k]->lock().copy(own, n, copy.data());
        predict_by(copy.data());
    }

    const std::shared_ptr<const Layout> layout_;
    Array<T> array_;
    T* const parameters_;
    std::vector<std::shared_ptr<BoundNetwork<T>>> networks_;
    mutable BusyFlag making_;  // held by who looks at a place or fills it
};

}  // namespace denseloop
