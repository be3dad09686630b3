#include <numpy/random/bitgen.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include "bindings/bindings.hpp"
#include "samples/numpy_shuffle.hpp"

namespace denseloop {
namespace {

// orders (epochs, n_samples): row 0 is shuffled in place, each later row becomes a shuffle of the
// row before. The caller holds the generator's lock.
void shuffles(const py::capsule& generator, Array<std::int64_t> orders) {
    const auto epochs = static_cast<std::size_t>(orders.shape(0));
    const auto samples = static_cast<std::size_t>(orders.size()) / std::max<std::size_t>(epochs, 1);
    std::int64_t* order = writable_rows_view(orders, "orders", epochs, samples);
    if (samples > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("orders must be of less than 2^32 samples, got " +
                                    std::to_string(samples));
    }
    if (generator.name() == nullptr || std::string(generator.name()) != "BitGenerator") {
        throw std::invalid_argument("generator must be the capsule of a NumPy bit generator");
    }
    auto& bits = *generator.get_pointer<bitgen_t>();
    // Safe: only the memory of the array and the generator is used, which the arguments keep alive.
    const GilReleased no_gil;
    for (std::size_t epoch = 0; epoch < epochs; ++epoch, order += samples) {
        if (epoch > 0) std::copy_n(order - samples, samples, order);
        numpy_shuffle(order, samples, [&] { return bits.next_uint32(bits.state); });
    }
}

}  // namespace

void define_shuffles(py::module_& m) {
    m.def("shuffles", &shuffles, py::arg("generator"), py::arg("orders").noconvert());
}

}  // namespace denseloop
