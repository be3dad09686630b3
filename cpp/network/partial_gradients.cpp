#include "network/partial_gradients.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/array_tree.hpp"
#include "base/block_tree.hpp"
#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"
#include "network/tile_sums.hpp"

namespace denseloop {
namespace {

constexpr UpdateOrder order = UpdateOrder::simultaneous;

}  // namespace

template <class T>
PartialGradients<T>::PartialGradients(const Layout& layout, const Objective& objective,
                                      const Samples<T>& samples, std::size_t first_block,
                                      std::size_t threads, Pacer&& pacer)
    : layout_(layout),
      objective_(objective),
      first_block_(first_block),
      tiling_(samples.X.rows, samples.X.rows),
      threads_(useful_threads(layout, tiling_, order, threads, 1)),
      samples_(samples, tiling_, false, tiles_in_use(layout, tiling_, order, threads_),
               tiles_in_use(layout, tiling_, order, threads_), SparseAs::rows_and_columns, pacer) {
    require_fitting_loss(layout, objective);
}

template <class T>
PartialSum<T> PartialGradients<T>::evaluate(RemoteSum sum, const T* parameters, std::size_t threads,
                                            Monitor& monitor) {
    if (sum != RemoteSum::losses && sum != RemoteSum::gradients) {
        throw std::invalid_argument("these sums are those of losses and gradients");
    }
    return in_default_environment([&] {
        Pacer pacer(monitor);
        ThreadTeam team(std::min(threads, threads_), pacer);
        const Executor executor{pacer, &team};
        TileSums<T> sums(layout_, objective_, samples_, order, team.size());
        BlockwiseSum losses(tiles_per_block<T>, first_block_);
        PartialSum<T> found;
        if (sum == RemoteSum::losses) {
            sums.add_losses(0, nullptr, parameters, nullptr, executor, losses);
        } else {
            const std::size_t n = layout_.n_parameters();
            AlignedBuffer<T> bottom(n);
            ArrayTree<T> gradients(n,
                                   BlockTree::positions(first_block_, tiling_.blocks_per_batch()));
            gradients.begin(bottom.data(), first_block_);
            sums.add_gradients(0, nullptr, parameters, nullptr, executor, losses, gradients);
            found.array_size = n;
            found.arrays = gradients.nodes();
        }
        found.numbers = losses.nodes();
        return found;
    });
}

template class PartialGradients<float>;
template class PartialGradients<double>;

}  // namespace denseloop
