#include "training/partial_equations.hpp"

#include <stdexcept>

#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"

namespace denseloop {

template <class T>
PartialEquations<T>::PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                                      std::size_t first_block, std::size_t threads,
                                      Monitor& monitor)
    : PartialEquations(layout, samples, decay, first_block, threads, Pacer(monitor)) {}

template <class T>
PartialEquations<T>::PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                                      std::size_t first_block, std::size_t threads, Pacer&& pacer)
    : first_block_(first_block),
      threads_(threads),
      problem_(layout, samples, decay, pacer),
      bottom_(problem_.triangle_size()),
      equations_(problem_.triangle_size(), BlockTree::positions(first_block, problem_.blocks())) {}

template <class T>
std::size_t PartialEquations<T>::evaluate(RemoteSum sum, const T* parameters, Monitor& monitor) {
    if (sum != RemoteSum::squares && sum != RemoteSum::equations) {
        throw std::invalid_argument("these sums are those of squares and equations");
    }
    return in_default_environment([&] {
        Pacer pacer(monitor);
        ThreadTeam team(threads_, pacer);
        const Executor executor{pacer, &team};
        if (sum == RemoteSum::equations) {
            equations_.begin(bottom_.data(), first_block_);
            problem_.add_equations(parameters, first_block_, equations_, executor);
            squares_.assign(equations_.n_nodes(), 0);
        } else {
            BlockwiseSum squares(tiles_per_block<T>, first_block_);
            problem_.add_squares(parameters, squares, executor);
            const double* const nodes = squares.nodes();
            squares_.assign(nodes, nodes + squares.n_nodes());
        }
        return squares_.size();
    });
}

template class PartialEquations<float>;
template class PartialEquations<double>;

}  // namespace denseloop
