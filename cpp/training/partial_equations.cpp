#include "training/partial_equations.hpp"

#include <stdexcept>

#include "base/fp_environment.hpp"
#include "base/thread_team.hpp"
#include "training/gauss_newton.hpp"

namespace denseloop {

template <class T>
PartialEquations<T>::PartialEquations(const Layout& layout, const Samples<T>& samples, double decay,
                                      std::size_t first_block, Pacer&& pacer)
    : layout_(layout), decay_(decay), first_block_(first_block), samples_(samples, pacer) {}

template <class T>
PartialSum<T> PartialEquations<T>::evaluate(RemoteSum sum, const T* parameters, std::size_t threads,
                                            Monitor& monitor) {
    if (sum != RemoteSum::squares && sum != RemoteSum::equations) {
        throw std::invalid_argument("these sums are those of squares and equations");
    }
    return in_default_environment([&] {
        Pacer pacer(monitor);
        GaussNewton<T> problem(layout_, samples_, decay_, first_block_);
        PartialSum<T> found;
        if (sum == RemoteSum::squares) {
            BlockwiseSum squares(tiles_per_block<T>, first_block_);
            problem.add_squares(parameters, squares, {pacer});
            found.numbers = squares.nodes();
        } else {
            ThreadTeam team(useful_threads<T>(layout_, samples_.tiling().samples(), 1, threads),
                            pacer);
            found.arrays = problem.add_equations(parameters, {pacer, &team}).nodes();
            found.array_size = problem.triangle_size();
            found.numbers.assign(found.arrays.size() / found.array_size, 0);
        }
        return found;
    });
}

template class PartialEquations<float>;
template class PartialEquations<double>;

}  // namespace denseloop
