// Trains by the sums over samples that lie elsewhere.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "network/batch_trainer.hpp"
#include "samples/remote_sums.hpp"

namespace denseloop {

template <class T>
class RemoteTrainer : public BatchTrainer<T> {
public:
    RemoteTrainer(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                  std::size_t batch_size)
        : BatchTrainer<T>(objective, samples, batch_size),
          layout_(layout),
          sums_(*samples.X.remote()) {}

    const std::vector<Layer>& layers() const override { return layout_.layers(); }
    std::size_t size() const override { return layout_.n_parameters(); }
    void from_flat(const T* flat, T* own) const override { std::copy_n(flat, size(), own); }
    void to_flat(const T* own, T* flat) const override { std::copy_n(own, size(), flat); }

    double loss_and_gradient(std::size_t batch, const std::int64_t*, const T* parameters,
                             T* gradient, T*, const Executor& executor) override {
        return executor.pacer.call_out([&] {
            return sums_.evaluate(RemoteSum::gradients, batch, parameters, size(), gradient,
                                  size());
        });
    }

    double loss(std::size_t batch, const std::int64_t*, const T* parameters, T*,
                const Executor& executor) override {
        return executor.pacer.call_out([&] {
            return sums_.evaluate(RemoteSum::losses, batch, parameters, size(), nullptr, 0);
        });
    }

    double update(std::size_t batch, const std::int64_t* order, const UpdateRule<T>& rule,
                  T* gradient, const ParameterSet<T>& from, const ParameterSet<T>& to, T* outputs,
                  const Executor& executor) override {
        const double value =
            loss_and_gradient(batch, order, from.parameters, gradient, outputs, executor);
        return this->finish_update(value, rule, gradient, from, to, executor);
    }

private:
    const Layout& layout_;
    RemoteSums<T>& sums_;
};

}  // namespace denseloop
