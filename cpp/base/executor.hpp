// Runs a loop on the calling thread, or splits it across a team.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/cost_model.hpp"
#include "base/pacer.hpp"
#include "base/thread_team.hpp"
#include "base/vector_size.hpp"

namespace denseloop {

struct Executor {
    Pacer& pacer;  // may throw Interrupted
    ThreadTeam* team = nullptr;

    std::size_t threads() const { return team == nullptr ? 1 : team->size(); }

    // The same without the team.
    Executor alone() const { return {pacer}; }

    // Calls f(range) for portions of the units, each of which takes `work` multiply-adds. Portions
    // are multiples of 12 units, unless these take long, and four for each thread, so that none
    // waits long for the last.
    template <class F>
    void parallel_for(std::size_t units, std::size_t work, const F& f) const {
        const bool shared = threads() > 1 && units * work >= cost::layer_hand_over;
        if (!shared && units * work <= cost::longest_portion) {
            pacer.poll(units * work);
            f(Range{0, units});
            return;
        }
        const std::size_t wanted = shared ? units / (4 * threads()) : units;
        const std::size_t most = std::min(wanted, cost::longest_portion / work);
        const std::size_t block =
            most >= cost::cached_units ? cost::cached_units : cost::register_block;
        const std::size_t portion = std::max<std::size_t>(
            most / block * block,
            std::clamp<std::size_t>(4 * cost::longest_portion / work, 1, block));
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

    // Calls f(chunk) for chunks of a range of parameters, whole vectors but for the last.
    template <class F>
    void parallel_chunks(Range range, const F& f) const {
        const std::size_t length = range.end - range.begin;
        const bool shared = threads() > 1 && length >= 2 * cost::update_chunk;
        const std::size_t size = shared ? cost::update_chunk : cost::longest_chunk;
        if (!shared && length <= size) return f(range);
        const std::size_t count = (length + size - 1) / size;
        const auto compute = [&](std::size_t item, Pacer& its_pacer) {
            const std::size_t begin = range.begin + item * size;
            const Range chunk{begin, std::min(range.end, begin + size)};
            its_pacer.poll(chunk.end - chunk.begin);
            f(chunk);
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
