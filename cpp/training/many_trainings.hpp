// Trains many networks at once: the threads of a team share the networks.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "base/pacer.hpp"

namespace denseloop {

// The training of a network, or of several side by side.
class MemberTraining {
public:
    virtual ~MemberTraining() = default;
    virtual std::size_t networks() const { return 1; }
    // Multiply-adds of all epochs, more or less.
    virtual double work() const = 0;
    // Trains on at most so many threads, and asks the monitor. Throws nothing; who interrupts it
    // finds the network after its last finished update.
    virtual void run(std::size_t threads, Monitor& monitor) noexcept = 0;
};

// Runs them all, the longest first, so that two threads end together. `finished` counts the
// networks that are done. Throws Interrupted. A member has the same bits on any number of threads.
void run_members(std::vector<MemberTraining*> members, std::size_t threads, Monitor& monitor,
                 std::atomic<std::size_t>& finished);

}  // namespace denseloop
