// The table of a CPU target's vector operations. This file is compiled once for each target, with
// the target's flags and two definitions: DENSELOOP_SIMD, the header with the target's vector, and
// DENSELOOP_TARGET, a namespace that the table has for itself.
#include "vector_operations.hpp"

#include DENSELOOP_SIMD
#include "simd/scalar_fma.hpp"
#include "simd/vector_pair.hpp"

namespace denseloop::DENSELOOP_TARGET {

using check::n_elements;
using check::VectorOperation;

template <class T>
constexpr std::size_t lanes = Vec<T>::lanes;

template <class T>
inline void read(const T* in, Vec<T>& v) {
    v = load(in);
}
template <class T>
inline void read(const T* in, Pair<T>& v) {
    v = {load(in), load(in + lanes<T>)};
}
template <class T>
inline void write(T* out, Vec<T> v) {
    store(out, v);
}
template <class T>
inline void write(T* out, Pair<T> v) {
    store(out, v.a);
    store(out + lanes<T>, v.b);
}
template <class T>
inline void write(T* out, T x) {
    *out = x;
}
template <class T>
inline void write(T* out, bool x) {
    *out = x ? T(1) : T(0);
}

// The operation f on an array of `operands` vectors V, which returns `results` numbers.
template <class V, std::size_t operands, std::size_t results, class F>
constexpr auto operation(const char* name, F, bool needs_normal_positive = false) {
    using T = typename Constant<V>::Number;
    constexpr std::size_t size = sizeof(V) / sizeof(T);
    return VectorOperation<T>{name, operands * size, results,
                              [](const T* in, std::size_t, T* out) {
                                  V v[operands];
                                  for (std::size_t k = 0; k < operands; ++k) {
                                      read(in + k * size, v[k]);
                                  }
                                  write(out, F{}(v));
                              },
                              needs_normal_positive};
}
template <class V, std::size_t operands, class F>
constexpr auto lane_wise(const char* name, F f, bool needs_normal_positive = false) {
    constexpr std::size_t size = sizeof(V) / sizeof(typename Constant<V>::Number);
    return operation<V, operands, size>(name, f, needs_normal_positive);
}

// What both a vector and a pair of vectors can do.
template <class V>
constexpr VectorOperation<typename Constant<V>::Number> common_operations[] = {
    lane_wise<V, 2>("+", [](const V* v) { return v[0] + v[1]; }),
    lane_wise<V, 2>("-", [](const V* v) { return v[0] - v[1]; }),
    lane_wise<V, 2>("*", [](const V* v) { return v[0] * v[1]; }),
    lane_wise<V, 2>("/", [](const V* v) { return v[0] / v[1]; }),
    lane_wise<V, 3>("fma", [](const V* v) { return fma(v[0], v[1], v[2]); }),
    lane_wise<V, 3>("fnma", [](const V* v) { return fnma(v[0], v[1], v[2]); }),
    lane_wise<V, 2>("min", [](const V* v) { return min(v[0], v[1]); }),
    lane_wise<V, 2>("max", [](const V* v) { return max(v[0], v[1]); }),
    lane_wise<V, 1>("abs", [](const V* v) { return abs(v[0]); }),
    lane_wise<V, 3>("where_negative", [](const V* v) { return where_negative(v[0], v[1], v[2]); }),
    operation<V, 1, 1>("any_negative", [](const V* v) { return any_negative(v[0]); }),
    lane_wise<V, 1>("exponent_bits", [](const V* v) { return exponent_bits(v[0]); }),
    lane_wise<V, 1>("sign", [](const V* v) { return sign(v[0]); }),
    {"constant", 1, sizeof(V) / sizeof(typename Constant<V>::Number),
     [](const auto* in, std::size_t, auto* out) { write(out, constant<V>(*in)); }},
};

template <class T>
constexpr VectorOperation<T> single_operations[] = {
    lane_wise<Vec<T>, 1>("sqrt", [](const Vec<T>* v) { return sqrt(v[0]); }),
    lane_wise<Vec<T>, 1>(
        "exponent", [](const Vec<T>* v) { return exponent(v[0]); }, true),
    lane_wise<Vec<T>, 1>(
        "mantissa", [](const Vec<T>* v) { return mantissa(v[0]); }, true),
    operation<Vec<T>, 1, 1>("sum", [](const Vec<T>* v) { return sum(v[0]); }),
    {"sums", lanes<T> * lanes<T>, lanes<T>,
     [](const T* in, std::size_t, T* out) {
         Vec<T> rows[lanes<T>];
         for (std::size_t i = 0; i < lanes<T>; ++i) rows[i] = load(in + i * lanes<T>);
         store(out, sums(rows));
     }},
    {"transpose", lanes<T> * lanes<T>, lanes<T> * lanes<T>,
     [](const T* in, std::size_t, T* out) {
         Vec<T> rows[lanes<T>];
         for (std::size_t i = 0; i < lanes<T>; ++i) rows[i] = load(in + i * lanes<T>);
         transpose(rows);
         for (std::size_t i = 0; i < lanes<T>; ++i) store(out + i * lanes<T>, rows[i]);
     }},
    {"scalar_fma", 3, 1,
     [](const T* in, std::size_t, T* out) { *out = scalar_fma(in[0], in[1], in[2]); }},
};

template <class T, int N>
constexpr VectorOperation<T> load_first_operation(const char* name) {
    return {name, N, lanes<T>,
            [](const T* in, std::size_t, T* out) { store(out, load_first<N>(in)); }};
}
template <class T, int N>
constexpr VectorOperation<T> repeat_first_operation(const char* name) {
    return {name, N, lanes<T>,
            [](const T* in, std::size_t, T* out) { store(out, repeat_first<N>(in)); }};
}
template <class T, int N>
constexpr VectorOperation<T> repeat_each_operation(const char* name) {
    return {name, lanes<T> / N, lanes<T>,
            [](const T* in, std::size_t, T* out) { store(out, repeat_each<N>(in)); }};
}

// The largest N of the templates is half the lanes: 4 for float64, where it comes twice here.
template <class T>
constexpr VectorOperation<T> memory_operations[] = {
    {"load and store", lanes<T>, lanes<T>,
     [](const T* in, std::size_t, T* out) { store(out, load(in)); }},
    {"load_first(n)", n_elements, lanes<T>,
     [](const T* in, std::size_t n, T* out) { store(out, load_first(in, n)); }},
    {"store_first(n)", lanes<T>, n_elements,
     [](const T* in, std::size_t n, T* out) { store_first(out, n, load(in)); }},
    {"keep_first(n)", lanes<T>, lanes<T>,
     [](const T* in, std::size_t n, T* out) { store(out, keep_first(load(in), n)); }},
    load_first_operation<T, 2>("load_first<2>"),
    load_first_operation<T, 4>("load_first<4>"),
    load_first_operation<T, lanes<T> / 2>("load_first<lanes / 2>"),
    repeat_first_operation<T, 1>("repeat_first<1>"),
    repeat_first_operation<T, 2>("repeat_first<2>"),
    repeat_first_operation<T, 4>("repeat_first<4>"),
    repeat_first_operation<T, lanes<T> / 2>("repeat_first<lanes / 2>"),
    repeat_each_operation<T, 1>("repeat_each<1>"),
    repeat_each_operation<T, 2>("repeat_each<2>"),
    repeat_each_operation<T, 4>("repeat_each<4>"),
    repeat_each_operation<T, lanes<T> / 2>("repeat_each<lanes / 2>"),
};

template <class T, std::size_t count>
constexpr check::OperationGroup<T> group(const char* operand,
                                         const VectorOperation<T> (&operations)[count]) {
    return {operand, operations, count};
}
template <class T>
constexpr check::OperationGroups<T> all_operations = {{
    group("Vec", common_operations<Vec<T>>),
    group("Pair", common_operations<Pair<T>>),
    group("Vec", single_operations<T>),
    group("memory", memory_operations<T>),
}};

extern const check::VectorOperations operations = {all_operations<float>, all_operations<double>};

}  // namespace denseloop::DENSELOOP_TARGET
