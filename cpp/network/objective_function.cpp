#include "network/objective_function.hpp"

#include <algorithm>

#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"
#include "network/make_batch_trainer.hpp"

namespace denseloop {

template <class T>
ObjectiveFunction<T>::ObjectiveFunction(const Layout& layout, const Objective& objective,
                                        const Samples<T>& samples, std::size_t threads,
                                        Monitor& monitor)
    : layout_(layout), memory_(0) {
    in_default_environment([&] {
        Pacer pacer(monitor);
        constexpr UpdateOrder order = UpdateOrder::simultaneous;
        const std::size_t n = samples.X.rows;
        threads_ = useful_threads(layout, Tiling<T>(n, n), order, threads, 1);
        trainer_ = make_batch_trainer(layout, objective, samples, n, order, false, threads_, pacer);
        const std::size_t stride = checked_sum(padded<T>(trainer_->size()), vector_lanes<T>);
        memory_ = AlignedBuffer<T>(checked_product(2, stride));
        parameters_ = memory_.data();
        gradient_ = parameters_ + stride;
        std::fill_n(parameters_, 2 * stride, T(0));
        const double factor = objective.reduction_factor(trainer_->weights().total(0, nullptr));
        value_scale_ = objective.value_factor() * factor;
        gradient_scale_ = static_cast<T>(objective.gradient_factor() * factor);
    });
}

template <class T>
ObjectiveFunction<T>::~ObjectiveFunction() = default;

template <class T>
double ObjectiveFunction<T>::loss_and_gradient(const T* parameters, T* gradient, Monitor& monitor) {
    return in_default_environment([&] {
        Pacer pacer(monitor);
        ThreadTeam team(threads_, pacer);
        trainer_->from_flat(parameters, parameters_);
        double loss = trainer_->loss_and_gradient(0, nullptr, parameters_, gradient_, nullptr,
                                                  {pacer, &team});
        loss += trainer_->penalty(parameters_);
        trainer_->decay(parameters_, gradient_);
        trainer_->to_flat(gradient_, gradient);
        for (std::size_t k = 0; k < layout_.n_parameters(); ++k) gradient[k] *= gradient_scale_;
        return loss * value_scale_;
    });
}

template <class T>
double ObjectiveFunction<T>::loss(const T* parameters, Monitor& monitor) {
    return in_default_environment([&] {
        Pacer pacer(monitor);
        ThreadTeam team(threads_, pacer);
        trainer_->from_flat(parameters, parameters_);
        double loss = trainer_->loss(0, nullptr, parameters_, gradient_, {pacer, &team});
        loss += trainer_->penalty(parameters_);
        return loss * value_scale_;
    });
}

template class ObjectiveFunction<float>;
template class ObjectiveFunction<double>;

}  // namespace denseloop
