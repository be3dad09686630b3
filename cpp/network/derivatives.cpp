#include "network/derivatives.hpp"

#include <algorithm>
#include <vector>

#include "base/fp_environment.hpp"
#include "network/tile_sweep.hpp"
#include "network/work_sharing.hpp"

namespace denseloop {

template <class T>
void differentiate(const Layout& layout, const T* parameters, const Inputs<T>& X,
                   Variables variables, T* outputs, T* jacobian, std::size_t threads,
                   Monitor& monitor) {
    if (X.rows == 0) return;
    const std::size_t n_outputs = layout.n_outputs();
    const std::size_t columns =
        variables == Variables::inputs ? layout.n_inputs() : layout.n_parameters();
    in_default_environment([&] {
        Pacer pacer(monitor);
        const double work = forward_work(layout, X) * static_cast<double>(n_outputs + 1);
        const std::size_t workers = work >= cost::thread_start ? threads : 1;
        const std::size_t stride =
            tile_stride<T>(std::min(vectors_per_tile, padded<T>(X.rows) / vector_lanes<T>));
        AlignedBuffer<T> ones(stride);
        std::fill_n(ones.data(), stride, T(1));
        std::vector<AlignedBuffer<T>> tiles;  // (columns, vectors, lanes), one for each thread
        for (std::size_t k = 0; k < workers; ++k)
            tiles.emplace_back(checked_product(columns, stride));
        sweep_tiles(
            layout, parameters, X, variables == Variables::parameters, workers, pacer,
            [&](TilePass<T>& pass, const Tile& tile, std::size_t reader, const Executor& executor) {
                unpack_tile(pass.output(), n_outputs, tile.vectors, tile.first, tile.samples,
                            nullptr, outputs);
                T* const derivatives = tiles[reader].data();
                for (std::size_t unit = 0; unit < n_outputs; ++unit) {
                    if (variables == Variables::inputs) {
                        pass.input_derivatives(unit, parameters, ones.data(), derivatives,
                                               executor);
                    } else {
                        pass.jacobian(unit, parameters, ones.data(), derivatives, executor);
                    }
                    unpack_tile(derivatives, columns, tile.vectors, tile.first, tile.samples,
                                nullptr, jacobian + unit * columns, n_outputs * columns);
                }
            });
    });
}

template void differentiate(const Layout&, const float*, const Inputs<float>&, Variables, float*,
                            float*, std::size_t, Monitor&);
template void differentiate(const Layout&, const double*, const Inputs<double>&, Variables, double*,
                            double*, std::size_t, Monitor&);

}  // namespace denseloop
