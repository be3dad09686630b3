// Expectations of the checks: each throws a Failure that says what was expected and what came.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace denseloop::check {

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void expect(bool holds, const std::string& what) {
    if (!holds) throw Failure(what);
}

// All digits, in hexadecimal.
template <class T>
std::string shown(T value) {
    char text[64];
    std::snprintf(text, sizeof text, "%a", static_cast<double>(value));
    return text;
}

template <class T>
bool same_bits(T a, T b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

// `count` numbers at `found`, with the same bits as those at `expected`.
template <class T>
void expect_same_bits(const T* found, const T* expected, std::size_t count,
                      const std::string& what) {
    if (count == 0 || std::memcmp(found, expected, count * sizeof(T)) == 0) return;
    std::size_t k = 0;
    while (same_bits(found[k], expected[k])) ++k;
    throw Failure(what + "[" + std::to_string(k) + "]: expected " + shown(expected[k]) +
                  ", found " + shown(found[k]));
}

template <class T>
void expect_same_bits(const std::vector<T>& found, const std::vector<T>& expected,
                      const std::string& what) {
    expect(found.size() == expected.size(), what + ": expected " + std::to_string(expected.size()) +
                                                " numbers, found " + std::to_string(found.size()));
    expect_same_bits(found.data(), expected.data(), found.size(), what);
}

}  // namespace denseloop::check
