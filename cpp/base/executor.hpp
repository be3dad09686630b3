// Who computes: one thread, or a team in portions.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/pacer.hpp"
#include "base/thread_team.hpp"
#include "kernels/kernel_table.hpp"

namespace denseloop {

// Who computes a layer: this thread, or the whole team in portions. The pacer may throw.
struct Crew {
    Pacer& pacer;
    ThreadTeam* team;  // or null

    // Calls f(range) for portions of the units, each of which takes `work` multiply-adds.
    template <class F>
    void in_portions(std::size_t units, std::size_t work, const F& f) const {
        // Below some microseconds a hand-over costs more than it gains; above some milliseconds a
        // computation could no longer be stopped in time.
        constexpr std::size_t too_little = 1u << 17, too_much = 1u << 22;
        const bool shared = team != nullptr && units * work >= too_little;
        if (!shared && units * work <= too_much) {
            pacer.poll(units * work);
            f(Range{0, units});
            return;
        }
        // Whole register blocks; four portions a thread, so that none waits long for the last.
        const std::size_t wanted = shared ? units / (4 * team->size()) : units;
        const std::size_t portion =
            std::max<std::size_t>(8, std::min(wanted, too_much / work) / 8 * 8);
        const std::size_t count = (units + portion - 1) / portion;
        const auto compute = [&](std::size_t item, Pacer& its_pacer) {
            const Range range{item * portion, std::min(units, (item + 1) * portion)};
            its_pacer.poll((range.end - range.begin) * work);
            f(range);
        };
        if (shared) {
            team->for_each(count, [&](std::size_t item, ThreadTeam::Worker& worker) {
                compute(item, worker.pacer);
            });
        } else {
            for (std::size_t item = 0; item < count; ++item) compute(item, pacer);
        }
    }
};

}  // namespace denseloop
