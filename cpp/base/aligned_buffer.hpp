// A block of numbers, aligned to a virtual vector.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/checked_size.hpp"
#include "base/system.hpp"
#include "base/vector_size.hpp"

namespace denseloop {

// Large blocks consist of huge pages where the system allows it, as NumPy's do: a wide layer's rows
// would lie in more pages of 4 KiB than the CPU keeps the addresses of.
template <class T>
class AlignedBuffer {
public:
    // Uninitialized.
    explicit AlignedBuffer(std::size_t count)
        : AlignedBuffer(checked_product(count, sizeof(T)), Bytes{}) {}
    // All 0. Usually the system makes a page of a large block when it is first used.
    static AlignedBuffer zeros(std::size_t count) {
        const std::size_t bytes = checked_product(count, sizeof(T));
        if (bytes < huge_page) {
            AlignedBuffer small(count);
            std::fill_n(small.data(), count, T(0));
            return small;
        }
        void* const block = std::calloc(checked_sum(bytes, huge_page), 1);
        if (block == nullptr) throw std::bad_alloc();
        const std::size_t past = reinterpret_cast<std::uintptr_t>(block) % huge_page;
        char* const first = static_cast<char*>(block) + (huge_page - past) % huge_page;
        return AlignedBuffer(reinterpret_cast<T*>(first), bytes, block);
    }

    T* data() { return values_.get(); }
    const T* data() const { return values_.get(); }

private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    struct Bytes {};
    struct Release {
        std::align_val_t alignment;
        void* block = nullptr;  // of std::calloc, which has the values
        void operator()(T* values) const {
            if (block) return std::free(block);
            ::operator delete(values, alignment);
        }
    };

    AlignedBuffer(T* values, std::size_t bytes, void* block)
        : values_(values, Release{std::align_val_t{huge_page}, block}) {
        prefer_huge_pages(values, bytes / huge_page * huge_page);
    }

    AlignedBuffer(std::size_t bytes, Bytes) {
        const bool large = bytes >= huge_page;
        const std::align_val_t alignment{large ? huge_page : vector_bytes};
        values_ = {static_cast<T*>(::operator new(bytes, alignment)), Release{alignment}};
        if (large) prefer_huge_pages(values_.get(), bytes / huge_page * huge_page);
    }

    std::unique_ptr<T, Release> values_{nullptr, Release{std::align_val_t{vector_bytes}}};
};

}  // namespace denseloop
