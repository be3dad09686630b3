// An uninitialized block of numbers, aligned to a virtual vector.
#pragma once

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstddef>
#include <memory>
#include <new>

#include "base/checked_size.hpp"
#include "base/vector_size.hpp"

namespace denseloop {

// Large blocks consist of huge pages where the system allows it, as NumPy's do: a wide layer's rows
// would lie in more pages of 4 KiB than the CPU keeps the addresses of.
template <class T>
class AlignedBuffer {
public:
    explicit AlignedBuffer(std::size_t count)
        : AlignedBuffer(checked_product(count, sizeof(T)), Bytes{}) {}

    T* data() { return values_.get(); }
    const T* data() const { return values_.get(); }

private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    struct Bytes {};
    struct Release {
        std::align_val_t alignment;
        void operator()(T* values) const { ::operator delete(values, alignment); }
    };

    AlignedBuffer(std::size_t bytes, Bytes) {
        const bool large = bytes >= huge_page;
        const std::align_val_t alignment{large ? huge_page : vector_bytes};
        values_ = {static_cast<T*>(::operator new(bytes, alignment)), Release{alignment}};
#if defined(__linux__)
        if (large) madvise(values_.get(), bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
    }

    std::unique_ptr<T, Release> values_{nullptr, Release{std::align_val_t{vector_bytes}}};
};

}  // namespace denseloop
