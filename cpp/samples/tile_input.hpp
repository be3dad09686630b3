// A tile of inputs as a pass reads it.
#pragma once

#include "samples/packing.hpp"
#include "samples/sparse_tile.hpp"

namespace denseloop {

// The rows of a tile's samples, which are packed when they are needed: into a whole tile, or panel
// by panel into the memory of one.
template <class T>
struct UnpackedTile {
    LaneRows<T> rows;
    T* memory;  // (n_inputs or panel_columns, vectors, lanes)
    bool whole;
};

// One of the three.
template <class T>
struct TileInput {
    TileInput(const T* tile) : dense(tile) {}
    TileInput(const SparseTile<T>& tile) : sparse(&tile) {}
    TileInput(const UnpackedTile<T>& tile) : unpacked(&tile) {}

    const T* dense = nullptr;  // (n_inputs, vectors, lanes)
    const SparseTile<T>* sparse = nullptr;
    const UnpackedTile<T>* unpacked = nullptr;
};

}  // namespace denseloop
