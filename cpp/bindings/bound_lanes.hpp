// Members of one layout and one plan that are trained side by side.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/fp_environment.hpp"
#include "bindings/bound_member.hpp"
#include "training/lane_group.hpp"

namespace denseloop {

// Reads and writes of several networks that one thread trains.
class SharedReaders : public Readers {
public:
    explicit SharedReaders(std::vector<Readers*> all) : all_(std::move(all)) {}
    void offer(const Snapshot&) override {}  // each has its own
    void serve() override {
        for (Readers* each : all_) each->serve();
    }

private:
    void begin_to_write() override {}  // each stores its own
    void end() override {}

    const std::vector<Readers*> all_;
};

// Trains at most LaneGroup::lanes members, from which it takes over as long as all of them go on.
template <class T>
class BoundLanes final : public MemberTraining {
public:
    explicit BoundLanes(std::vector<BoundMember<T>*> members) : members_(std::move(members)) {}

    std::size_t networks() const override { return members_.size(); }
    double work() const override { return members_[0]->work(); }

    void run(std::size_t threads, Monitor& monitor) noexcept override {
        try {
            const std::size_t epochs = members_[0]->epochs();
            bool interrupted = in_default_environment([&] { return side_by_side(monitor); });
            for (BoundMember<T>* member : members_) {
                if (interrupted) {
                    member->end({Ending::interrupt, finished_});
                } else if (finished_ == epochs) {
                    member->end({Ending::epochs, finished_});
                } else {  // one of them diverges
                    interrupted = !member->run_from(finished_, threads, monitor);
                }
            }
        } catch (...) {
            for (BoundMember<T>* member : members_) member->fail(std::current_exception());
        }
    }

private:
    class LaneSnapshot : public Snapshot {
    public:
        LaneSnapshot(const LaneGroup<T>& group, std::size_t lane) : group_(group), lane_(lane) {}
        void copy_to(void* flat) const override {
            group_.copy_parameters(lane_, static_cast<T*>(flat));
        }

    private:
        const LaneGroup<T>& group_;
        const std::size_t lane_;
    };

    // The locks of the members, which end in the reverse of the order in which they began.
    struct Locks {
        std::deque<ParameterLock::Training> all;
        ~Locks() {
            while (!all.empty()) all.pop_back();
        }
    };

    // Returns whether the monitor interrupted it.
    bool side_by_side(Monitor& monitor) {
        Locks locks;
        std::vector<typename LaneGroup<T>::Member> members;
        for (BoundMember<T>* member : members_) {
            locks.all.emplace_back(member->lock());
            members.push_back(member->lane_member());
        }
        LaneGroup<T> group(members_[0]->layout(), members_[0]->training_plan(), members);
        std::deque<LaneSnapshot> snapshots;
        std::vector<Readers*> readers;
        for (std::size_t k = 0; k < members_.size(); ++k) {
            locks.all[k].offer(snapshots.emplace_back(group, k));
            readers.push_back(&locks.all[k]);
            members_[k]->begin();
        }
        SharedReaders shared(std::move(readers));
        Pacer pacer(monitor, &shared);
        bool interrupted = false;
        try {
            group.run(members_[0]->epochs(), pacer);
        } catch (const Interrupted&) {
            interrupted = true;
        }
        finished_ = group.finished();
        for (std::size_t k = members_.size(); k-- > 0;) {
            if (finished_ > 0) locks.all[k].store([&] { group.store(k); });
            locks.all.pop_back();
        }
        return interrupted;
    }

    const std::vector<BoundMember<T>*> members_;
    std::size_t finished_ = 0;
};

// Replaces members that can go side by side by groups of them, where there are enough to gain from
// it. The groups are kept in `groups`.
template <class T>
void group_lanes(const std::vector<BoundMember<T>*>& members,
                 std::vector<std::unique_ptr<MemberTraining>>& groups,
                 std::vector<MemberTraining*>& trainings) {
    constexpr std::size_t lanes = LaneGroup<T>::lanes, fewest = lanes / 2;
    for (std::size_t k = 0; k < members.size();) {
        std::vector<BoundMember<T>*> group{members[k]};
        const auto key = members[k]->lane_key();
        while (key && ++k < members.size() && group.size() < lanes &&
               members[k]->lane_key() == key) {
            group.push_back(members[k]);
        }
        if (!key) ++k;
        if (group.size() < fewest) {
            trainings.insert(trainings.end(), group.begin(), group.end());
        } else {
            trainings.push_back(
                groups.emplace_back(std::make_unique<BoundLanes<T>>(std::move(group))).get());
        }
    }
}

}  // namespace denseloop
