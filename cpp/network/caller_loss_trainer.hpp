// Trains by a loss of the caller's. A batch goes forward; the caller computes the loss and its
// derivatives by the outputs; and the batch goes forward and back with those as the targets of the
// linear loss.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "network/tile_trainer.hpp"
#include "samples/caller_loss.hpp"

namespace denseloop {

template <class T>
class CallerLossTrainer : public BatchTrainer<T> {
public:
    CallerLossTrainer(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                      std::size_t batch_size, std::size_t threads, Pacer& pacer)
        : BatchTrainer<T>(objective, samples, batch_size),
          loss_(*samples.loss),
          outputs_(zeros(samples.X.rows, layout.n_outputs())),
          derivatives_(zeros(samples.X.rows, layout.n_outputs())),
          passes_(layout, objective, with_targets(samples, layout.n_outputs()), batch_size,
                  UpdateOrder::simultaneous, true, threads, pacer) {}

    const std::vector<Layer>& layers() const override { return passes_.layers(); }
    std::size_t size() const override { return passes_.size(); }
    void from_flat(const T* flat, T* own) const override { passes_.from_flat(flat, own); }
    void to_flat(const T* own, T* flat) const override { passes_.to_flat(own, flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs, const Executor& executor) override {
        const double value = call(batch, order, parameters, derivatives_.data(), executor);
        passes_.loss_and_gradient(batch, order, parameters, gradient, outputs, executor);
        return value;
    }

    double loss(std::size_t batch, const std::int64_t* order, const T* parameters, T*,
                const Executor& executor) override {
        return call(batch, order, parameters, nullptr, executor);
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const ParameterSet<T>& from, const ParameterSet<T>& to, T* outputs,
                  const Executor& executor) override {
        const double value =
            loss_and_gradient(batch, order, from.parameters, gradient, outputs, executor);
        return this->finish_update(value, rule, gradient, from, to, executor);
    }

private:
    using BatchTrainer<T>::tiling_;

    static AlignedBuffer<T> zeros(std::size_t rows, std::size_t columns) {
        const std::size_t size = checked_product(rows, columns);
        AlignedBuffer<T> values(size);
        std::fill_n(values.data(), size, T(0));
        return values;
    }

    Samples<T> with_targets(const Samples<T>& samples, std::size_t n_outputs) const {
        return {samples.X, contiguous_rows(derivatives_.data(), samples.X.rows, n_outputs), {}};
    }

    double call(std::size_t batch, const std::int64_t* order, const T* parameters, T* derivatives,
                const Executor& executor) {
        passes_.loss_and_outputs(batch, order, parameters, outputs_.data(), executor);
        const SampleBatch samples{tiling_.first_sample(batch), tiling_.samples_in_batch(batch),
                                  order};
        return executor.pacer.call_out(
            [&] { return loss_.evaluate(samples, outputs_.data(), derivatives); });
    }

    CallerLoss<T>& loss_;
    AlignedBuffer<T> outputs_, derivatives_;  // (n_samples, n_outputs)
    TileTrainer<T> passes_;
};

}  // namespace denseloop
