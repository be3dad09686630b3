#include "targets/dispatch.hpp"

#include <atomic>
#include <stdexcept>

#include "base/cpu.hpp"
#include "targets/targets.hpp"

namespace denseloop {
namespace {

std::vector<const KernelTable*> runnable_tables() {
    std::vector<const KernelTable*> tables = {&baseline_kernels};
#if DENSELOOP_X86_TARGETS
    const X86Vectors vectors;
    if (vectors.avx2_and_fma()) tables.push_back(&avx2_kernels);
    if (vectors.avx512()) tables.push_back(&avx512_kernels);
#endif
#if DENSELOOP_ARM_TARGETS
    tables.push_back(&neon_kernels);  // part of every 64-bit Arm CPU
#endif
    return tables;
}

const std::vector<const KernelTable*>& tables() {
    static const std::vector<const KernelTable*> found = runnable_tables();
    return found;
}

std::atomic<const KernelTable*>& active() {
    static std::atomic<const KernelTable*> table = tables().back();
    return table;
}

}  // namespace

std::vector<std::string> available_targets() {
    std::vector<std::string> names;
    for (const KernelTable* table : tables()) names.emplace_back(table->name);
    return names;
}

const KernelTable& active_target() { return *active().load(std::memory_order_relaxed); }

void force_target(const std::string& name) {
    std::string known;
    for (const KernelTable* table : tables()) {
        if (name == table->name) {
            active().store(table, std::memory_order_relaxed);
            return;
        }
        known += known.empty() ? table->name : std::string(", ") + table->name;
    }
    throw std::invalid_argument("no CPU target '" + name + "' here; available: " + known);
}

}  // namespace denseloop
