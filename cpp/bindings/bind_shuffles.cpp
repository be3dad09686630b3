#include <numpy/random/bitgen.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "bindings/bindings.hpp"

namespace denseloop {
namespace {

// The shuffle of NumPy's RandomState, whose numbers never change by NumPy's policy (NEP 19): Fisher
// and Yates', with of each 32 random bits the lowest that the largest index takes, drawn again
// where they are more.
void shuffle(bitgen_t& generator, std::int64_t* order, std::size_t count) {
    for (std::size_t i = count; i-- > 1;) {
        const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << std::bit_width(i)) - 1);
        std::uint32_t j;
        do {
            j = generator.next_uint32(generator.state) & mask;
        } while (j > i);
        std::swap(order[i], order[j]);
    }
}

// orders (epochs, n_samples), the first of which holds what is shuffled. Each is a shuffle of the
// one before. The caller holds the generator's lock.
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
    const py::gil_scoped_release no_gil;
    for (std::size_t epoch = 0; epoch < epochs; ++epoch, order += samples) {
        if (epoch > 0) std::copy_n(order - samples, samples, order);
        shuffle(bits, order, samples);
    }
}

}  // namespace

void define_shuffles(py::module_& m) {
    m.def("shuffles", &shuffles, py::arg("generator"), py::arg("orders").noconvert());
}

}  // namespace denseloop
