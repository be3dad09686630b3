// Sums of blocks that are arrays, added by the BlockTree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/block_tree.hpp"
#include "base/checked_size.hpp"
#include "base/executor.hpp"

namespace denseloop {

template <class T>
class ArrayTree {
public:
    // For arrays (size) and at most so many `positions` of a BlockTree.
    ArrayTree(std::size_t size, std::size_t positions)
        : size_(size), memory_(checked_product(positions > 0 ? positions - 1 : 0, size)) {}

    // Begins with this block. `bottom` (size) is position 0, which in the end has the total.
    void begin(T* bottom, std::size_t first_block = 0) {
        bottom_ = bottom;
        tree_ = BlockTree(first_block);
        in_block_ = false;
    }

    // Where the next block's sum goes.
    T* next() { return at(tree_.depth()); }

    // Goes on when that sum is there.
    void finish_block(const Executor& executor) {
        tree_.finish_block([&](std::size_t into, std::size_t from) {
            add(at(from), at(into), {0, size_}, executor);
        });
    }

    // Adds the parts (count, size) of some blocks in turn; ends_block(k) is whether a block ends
    // with part k. The threads share the elements.
    template <class Ends>
    void add_parts(const T* parts, std::size_t count, const Ends& ends_block,
                   const Executor& executor) {
        executor.parallel_chunks({0, size_}, [&](Range chunk) {
            BlockTree tree = tree_;
            bool in_block = in_block_;
            walk(tree, in_block, parts, count, ends_block, chunk);
        });
        walk(tree_, in_block_, parts, count, ends_block, {0, 0});
    }

    // Adds what is left, so that `bottom` has the total.
    void finish(const Executor& executor) {
        tree_.finish([&](std::size_t into, std::size_t from) {
            add(at(from), at(into), {0, size_}, executor);
        });
    }

    // The sums of the nodes (n_nodes, size), from left to right.
    std::vector<T> nodes() {
        std::vector<T> all;
        all.reserve(checked_product(tree_.depth(), size_));
        for (std::size_t k = 0; k < tree_.depth(); ++k) {
            all.insert(all.end(), at(k), at(k) + size_);
        }
        return all;
    }

private:
    T* at(std::size_t position) {
        return position == 0 ? bottom_ : memory_.data() + (position - 1) * size_;
    }

    static void add(const T* from, T* into, Range elements, const Executor& executor) {
        executor.parallel_chunks(elements, [&](Range chunk) { add(from, into, chunk); });
    }
    static void add(const T* from, T* into, Range elements) {
        for (std::size_t k = elements.begin; k < elements.end; ++k) into[k] += from[k];
    }

    template <class Ends>
    void walk(BlockTree& tree, bool& in_block, const T* parts, std::size_t count,
              const Ends& ends_block, Range chunk) {
        for (std::size_t part = 0; part < count; ++part) {
            const T* const from = parts + part * size_;
            T* const sum = at(tree.depth());
            if (in_block) {
                add(from, sum, chunk);
            } else {
                std::copy(from + chunk.begin, from + chunk.end, sum + chunk.begin);
            }
            in_block = !ends_block(part);
            if (in_block) continue;
            tree.finish_block(
                [&](std::size_t into, std::size_t last) { add(at(last), at(into), chunk); });
        }
    }

    std::size_t size_;
    AlignedBuffer<T> memory_;  // positions 1, 2, ...
    T* bottom_ = nullptr;
    BlockTree tree_;
    bool in_block_ = false;  // whether a block has begun that has not ended
};

}  // namespace denseloop
