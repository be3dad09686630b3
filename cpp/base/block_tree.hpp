// A fixed binary tree over numbered blocks. A node has the sum of its left half plus that of its
// right half, if that has any block; node k of level l covers the blocks from k * 2^l to before
// (k + 1) * 2^l. So the sum over all blocks has the same bits whoever has added which nodes.
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

namespace denseloop {

// Goes through consecutive blocks. The sums of finished nodes lie at positions 0, 1, ... of the
// caller's memory, from left to right, and the caller adds them.
class BlockTree {
public:
    explicit BlockTree(std::size_t first_block = 0) : first_(first_block), next_(first_block) {}

    // How many positions are taken; the next block's sum goes to this one.
    std::size_t depth() const { return depth_; }

    // Calls add(into, from) for the positions of the nodes that the next block completes, once its
    // sum is there.
    template <class Add>
    void finish_block(const Add& add) {
        ++depth_;
        // A right half ends here; its left half is there if it has been gone through.
        for (std::size_t half = 1; (next_ & half) != 0 && next_ + 1 - 2 * half >= first_;
             half *= 2) {
            fold(add);
        }
        ++next_;
    }

    // Calls add for all that is left: position 0 then has the sum of all blocks, from the first.
    template <class Add>
    void finish(const Add& add) {
        while (depth_ > 1) fold(add);
    }

    // At most so many positions are taken for this many blocks.
    static std::size_t positions(std::size_t first_block, std::size_t blocks) {
        const auto levels = static_cast<std::size_t>(std::bit_width(blocks));
        return first_block == 0 ? levels : 2 * levels;
    }

private:
    template <class Add>
    void fold(const Add& add) {
        add(depth_ - 2, depth_ - 1);
        --depth_;
    }

    std::size_t first_, next_, depth_ = 0;
};

// The sum of numbers that come in turn. So many of them are a block; its numbers are added in turn,
// and the blocks by their tree.
class BlockwiseSum {
    auto adding() {
        return [this](std::size_t into, std::size_t from) { sums_[into] += sums_[from]; };
    }

public:
    explicit BlockwiseSum(std::size_t numbers_per_block, std::size_t first_block = 0)
        : per_block_(numbers_per_block), tree_(first_block) {}

    void add(double number) {
        if (in_block_ == 0) sums_[tree_.depth()] = 0;
        sums_[tree_.depth()] += number;
        if (++in_block_ == per_block_) end_block();
    }

    // The sum of all numbers, the first of which is that of block 0.
    double total() {
        end_block();
        if (tree_.depth() == 0) return 0;
        tree_.finish(adding());
        return sums_[0];
    }

    // The sums of the nodes, from left to right.
    std::vector<double> nodes() {
        end_block();
        return {sums_, sums_ + tree_.depth()};
    }

private:
    void end_block() {
        if (in_block_ == 0) return;
        in_block_ = 0;
        tree_.finish_block(adding());
    }

    std::size_t per_block_, in_block_ = 0;
    BlockTree tree_;
    double sums_[128];  // as many as a tree of 2^64 blocks takes
};

}  // namespace denseloop
