// The cost model: every threshold at which the core computes in another way.
//
// Work is counted in multiply-adds of one thread. The numbers were measured on one machine (AMD
// EPYC, Zen 4 at 3.7 GHz, AVX-512, some 29 multiply-adds per ns in float64) or are estimates, as
// each says; the optima are flat. None may depend on the machine at run time: where one decides the
// order of a sum, the bits depend on it (marked BITS).
#pragma once

#include <cstddef>

namespace denseloop::cost {

// ---- costs

// A sigmoid takes 20 cycles for 8 float64 (measured, docs/reference/kernels.md). Other activations
// are taken to cost the same. BITS: tiles or rows are chosen by it.
constexpr std::size_t activation = 20;

// Packing one uncached value of a sample. Chosen.
constexpr std::size_t packing = 8;

// ---- interruption

// The clock is read after this much work, some 5 us, so that reading it costs nothing. Chosen.
constexpr std::size_t between_clock_reads = std::size_t{1} << 17;

// Longer computations of one layer are cut into portions of at most this much, some 1 ms, so that
// Ctrl-C is answered in time. Chosen: shorter ones would read the input of a wide layer too often.
constexpr std::size_t longest_portion = std::size_t{1} << 25;

// Elements of arrays that are read, written or updated without a look at the clock, some 0.5 ms.
// Chosen.
constexpr std::size_t longest_chunk = std::size_t{1} << 18;

// A network of more parameters is never trained by rows, since a row update cannot be interrupted:
// some milliseconds. BITS. Chosen.
constexpr std::size_t most_row_parameters = std::size_t{1} << 20;

// ---- many networks

// Larger networks are not trained side by side: alone they wait less, and together they leave the
// caches. Measured (Zen 4, AVX-512): see docs/reference/kernels.md.
constexpr std::size_t most_lane_parameters = 256;

// ---- Python

// A call releases the GIL above this, some 10 us: releasing it takes some 0.05 us, but getting it
// back from another thread up to 5 ms. Chosen.
constexpr std::size_t gil_release = std::size_t{1} << 18;

// ---- threads

// One layer is split across the team above this, some 5 us: a hand-over takes some microseconds.
// Chosen.
constexpr std::size_t layer_hand_over = std::size_t{1} << 17;

// A batch is split across the team above this, some 20 us. Chosen for the same reason.
constexpr std::size_t batch_hand_over = std::size_t{1} << 19;

// Threads share blocks instead of tiles where each gets at least so many of them: fewer gradients
// are then stored and added. Chosen.
constexpr std::size_t blocks_per_thread = 4;

// From here on the work of one tile is split by units instead of by tiles: a layer is then worth a
// hand-over of its own, and a gradient for each tile would take much memory. Chosen.
constexpr std::size_t split_by_units = std::size_t{1} << 23;

// Threads are started above this for the whole call, some 0.3 ms: starting them takes some tens of
// microseconds. Chosen.
constexpr std::size_t thread_start = std::size_t{1} << 23;

// The same for a pass over the validation set, by a team that is running already. Chosen.
constexpr std::size_t validation_hand_over = std::size_t{1} << 20;

// Elements of an update that one thread takes at a time: some microseconds. Chosen.
constexpr std::size_t update_chunk = std::size_t{1} << 13;

// The factorization of this many unknowns is worth a hand-over. Chosen.
constexpr std::size_t factorization_hand_over = 512;

// Portions are whole multiples of this many units, and so of the register blocks of most targets;
// those of wide layers are multiples of the units that go through the caches together.
constexpr std::size_t register_block = 12, cached_units = 96;

// ---- memory

// Samples of at most this many bytes are packed once, since the tiles then stay in a second-level
// cache. Follows from its size, 1 MiB.
constexpr std::size_t packed_once_bytes = std::size_t{1} << 20;

// Elements of all tile gradients that a team keeps before it adds them, and between how many tiles:
// enough for the threads to share evenly. Chosen.
constexpr std::size_t wave_elements = std::size_t{1} << 21;
constexpr std::size_t smallest_wave = 32, largest_wave = 1024;

}  // namespace denseloop::cost
