// An uninitialized block of numbers, aligned to a virtual vector.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "base/checked_size.hpp"
#include "base/vector_size.hpp"

namespace denseloop {

template <class T>
class AlignedBuffer {
public:
    explicit AlignedBuffer(std::size_t count)
        : values_(static_cast<T*>(::operator new(checked_product(count, sizeof(T)), alignment))) {}

    T* data() { return values_.get(); }
    const T* data() const { return values_.get(); }

private:
    static constexpr std::align_val_t alignment{vector_bytes};
    struct Release {
        void operator()(T* values) const { ::operator delete(values, alignment); }
    };
    std::unique_ptr<T, Release> values_;
};

}  // namespace denseloop
