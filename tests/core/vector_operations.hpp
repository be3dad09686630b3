// The operations of a CPU target's vectors as functions on plain arrays, so that one program can
// compare the targets. A target's instructions stay behind the function pointers.
#pragma once

#include <cstddef>

namespace denseloop::check {

// The number of elements that an operation touches where its argument n says it.
constexpr std::size_t n_elements = ~std::size_t(0);

template <class T>
struct VectorOperation {
    const char* name;
    std::size_t reads, writes;  // elements of `in` and of `out`
    void (*apply)(const T* in, std::size_t n, T* out);
    bool needs_normal_positive = false;
};

template <class T>
struct OperationGroup {
    const char* operand;
    const VectorOperation<T>* operations;
    std::size_t count;
};

template <class T>
struct OperationGroups {
    OperationGroup<T> groups[4];
};

struct VectorOperations {
    OperationGroups<float> float32;
    OperationGroups<double> float64;
};

}  // namespace denseloop::check

namespace denseloop {
namespace baseline_vectors {
extern const check::VectorOperations operations;
}
namespace avx2_vectors {
extern const check::VectorOperations operations;
}
namespace avx512_vectors {
extern const check::VectorOperations operations;
}
namespace neon_vectors {
extern const check::VectorOperations operations;
}
}  // namespace denseloop
