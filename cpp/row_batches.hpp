// Batches of few samples, with the units along the lanes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "aligned_buffer.hpp"
#include "batches.hpp"
#include "row_network.hpp"
#include "sample_tiles.hpp"

namespace denseloop {

template <class T>
class RowBatches : public Batches<T> {
public:
    RowBatches(const Layout& layout, const Objective& objective, const Samples<T>& samples,
               std::size_t batch_size, UpdateOrder update_order, bool reordered, Pacer& pacer)
        : Batches<T>(objective, samples, batch_size),
          step_{objective.criterion<T>(),
                update_order == UpdateOrder::output_first,
                T(0),
                0,
                nullptr,
                nullptr,
                nullptr},
          columns_(padded<T>(samples.X.columns)),
          padded_(layout),
          workspace_(layout, padded_.layers()),
          rows_(checked_product(samples.X.rows, columns_)),
          batch_rows_(checked_product(max_rows, columns_)),
          targets_(samples.y, "y", tiling_, reordered, 1, pacer),
          zeros_(size()),
          work_(3 * padded_.size() * tiling_.samples_in_batch(0)) {
        if (samples.weight) {
            weights_.emplace(*samples.weight, "sample_weight", tiling_, reordered, 1, pacer);
        }
        std::fill_n(zeros_.data(), size(), T(0));
        for (std::size_t i = 0; i < samples.X.rows; ++i) {
            pacer.poll(8 * columns_);
            T* const row = rows_.data() + i * columns_;
            pack_row(samples.X, "X", i, row);
            std::fill(row + samples.X.columns, row + columns_, T(0));
        }
    }

    const std::vector<Layer>& layers() const override { return padded_.layers(); }
    std::size_t size() const override { return padded_.size(); }
    void pack(const T* flat, T* own) const override { padded_.pack(flat, own); }
    void unpack(const T* own, T* flat) const override { padded_.unpack(own, flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t* order, const T* parameters,
                             T* gradient, T* outputs) override {
        bool finite;
        return descend(batch, order, T(-1), parameters, zeros_.data(), gradient, outputs, finite);
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const UpdateState<T>& from, const UpdateState<T>& to,
                  T* outputs) override {
        if (!is_fused(rule)) {
            return Batches<T>::update(batch, order, rule, gradient, from, to, outputs);
        }
        bool finite;
        const double loss = descend(batch, order, rule.step, from.parameters, from.parameters,
                                    to.parameters, outputs, finite);
        return finite ? loss : NAN;
    }

    std::size_t repeatable(const UpdateRule<T>& rule) const override {
        constexpr std::size_t soon = 1u << 17;  // in multiply-adds: until the next poll
        return is_fused(rule) && tiling_.batches() == 1 ? std::max<std::size_t>(1, soon / work_)
                                                        : 0;
    }

    std::size_t repeat(const UpdateRule<T>& rule, const UpdateState<T>& from,
                       const UpdateState<T>& to, T* losses, std::size_t times) override {
        this->pacer_->poll(times * work_);
        prepare(0, nullptr, rule.step);
        return this->kernels_.repeat_rows(workspace_.pass(), step_, from.parameters, to.parameters,
                                          losses, times);
    }

private:
    using Batches<T>::tiling_;

    // Plain descent makes the new parameters without a gradient.
    bool is_fused(const UpdateRule<T>& rule) const {
        return rule.method == Method::gradient_descent && this->objective_.l2 == 0;
    }

    double descend(std::size_t batch, const std::int64_t* order, T step, const T* parameters,
                   const T* base, T* updated, T* outputs, bool& finite) {
        this->pacer_->poll(work_);
        prepare(batch, order, step);
        const T loss = this->kernels_.descend_rows(workspace_.pass(), step_, parameters, base,
                                                   updated, finite);
        this->record(workspace_.pass().output, 1, tiling_.first_of(batch), step_.samples, order,
                     outputs);
        return static_cast<double>(loss);
    }

    // The step from a batch.
    void prepare(std::size_t batch, const std::int64_t* order, T step) {
        step_.step = step;
        step_.samples = tiling_.samples_in_batch(batch);
        step_.input = rows(tiling_.first_of(batch), step_.samples, order);
        const Crew alone{*this->pacer_, nullptr};
        step_.target = targets_.tile(batch, order, 0, alone);
        if (weights_) step_.weight = weights_->tile(batch, order, 0, alone);
    }

    // (samples, columns_)
    const T* rows(std::size_t first, std::size_t samples, const std::int64_t* order) {
        if (order == nullptr) return rows_.data() + first * columns_;
        for (std::size_t i = 0; i < samples; ++i) {
            const T* const row =
                rows_.data() + static_cast<std::size_t>(order[first + i]) * columns_;
            std::copy_n(row, columns_, batch_rows_.data() + i * columns_);
        }
        return batch_rows_.data();
    }

    RowStep<T> step_;  // of the next batch
    std::size_t columns_;
    PaddedLayers<T> padded_;
    RowWorkspace<T> workspace_;
    AlignedBuffer<T> rows_;        // (n_samples, columns_), padded with zeros
    AlignedBuffer<T> batch_rows_;  // (max_rows, columns_), of a batch in an order of its own
    SampleTiles<T> targets_;
    std::optional<SampleTiles<T>> weights_;
    AlignedBuffer<T> zeros_;
    std::size_t work_;
};

}  // namespace denseloop
