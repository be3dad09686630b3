#include "network/partial_gradients.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"

namespace denseloop {

template <class T>
PartialGradients<T>::PartialGradients(const Layout& layout, const Objective& objective,
                                      const Samples<T>& samples, std::size_t first_block,
                                      std::size_t threads, Monitor& monitor)
    : PartialGradients(layout, objective, samples, first_block, threads, Pacer(monitor)) {}

template <class T>
PartialGradients<T>::PartialGradients(const Layout& layout, const Objective& objective,
                                      const Samples<T>& samples, std::size_t first_block,
                                      std::size_t threads, Pacer&& pacer)
    : layout_(layout),
      first_block_(first_block),
      tiling_(samples.X.rows, samples.X.rows),
      threads_(useful_threads(layout, tiling_, UpdateOrder::simultaneous, threads, 1)),
      sums_(layout, objective, tiling_, samples,
            sharing_for(layout, tiling_, UpdateOrder::simultaneous), false, threads_,
            std::min(threads_, tiling_.tiles_per_batch()),
            std::min(threads_, tiling_.tiles_per_batch()), pacer),
      bottom_(layout.n_parameters()),
      gradients_(layout.n_parameters(),
                 BlockTree::positions(first_block, tiling_.blocks_per_batch())) {
    require_fitting_loss(layout, objective);
}

template <class T>
std::size_t PartialGradients<T>::evaluate(RemoteSum sum, const T* parameters, Monitor& monitor) {
    if (sum != RemoteSum::losses && sum != RemoteSum::gradients) {
        throw std::invalid_argument("these sums are those of losses and gradients");
    }
    return in_default_environment([&] {
        Pacer pacer(monitor);
        ThreadTeam team(threads_, pacer);
        const Executor executor{pacer, &team};
        BlockwiseSum losses(tiles_per_block<T>, first_block_);
        if (sum == RemoteSum::losses) {
            sums_.add_losses(0, nullptr, parameters, nullptr, executor, losses);
        } else {
            gradients_.begin(bottom_.data(), first_block_);
            sums_.add_gradients(0, nullptr, parameters, nullptr, executor, losses, gradients_);
        }
        const double* const nodes = losses.nodes();
        losses_.assign(nodes, nodes + losses.n_nodes());
        return losses_.size();
    });
}

template class PartialGradients<float>;
template class PartialGradients<double>;

}  // namespace denseloop
