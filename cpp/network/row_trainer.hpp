// Trains by batches of few samples, with the units along the lanes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "network/batch_trainer.hpp"
#include "network/row_pass.hpp"
#include "samples/sample_tiles.hpp"

namespace denseloop {

template <class T>
class RowTrainer : public BatchTrainer<T> {
public:
    RowTrainer(const Layout& layout, const Objective& objective, const Samples<T>& samples,
               std::size_t batch_size, UpdateOrder update_order, bool reordered, Pacer& pacer)
        : BatchTrainer<T>(objective, samples, batch_size),
          update_{objective.criterion<T>(),
                  update_order == UpdateOrder::output_first,
                  0,
                  nullptr,
                  nullptr,
                  nullptr},
          stride_(row_stride<T>(samples.X.columns)),
          padded_(layout),
          workspace_(layout, padded_.layers()),
          sparse_(samples.X.sparse() ? std::optional(*samples.X.sparse()) : std::nullopt),
          rows_(rows_size<T>(sparse_ ? 0 : samples.X.rows, samples.X.columns)),
          batch_rows_(rows_size<T>(max_rows, samples.X.columns)),
          targets_(samples.y, "y", tiling_, reordered, 1, pacer),
          zeros_(size()),
          work_(3 * padded_.size() * tiling_.samples_in_batch(0)) {
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight", tiling_, reordered, 1, pacer);
        }
        std::fill_n(zeros_.data(), size(), T(0));
        for (std::size_t i = 0; i < samples.X.rows; ++i) {
            pacer.poll(cost::packing * stride_);
            if (sparse_) {
                require_usable(*sparse_, "X", i, 1);
            } else {
                copy_row(*samples.X.dense(), "X", i, make_row(rows_.data(), i, samples.X.columns));
            }
        }
        for (std::size_t i = 0; i < max_rows; ++i) {
            make_row(batch_rows_.data(), i, samples.X.columns);
        }
    }

    const std::vector<Layer>& layers() const override { return padded_.layers(); }
    std::size_t size() const override { return padded_.size(); }
    void from_flat(const T* flat, T* own) const override { padded_.from_flat(flat, own); }
    void to_flat(const T* own, T* flat) const override { padded_.to_flat(own, flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs, const Executor& executor) override {
        UpdateRule<T> minus_gradient{};
        minus_gradient.method = Method::gradient_descent;
        minus_gradient.rate = -1;
        bool finite;
        return update_from(parameters, batch, order, minus_gradient, {zeros_.data(), {}},
                           {gradient, {}}, outputs, executor.pacer, finite);
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const ParameterSet<T>& from, const ParameterSet<T>& to, T* outputs,
                  const Executor& executor) override {
        if (this->objective_.l2 != 0) {
            const double loss =
                loss_and_gradient(batch, order, from.parameters, gradient, outputs, executor);
            return this->finish_update(loss, rule, gradient, from, to, executor);
        }
        bool finite;
        const double loss = update_from(from.parameters, batch, order, rule, from, to, outputs,
                                        executor.pacer, finite);
        return finite ? loss : NAN;
    }

    std::size_t repeatable() const override {
        if (this->objective_.l2 != 0 || tiling_.batches() > 1) return 0;
        return std::max<std::size_t>(1, cost::between_clock_reads / work_);
    }

    std::size_t repeat(const UpdateRule<T>& rule, const T* rates, const ParameterSet<T>& from,
                       const ParameterSet<T>& to, T* losses, std::size_t times,
                       Pacer& pacer) override {
        pacer.poll(times * work_);
        prepare(0, nullptr, pacer);
        return this->kernels_.repeat_rows(workspace_.pass(), update_, rule, rates, from, to, losses,
                                          times);
    }

private:
    using BatchTrainer<T>::tiling_;

    // Performs the update by the gradient at `parameters`.
    double update_from(const T* parameters, std::size_t batch, const std::int64_t* order,
                       const UpdateRule<T>& rule, const ParameterSet<T>& from,
                       const ParameterSet<T>& to, T* outputs, Pacer& pacer, bool& finite) {
        pacer.poll(work_);
        prepare(batch, order, pacer);
        const T loss = this->kernels_.update_rows(workspace_.pass(), update_, rule, parameters,
                                                  from, to, finite);
        if (outputs != nullptr) {
            unpack_tile(workspace_.pass().output, this->layers().back().fan_out, 1,
                        tiling_.first_sample(batch), update_.samples, order, outputs);
        }
        return static_cast<double>(loss);
    }

    // Points update_ to the samples of a batch.
    void prepare(std::size_t batch, const std::int64_t* order, Pacer& pacer) {
        update_.samples = tiling_.samples_in_batch(batch);
        update_.input = rows(tiling_.first_sample(batch), update_.samples, order);
        const Executor alone{pacer};
        update_.target = targets_.tile(batch, order, 0, alone);
        if (weights_) update_.weight = weights_->tile(batch, order, 0, alone);
    }

    // Returns the inputs (samples, n_inputs), stride_ apart.
    const T* rows(std::size_t first, std::size_t samples, const std::int64_t* order) {
        constexpr std::size_t lanes = vector_lanes<T>;  // before the first row
        if (order == nullptr && !sparse_) return rows_.data() + lanes + first * stride_;
        for (std::size_t i = 0; i < samples; ++i) {
            const std::size_t sample =
                order ? static_cast<std::size_t>(order[first + i]) : first + i;
            T* const row = batch_rows_.data() + lanes + i * stride_;
            if (sparse_) {
                sparse_->store_row(sample, row, 1);
            } else {
                std::copy_n(rows_.data() + lanes + sample * stride_, stride_ - lanes, row);
            }
        }
        return batch_rows_.data() + lanes;
    }

    RowUpdate<T> update_;  // from the next batch
    std::size_t stride_;
    PaddedLayers<T> padded_;
    RowWorkspace<T> workspace_;
    std::optional<SparseView<T>> sparse_;  // the samples, if they are sparse
    AlignedBuffer<T> rows_;                // all samples in the row layout, else
    AlignedBuffer<T> batch_rows_;          // (max_rows) samples of a reordered or sparse batch
    SampleTiles<T> targets_;
    std::optional<SampleTiles<T>> weights_;
    AlignedBuffer<T> zeros_;
    std::size_t work_;
};

}  // namespace denseloop
