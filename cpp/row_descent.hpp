// Training by batches of few samples.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "aligned_buffer.hpp"
#include "descent.hpp"
#include "dispatch.hpp"
#include "pacer.hpp"
#include "row_network.hpp"

namespace denseloop {

template <class T>
class RowDescent : public Descent<T> {
public:
    RowDescent(const Layout& layout, const TrainingPlan& plan, T* parameters,
               const MatrixView<T>& X, const MatrixView<T>& y, T* outputs, Pacer& pacer)
        : layout_(layout),
          kernels_(active_kernels<T>()),
          plan_(plan),
          caller_parameters_(parameters),
          outputs_(outputs),
          pacer_(pacer),
          batches_(layout, X, y, plan.batch_size, pacer),
          parameters_(batches_.padded_layers().size()),
          updated_(batches_.padded_layers().size()),
          work_(3 * batches_.padded_layers().size() * batches_.tiling().samples_in_batch(0)) {
        batches_.padded_layers().pack(parameters, parameters_.data());
        for (std::size_t b = 0; b < batches_.tiling().batches(); ++b) {
            const double scale =
                gradient_scale(plan.objective, batches_.tiling().samples_in_batch(b));
            steps_.push_back(batches_.step(plan.objective,
                                           plan.update_order == UpdateOrder::output_first,
                                           static_cast<T>(plan.learning_rate * scale), b));
        }
    }

    bool epoch(double& loss) override {
        loss = 0;
        for (const RowStep<T>& step : steps_) {
            pacer_.poll(work_);
            bool finite;
            const T batch_loss =
                kernels_.descend_rows(batches_.workspace().pass(), step, parameters_.data(),
                                      parameters_.data(), updated_.data(), finite);
            if (!std::isfinite(batch_loss) || !finite) return false;
            std::swap(parameters_, updated_);
            loss += static_cast<double>(batch_loss);
            if (outputs_ != nullptr) record(step.samples);
        }
        return true;
    }

    void finish() override {
        batches_.padded_layers().unpack(parameters_.data(), caller_parameters_);
    }

private:
    void record(std::size_t samples) {
        batches_.workspace().unpack_output(samples, outputs_);
        outputs_ += samples * layout_.n_outputs();
    }

    const Layout& layout_;
    const Kernels<T>& kernels_;
    const TrainingPlan& plan_;
    T* caller_parameters_;
    T* outputs_;  // of the next batch
    Pacer& pacer_;
    RowBatches<T> batches_;
    AlignedBuffer<T> parameters_, updated_;
    std::size_t work_;
    std::vector<RowStep<T>> steps_;  // of each batch
};

}  // namespace denseloop
