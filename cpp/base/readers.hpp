// Other threads that read a network's parameters while they are trained.
#pragma once

namespace denseloop {

// The parameters of a running training after its last finished update.
class Snapshot {
public:
    virtual ~Snapshot() = default;
    // Copies them to the network's flat array, or to another of its size and dtype.
    virtual void copy_to(void* flat) const = 0;
};

class Readers {
public:
    virtual ~Readers() = default;
    // From now on serve() answers from the snapshot, until store().
    virtual void offer(const Snapshot& snapshot) = 0;
    // Answers who has asked meanwhile. It is called some microseconds apart, on the computing
    // thread, and never while the snapshot changes.
    virtual void serve() = 0;
    // Between these two the snapshot does not change, and who asks copies it without the computing
    // thread, which waits for somebody else.
    virtual void pause() {}
    virtual void resume() {}
    // Copies the snapshot to the network's array `flat`, while nobody reads that.
    virtual void store(void* flat) = 0;
};

}  // namespace denseloop
