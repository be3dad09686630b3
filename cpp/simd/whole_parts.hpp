// The parts of a vector on a target where it has only one: the whole. Such a target includes this
// at its end.
#pragma once

#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

static_assert(parts == 1);

template <class T>
using Part = Vec<T>;

template <class T>
inline Part<T> load_part(const T* p) {
    return load(p);
}
template <class T>
inline void store_part(T* p, Vec<T> a) {
    store(p, a);
}
template <class T>
inline Part<T> pinned(Vec<T> a) {
    return a;
}
template <int k, class T>
inline Part<T> part_of(Vec<T> a) {
    return a;
}
template <int k, class T>
inline Vec<T> with_part(Vec<T>, Vec<T> part) {
    return part;
}

}  // namespace denseloop::DENSELOOP_TARGET
