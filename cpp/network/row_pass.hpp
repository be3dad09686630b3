// A network and its data as the kernels of few samples want them: the units along the lanes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/aligned_buffer.hpp"
#include "base/pacer.hpp"
#include "network/layout.hpp"
#include "samples/samples.hpp"
#include "training/training_plan.hpp"

namespace denseloop {

// Whether these kernels take less time than a tile that is mostly empty. Estimated in vector
// multiply-adds, of which a sigmoid costs about 20, and by shapes alone, since the bits of a
// gradient depend on it.
template <class T>
bool suits_rows(const Layout& layout, std::size_t samples) {
    constexpr std::size_t some_milliseconds = 1u << 20;  // in parameters: a step is not interrupted
    if (samples == 0 || samples > max_rows || layout.n_parameters() > some_milliseconds)
        return false;
    double rows = 0, tile = 0;
    for (const Layer& layer : layout.layers()) {
        const auto vectors = [](std::size_t n) {
            return static_cast<double>(padded<T>(n) / vector_lanes<T>);
        };
        const double in = static_cast<double>(layer.fan_in),
                     out = static_cast<double>(layer.fan_out);
        rows += 3 * (layer.fan_out == 1 ? vectors(layer.fan_in) : in * vectors(layer.fan_out)) +
                20 * vectors(layer.fan_out);
        tile += 3 * in * out + 20 * out;
    }
    return static_cast<double>(samples) * rows <= tile;
}

// How many numbers so many rows take, with the vectors between them (see RowPass).
template <class T>
std::size_t rows_size(std::size_t rows, std::size_t width) {
    return checked_sum(checked_product(rows, row_stride<T>(width)), vector_lanes<T>);
}

// Row i of them, made of zeros, with what is around it; the rows before come first.
template <class T>
T* make_row(T* memory, std::size_t i, std::size_t width) {
    memory += i * row_stride<T>(width);
    std::fill_n(memory, rows_size<T>(1, width), T(0));
    T* const row = memory + vector_lanes<T>;
    row[-1] = 1;
    return row;
}

// What a pass through `layers` needs beside the parameters.
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
            size = checked_sum(size, rows_size<T>(max_rows, layer.fan_out));
        }
        memory_ = AlignedBuffer<T>(size);
        std::fill_n(memory_.data(), size, T(0));
        T* next = memory_.data();
        const auto take = [&](std::size_t count) { return std::exchange(next, next + count); };
        for (const Layer& layer : layers) {
            T* const rows = take(rows_size<T>(max_rows, layer.fan_out));
            for (std::size_t i = 0; i < max_rows; ++i) make_row(rows, i, layer.fan_out);
            activations_.push_back(rows + vector_lanes<T>);
            deltas_.push_back(take(deltas(layer.fan_out)));
        }
        pass_.layers = layers.data();
        pass_.n_layers = layers.size();
        pass_.activations = activations_.data();
        pass_.deltas = deltas_.data();
        pass_.output = take(tile);
        pass_.output_delta = take(tile);
    }

    const RowPass<T>& pass() const { return pass_; }

    // The predictions of the latest pass, to rows (samples, n_outputs).
    void unpack_output(std::size_t samples, T* rows) const {
        unpack_rows(pass_.output, layout_.n_outputs(), 1, samples, rows);
    }

private:
    const Layout& layout_;
    AlignedBuffer<T> memory_{0};
    std::vector<T*> activations_, deltas_;
    RowPass<T> pass_;
};

// A flat parameter buffer as the kernels want it in a training, in rows (see RowPass).
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

    void pack(const T* flat, T* padded_parameters) const {
        std::fill_n(padded_parameters, size_, T(0));
        for_each_row([&](std::size_t from, std::size_t to, std::size_t count) {
            std::copy_n(flat + from, count, padded_parameters + to);
        });
    }
    void unpack(const T* padded_parameters, T* flat) const {
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
