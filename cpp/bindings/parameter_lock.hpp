// Guards a network's parameters. Any number of threads may read them, also while one trains: they
// then get a copy of those after the last finished update. No call waits for longer than a training
// or a reader takes to look up from its work.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/readers.hpp"
#include "bindings/forks.hpp"

namespace denseloop {

struct InUse : std::runtime_error {
    InUse() : std::runtime_error("this network is in use by another training or thread") {}
};

class ParameterLock {
public:
    // A training holds it until it has stored its parameters. Throws InUse if another does.
    class Training : public Readers {
    public:
        explicit Training(ParameterLock& lock) : lock_(lock) {
            while (!lock.try_to_add(training, training | writing)) {
                if ((lock.held() & training) != 0) throw InUse();
                rest();
            }
            lock_.trainer_ = std::this_thread::get_id();
        }
        ~Training() override { end(); }
        Training(const Training&) = delete;
        Training& operator=(const Training&) = delete;

        void offer(const Snapshot& snapshot) override { lock_.snapshot_ = &snapshot; }
        void serve() override {
            if (lock_.request_.load(std::memory_order_relaxed) == nullptr) return;
            if (Request* const request = lock_.request_.exchange(nullptr)) {
                lock_.snapshot_->copy_to(request->to);
                request->done = true;
            }
        }
        // Readers that began before the training may still read the array.
        void store(void* flat) override {
            lock_.add(writing);
            lock_.wait_for_readers();
            lock_.snapshot_->copy_to(flat);
            lock_.remove(writing);
            end();
        }

    private:
        void end() {
            if (ended_) return;
            ended_ = true;
            lock_.trainer_ = std::thread::id{};
            lock_.remove(training);
        }

        ParameterLock& lock_;
        bool ended_ = false;
    };

    // Calls f(parameters) with the network's array of `count` values, or with a copy of those that
    // a training has reached. It may wait, so the caller must not hold the GIL, unless
    // is_quiet().
    template <class T, class F>
    void read(const T* array, std::size_t count, const F& f) {
        while (!try_to_add(1, training | writing)) {
            if ((held() & training) == 0) {
                rest();  // somebody writes to the array
                continue;
            }
            std::vector<T> copy(count);
            if (ask(copy.data())) return f(copy.data());
        }
        const struct Reading {
            ParameterLock& lock;
            ~Reading() { lock.remove(1); }
        } reading{*this};
        f(array);
    }

    // Calls f(), which writes to the array, while nobody reads it or trains.
    template <class F>
    void write(const F& f) {
        while (!try_to_add(writing, training | writing)) rest();
        wait_for_readers();
        f();
        remove(writing);
    }

    // Whether nobody trains or writes.
    bool is_quiet() const { return (held() & (training | writing)) == 0; }

private:
    // The lower half of the state counts the readers of the array, and has these flags.
    static constexpr std::uint32_t training = 1u << 31, writing = 1u << 30, readers = writing - 1;

    // A reader's wish for a copy, in its thread's own memory.
    struct Request {
        void* to;
        std::atomic<bool> done{false};
    };

    // Asks the training for its parameters. Returns false if it ends before it answers.
    bool ask(void* to) {
        if (trainer_.load() == std::this_thread::get_id()) {  // within a signal's handler
            snapshot_->copy_to(to);
            return true;
        }
        Request mine{to};
        Request* none = nullptr;
        while (!request_.compare_exchange_strong(none, &mine)) {
            if ((held() & training) == 0) return false;
            none = nullptr;
            rest();
        }
        while (!mine.done) {
            Request* asked = &mine;
            if ((held() & training) == 0 && request_.compare_exchange_strong(asked, nullptr)) {
                return false;
            }
            rest();
        }
        return true;
    }

    static void rest() { std::this_thread::sleep_for(std::chrono::microseconds(10)); }

    void wait_for_readers() const {
        while ((held() & readers) != 0) rest();
    }

    // The lower half of the state. After a fork nobody holds anything.
    std::uint32_t held() const { return held(state_); }
    static std::uint32_t held(std::uint64_t state) {
        return state >> 32 == forks ? static_cast<std::uint32_t>(state) : 0;
    }
    static std::uint64_t state_of(std::uint32_t held) { return std::uint64_t{forks} << 32 | held; }

    // Adds a reader or a flag, unless there is one of these flags.
    bool try_to_add(std::uint32_t share, std::uint32_t unless) {
        std::uint64_t state = state_;
        do {
            if ((held(state) & unless) != 0) return false;
        } while (!state_.compare_exchange_weak(state, state_of(held(state) + share)));
        return true;
    }
    void add(std::uint32_t share) { try_to_add(share, 0); }
    void remove(std::uint32_t share) {
        std::uint64_t state = state_;
        do {
            // After a fork there is nothing to remove.
            if ((held(state) & (share == 1 ? readers : share)) == 0) return;
        } while (!state_.compare_exchange_weak(state, state_of(held(state) - share)));
    }

    std::atomic<std::uint64_t> state_{0};  // upper half: the forks of its holders' process
    std::atomic<Request*> request_{nullptr};
    std::atomic<std::thread::id> trainer_{};
    const Snapshot* snapshot_ = nullptr;  // of the training, whose thread alone uses it
};

}  // namespace denseloop
