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
    // Calls write(), which changes the network's arrays, while nobody reads them. The training has
    // then ended. write() throws nothing.
    template <class Write>
    void store(const Write& write) {
        begin_to_write();
        write();
        end();
    }

private:
    // Waits until nobody reads the network's arrays, which nobody begins before end().
    virtual void begin_to_write() = 0;
    virtual void end() = 0;
};

}  // namespace denseloop
