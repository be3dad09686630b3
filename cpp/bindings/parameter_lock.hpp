// Guards a network's parameters. Any number of threads may read them, also while one trains: they
// then get a copy of those after the last finished update. Who reads the array itself gives way, by
// beginning again with a copy, when a training has to write to it (PythonMonitor). So no call waits
// for longer than a training or a reader takes to look up from its work.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/forks.hpp"
#include "base/readers.hpp"

namespace denseloop {

struct InUse : std::runtime_error {
    InUse() : std::runtime_error("this network is in use by another training or thread") {}
};

class ParameterLock {
    // A lock that this thread holds. A signal's handler in the middle of that may hold others, and
    // around them there is this one.
    struct Held {
        ParameterLock& lock;
        const Held* around;
    };

public:
    // A training holds it until it has stored its parameters. Throws InUse if another does, or if
    // this thread reads the array, in the middle of which a signal's handler trains.
    class Training final : public Readers {
    public:
        explicit Training(ParameterLock& lock) : here_{lock, training_here_} {
            if (lock.is_among(reading_here_)) throw InUse();
            // What is there before the flag, after a fork, is of a thread that does not exist.
            Request* stale = lock.request_;
            while (!lock.try_to_add(training, training | writing)) {
                if ((lock.held() & training) != 0) throw InUse();
                rest();
            }
            if (lock.forks_.exchange(forks) != forks) {
                lock.request_.compare_exchange_strong(stale, nullptr);
                lock.copying_ = 0;
            }
            lock.snapshot_ = nullptr;
            lock.paused_ = false;
            training_here_ = &here_;
        }
        ~Training() override { end(); }
        Training(const Training&) = delete;
        Training& operator=(const Training&) = delete;

        void offer(const Snapshot& snapshot) override { here_.lock.snapshot_ = &snapshot; }
        void serve() override {
            ParameterLock& lock = here_.lock;
            if (lock.request_.load(std::memory_order_relaxed) == nullptr) return;
            if (Request* const request = lock.request_.exchange(nullptr)) {
                lock.snapshot_->copy_to(request->to);
                request->done = true;
            }
        }
        void pause() override {
            here_.lock.paused_ = true;
            serve();  // who does not look any more
        }
        void resume() override {
            here_.lock.paused_ = false;
            while (here_.lock.copying_ != 0) rest();
        }

    private:
        // Readers that began before the training give way.
        void begin_to_write() override {
            here_.lock.add(writing);
            here_.lock.wait_for_readers();
            holds_ |= writing;
        }
        void end() override {
            if (holds_ == 0) return;
            training_here_ = here_.around;
            here_.lock.remove(std::exchange(holds_, 0));
        }

        const Held here_;
        std::uint32_t holds_ = training;
    };

    // Calls f() while the array may be read. Returns false instead if somebody trains or writes.
    // It does not wait, so the caller may hold the GIL.
    template <class F>
    bool try_read(const F& f) {
        if (is_among(reading_here_)) {  // in a signal's handler, and the array is held already
            f();
            return true;
        }
        if (!try_to_add(1, training | writing)) return false;
        const struct Reading {
            const Held here;
            explicit Reading(ParameterLock& lock) : here{lock, reading_here_} {
                reading_here_ = &here;
            }
            ~Reading() {
                reading_here_ = here.around;
                here.lock.remove(1);
            }
        } reading(*this);
        f();
        return true;
    }

    // Copies the network's array of `count` values, or those that a training has reached. It may
    // wait for some microseconds, so the caller must not hold the GIL.
    template <class T>
    void copy(const T* array, std::size_t count, T* to) {
        while (!try_read([&] { std::copy_n(array, count, to); })) {
            if (is_among(training_here_)) {  // in a signal's handler
                if (snapshot_ != nullptr) return snapshot_->copy_to(to);
                std::copy_n(array, count, to);  // no update has been made
                return;
            }
            if ((held() & training) != 0 && ask(to)) return;
            rest();
        }
    }

    // Copies as copy() does, or returns false if that would wait. The caller may hold the GIL.
    template <class T>
    bool try_copy(const T* array, std::size_t count, T* to) {
        return try_read([&] { std::copy_n(array, count, to); }) ||
               ((held() & training) != 0 && copy_paused(to));
    }

    // Calls f(), which writes to the array, while nobody reads it or trains. Throws InUse if this
    // thread does.
    template <class F>
    void write(const F& f) {
        if (is_among(reading_here_) || is_among(training_here_)) throw InUse();
        while (!try_to_add(writing, training | writing)) rest();
        wait_for_readers();
        f();
        remove(writing);
    }

    // Whether somebody reads the array, and so may wait for the GIL.
    bool has_readers() const { return (held() & readers) != 0; }

    // Whether somebody waits for the readers to end.
    bool is_wanted() const { return (held() & writing) != 0; }

    // Called in the child of a fork. It goes on with the calls in whose handlers it forked, and
    // what they hold is held still. Nobody else is there.
    static void keep_what_this_thread_holds() {
        for (const Held* each = training_here_; each != nullptr; each = each->around) {
            each->lock.request_ = nullptr;
            each->lock.copying_ = 0;
            each->lock.forks_ = forks.load();
            each->lock.add(training);
        }
        for (const Held* each = reading_here_; each != nullptr; each = each->around) {
            each->lock.add(1);
        }
    }

private:
    // The lower half of the state counts the readers of the array, and has these flags.
    static constexpr std::uint32_t training = 1u << 31, writing = 1u << 30, readers = writing - 1;

    // A reader's wish for a copy, in its thread's own memory.
    struct Request {
        void* to;
        std::atomic<bool> done{false};
    };

    // Copies the snapshot of a training that is paused. Returns false if it is not.
    bool copy_paused(void* to) {
        ++copying_;
        const bool paused = paused_;
        if (paused) snapshot_->copy_to(to);
        --copying_;
        return paused;
    }

    // Asks the training for its parameters. Returns false if it ends before it answers.
    bool ask(void* to) {
        Request mine{to};
        Request* none = nullptr;
        while (!request_.compare_exchange_strong(none, &mine)) {
            if (copy_paused(to)) return true;
            if ((held() & training) == 0) return false;
            none = nullptr;
            rest();
        }
        while (!mine.done) {
            Request* asked = &mine;
            if (((held() & training) == 0 || paused_) &&
                request_.compare_exchange_strong(asked, nullptr)) {
                return copy_paused(to);
            }
            rest();
        }
        return true;
    }

    bool is_among(const Held* innermost) const {
        while (innermost != nullptr && &innermost->lock != this) innermost = innermost->around;
        return innermost != nullptr;
    }

    static void rest() { std::this_thread::sleep_for(std::chrono::microseconds(10)); }

    void wait_for_readers() const {
        while ((held() & readers) != 0) rest();
    }

    // The lower half of the state. After a fork no other thread holds anything.
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
    void remove(std::uint32_t share) { state_ -= share; }

    std::atomic<std::uint64_t> state_{0};  // upper half: the forks of its holders' process
    std::atomic<Request*> request_{nullptr};
    std::atomic<std::uint32_t> forks_{0};    // when the last training began
    const Snapshot* snapshot_ = nullptr;     // of the training, whose thread alone uses it unless
    std::atomic<bool> paused_{false};        // ... it waits in a function of the caller's
    std::atomic<std::uint32_t> copying_{0};  // how many readers use it then

    // The locks that this thread holds, the innermost first.
    static inline thread_local const Held *training_here_ = nullptr, *reading_here_ = nullptr;
};

}  // namespace denseloop
