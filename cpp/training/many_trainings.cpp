#include "training/many_trainings.hpp"

#include <algorithm>
#include <numeric>

#include "base/nested_monitor.hpp"
#include "base/thread_team.hpp"

namespace denseloop {
void run_members(std::vector<MemberTraining*> members, std::size_t threads, Monitor& monitor,
                 std::atomic<std::size_t>& finished) {
    std::stable_sort(members.begin(), members.end(),
                     [](const auto* a, const auto* b) { return a->work() > b->work(); });
    const double work =
        std::accumulate(members.begin(), members.end(), 0.0,
                        [](double sum, const auto* member) { return sum + member->work(); });
    // A few networks share their own work among the threads.
    const bool by_networks = members.size() >= threads && work >= cost::thread_start;
    Pacer pacer(monitor);
    ThreadTeam team(by_networks ? threads : 1, pacer);
    team.for_each(members.size(), [&](std::size_t k, ThreadTeam::Worker& worker) {
        const auto least = static_cast<double>(cost::between_clock_reads);
        worker.pacer.poll(static_cast<std::size_t>(std::min(members[k]->work(), least)));
        NestedMonitor asks(worker.pacer);
        members[k]->run(by_networks ? 1 : threads, asks);
        if (asks.interrupted()) throw Interrupted{};
        finished += members[k]->networks();
    });
}

}  // namespace denseloop
