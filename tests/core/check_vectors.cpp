#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "checks.hpp"
#include "expect.hpp"
#include "vector_operations.hpp"

namespace denseloop::check {
namespace {

const VectorOperations& vector_operations(const std::string& target) {
#if DENSELOOP_X86_TARGETS
    if (target == "avx2") return avx2_vectors::operations;
    if (target == "avx512") return avx512_vectors::operations;
#endif
#if DENSELOOP_ARM_TARGETS
    if (target == "neon") return neon_vectors::operations;
#endif
    expect(target == "baseline", "check_vectors.cpp has no vector operations of " + target);
    return baseline_vectors::operations;
}

const OperationGroups<float>& groups_of(const VectorOperations& all, float) { return all.float32; }
const OperationGroups<double>& groups_of(const VectorOperations& all, double) {
    return all.float64;
}

// Operands of every kind, the same in every run.
template <class T>
class Operands {
public:
    // `count` numbers. Rounds differ in how many are special, in their signs and in their sizes.
    std::vector<T> draw(std::size_t count, std::size_t round, bool normal_positive) {
        static constexpr unsigned specials_of_16[] = {0, 1, 8, 16};
        const unsigned specials = normal_positive ? 0 : specials_of_16[round % 4];
        const std::size_t negative_ones = normal_positive ? 1 : round / 4 % 3;
        const int largest_exponent = round / 12 % 2 ? limits::max_exponent - 2 : 8;
        std::vector<T> numbers(count);
        for (T& x : numbers) {
            x = below(16) < specials ? special() : ordinary(largest_exponent);
            if (negative_ones != 0) x = std::fabs(x);
        }
        if (negative_ones == 2 && count > 0) {
            T& x = numbers[below(count)];
            x = std::copysign(x, T(-1));
        }
        return numbers;
    }

private:
    using limits = std::numeric_limits<T>;

    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

    T special() {
        static constexpr T specials[] = {0,
                                         1,
                                         2,
                                         1 + limits::epsilon(),
                                         1 - limits::epsilon() / 2,
                                         limits::denorm_min(),
                                         3 * limits::denorm_min(),
                                         limits::min() - limits::denorm_min(),
                                         limits::min(),
                                         limits::max() / 2,
                                         limits::max(),
                                         limits::infinity(),
                                         limits::quiet_NaN()};
        const T x = specials[below(std::size(specials))];
        return below(2) ? x : -x;
    }

    // A normal number with random bits, of at most 2^largest_exponent and at least its reciprocal.
    T ordinary(int largest_exponent) {
        const auto width = static_cast<std::size_t>(2 * largest_exponent);
        const int exponent = static_cast<int>(below(width)) - largest_exponent;
        const T fraction = static_cast<T>(random_() >> (64 - limits::digits + 1));
        const T significand = 1 + std::ldexp(fraction, 1 - limits::digits);
        return std::ldexp(below(2) ? significand : -significand, exponent);
    }

    std::mt19937_64 random_;
};

template <class T>
bool same_values(T a, T b) {
    return same_bits(a, b) || (std::isnan(a) && std::isnan(b));
}

// What the operation writes, and the numbers after it, which it must leave alone.
template <class T>
std::vector<T> result_of(const VectorOperation<T>& operation, const std::vector<T>& in,
                         std::size_t n) {
    constexpr std::size_t lanes = vector_lanes<T>;
    std::vector<T> out(operation.writes == n_elements ? lanes : operation.writes + lanes, T(-77));
    operation.apply(in.data(), n, out.data());
    return out;
}

template <class T>
void compare(const VectorOperation<T>& operation, const VectorOperation<T>& meaning) {
    constexpr std::size_t rounds = 24 * 17 * 10;  // every kind of operands with every n
    constexpr std::size_t lanes = vector_lanes<T>;
    Operands<T> operands;
    for (std::size_t round = 0; round < rounds; ++round) {
        const std::size_t n = round % (lanes + 1);
        const std::size_t reads = operation.reads == n_elements ? n : operation.reads;
        // A sanitizer sees a read past the numbers; otherwise the numbers there would show.
        const std::size_t more = round / 24 % 2 ? lanes : 0;
        const std::vector<T> in =
            operands.draw(reads + more, round, operation.needs_normal_positive);
        const std::vector<T> found = result_of(operation, in, n);
        const std::vector<T> expected = result_of(meaning, in, n);
        for (std::size_t k = 0; k < found.size(); ++k) {
            if (same_values(found[k], expected[k])) continue;
            throw Failure("with n = " + std::to_string(n) + ", result[" + std::to_string(k) +
                          "]: expected " + shown(expected[k]) + ", found " + shown(found[k]));
        }
    }
}

// The portable vector computes its fma where the CPU has none, so <cmath> says what it means.
template <class T>
constexpr VectorOperation<T> fma_of_cmath = {
    "fma", 3 * vector_lanes<T>, vector_lanes<T>, [](const T* in, std::size_t, T* out) {
        constexpr std::size_t lanes = vector_lanes<T>;
        for (std::size_t i = 0; i < lanes; ++i) {
            out[i] = std::fma(in[i], in[lanes + i], in[2 * lanes + i]);
        }
    }};

}  // namespace

template <class T>
std::vector<VectorCheck> vector_checks(const std::string& target) {
    const OperationGroups<T>& all = groups_of(vector_operations(target), T());
    const OperationGroups<T>& meanings = groups_of(baseline_vectors::operations, T());
    std::vector<VectorCheck> checks;
    for (std::size_t g = 0; g < std::size(all.groups); ++g) {
        const OperationGroup<T>& group = all.groups[g];
        for (std::size_t k = 0; k < group.count; ++k) {
            const VectorOperation<T>* const operation = group.operations + k;
            const VectorOperation<T>* meaning = meanings.groups[g].operations + k;
            const std::string name = std::string(group.operand) + " " + operation->name;
            if (operation == meaning) {
                if (name != "Vec fma") continue;
                meaning = &fma_of_cmath<T>;
            }
            checks.push_back({name, [=] { compare(*operation, *meaning); }});
        }
    }
    return checks;
}

template std::vector<VectorCheck> vector_checks<float>(const std::string&);
template std::vector<VectorCheck> vector_checks<double>(const std::string&);

}  // namespace denseloop::check
