// The data of the kernels of few samples, with the units along the lanes: rows, workspace, layers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/checked_size.hpp"
#include "network/layout.hpp"
#include "samples/packing.hpp"

namespace denseloop {

// The elements that rows take in the row layout (see row_stride), with the vectors around them.
template <class T>
std::size_t rows_size(std::size_t rows, std::size_t width) {
    return checked_sum(checked_product(rows, row_stride<T>(width)), vector_lanes<T>);
}

// Fills row i of the row layout and the vectors around it with zeros and the 1 of the bias, and
// returns the row. Rows are made in order.
template <class T>
T* make_row(T* memory, std::size_t i, std::size_t width) {
    memory += i * row_stride<T>(width);
    std::fill_n(memory, rows_size<T>(1, width), T(0));
    T* const row = memory + vector_lanes<T>;
    row[-1] = 1;
    return row;
}

// The workspace of a pass through `layers`.
template <class T>
class RowWorkspace {
public:
    RowWorkspace(const Layout& layout, const std::vector<Layer>& layers) : layout_(layout) {
        const auto deltas = [](std::size_t width) {
            return checked_product(max_rows, padded<T>(width));
        };
        const std::size_t tile = checked_product(layout.n_outputs(), vector_lanes<T>);
        std::size_t size = checked_product(2, tile);
        for (const Layer& layer : layers) {
            size = checked_sum(size, deltas(layer.fan_out));
            const std::size_t rows = rows_size<T>(max_rows, layer.fan_out);
            size = checked_sum(size, checked_product(needs_z(layer) ? 2 : 1, rows));
        }
        memory_ = AlignedBuffer<T>(size);
        std::fill_n(memory_.data(), size, T(0));
        T* next = memory_.data();
        const auto take = [&](std::size_t count) { return std::exchange(next, next + count); };
        for (const Layer& layer : layers) {
            const auto make_rows = [&] {
                T* const rows = take(rows_size<T>(max_rows, layer.fan_out));
                for (std::size_t i = 0; i < max_rows; ++i) make_row(rows, i, layer.fan_out);
                return rows + vector_lanes<T>;
            };
            activations_.push_back(make_rows());
            derivative_inputs_.push_back(needs_z(layer) ? make_rows() : activations_.back());
            deltas_.push_back(take(deltas(layer.fan_out)));
        }
        pass_.layers = layers.data();
        pass_.n_layers = layers.size();
        pass_.activations = activations_.data();
        pass_.derivative_inputs = derivative_inputs_.data();
        pass_.deltas = deltas_.data();
        pass_.output = take(tile);
        pass_.output_delta = take(tile);
    }

    const RowPass<T>& pass() const { return pass_; }

    // Stores the predictions of the latest pass in rows (samples, n_outputs).
    void unpack_output(std::size_t samples, T* rows) const {
        unpack_tile(pass_.output, layout_.n_outputs(), 1, 0, samples, nullptr, rows);
    }

private:
    static bool needs_z(const Layer& layer) {
        return traits(layer.activation.member).derivative_needs_z;
    }

    const Layout& layout_;
    AlignedBuffer<T> memory_{0};
    std::vector<T*> activations_, derivative_inputs_, deltas_;
    RowPass<T> pass_;
};

// The parameters of a training by rows, in padded rows (see RowPass).
template <class T>
class PaddedLayers {
public:
    explicit PaddedLayers(const Layout& layout) : flat_(layout.layers()), layers_(layout.layers()) {
        for (Layer& layer : layers_) {
            layer.stride = std::min(std::bit_ceil(layer.fan_out), padded<T>(layer.fan_out));
            layer.bias = size_;
            layer.weights = checked_sum(size_, layer.has_bias ? layer.stride : 0);
            const std::size_t end =
                checked_sum(layer.weights, checked_product(layer.fan_in, layer.stride));
            size_ = layer.end = checked_sum(size_, padded<T>(end - size_));
        }
    }

    const std::vector<Layer>& layers() const { return layers_; }
    std::size_t size() const { return size_; }

    void from_flat(const T* flat, T* padded_parameters) const {
        std::fill_n(padded_parameters, size_, T(0));
        for_each_row([&](std::size_t from, std::size_t to, std::size_t count) {
            std::copy_n(flat + from, count, padded_parameters + to);
        });
    }
    void to_flat(const T* padded_parameters, T* flat) const {
        for_each_row([&](std::size_t to, std::size_t from, std::size_t count) {
            std::copy_n(padded_parameters + from, count, flat + to);
        });
    }

private:
    // Calls f(flat offset, padded offset, count).
    template <class F>
    void for_each_row(const F& f) const {
        for (std::size_t k = 0; k < layers_.size(); ++k) {
            const Layer &flat = flat_[k], &layer = layers_[k];
            for (std::size_t i = 0; i < layer.fan_in; ++i) {
                f(flat.weights + i * flat.stride, layer.weights + i * layer.stride, layer.fan_out);
            }
            if (layer.has_bias) f(flat.bias, layer.bias, layer.fan_out);
        }
    }

    const std::vector<Layer>& flat_;
    std::vector<Layer> layers_;
    std::size_t size_ = 0;
};

}  // namespace denseloop
