#include "case_file.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/checked_size.hpp"
#include "network/layout.hpp"

namespace denseloop::check {
namespace {

static_assert(std::endian::native == std::endian::little, "the case file is little-endian");

constexpr char magic[] = "dlcases4";

class Reader {
public:
    explicit Reader(const std::string& path) : path_(path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error("cannot read " + path);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        const std::string start(take(sizeof magic - 1), sizeof magic - 1);
        if (start != magic) {
            throw std::runtime_error(path + " must start with '" + magic + "', got '" + start +
                                     "'");
        }
    }

    template <class T>
    T number() {
        T value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }
    std::size_t whole() { return static_cast<std::size_t>(number<std::uint64_t>()); }

    template <class E>
    E choice() {
        return static_cast<E>(whole());
    }

    template <class T>
    std::vector<T> array() {
        const std::size_t count = whole();
        const char* start = take(checked_product(count, sizeof(T)));
        std::vector<T> values(count);
        if (count > 0) std::memcpy(values.data(), start, count * sizeof(T));
        return values;
    }
    // Checks the length, which another version of the writer would not match.
    template <class T>
    std::vector<T> array(std::size_t expected) {
        std::vector<T> values = array<T>();
        if (values.size() != expected) {
            throw std::runtime_error(path_ + ": expected an array of " + std::to_string(expected) +
                                     ", got " + std::to_string(values.size()));
        }
        return values;
    }

    void expect_end() const {
        if (position_ != bytes_.size()) {
            throw std::runtime_error(path_ + " must end after " + std::to_string(position_) +
                                     " bytes, has " + std::to_string(bytes_.size()));
        }
    }

private:
    const char* take(std::size_t count) {
        if (count > bytes_.size() - position_) {
            throw std::runtime_error(path_ + ": expected " + std::to_string(count) +
                                     " more bytes, got " +
                                     std::to_string(bytes_.size() - position_));
        }
        position_ += count;
        return bytes_.data() + position_ - count;
    }

    std::string path_;
    std::vector<char> bytes_;
    std::size_t position_ = 0;
};

template <class T>
Case<T> read_case(Reader& file) {
    Case<T> c;
    const auto name = file.array<char>();
    c.name.assign(name.begin(), name.end());
    c.layer_sizes = file.array<std::size_t>();
    c.bias = file.whole() != 0;
    for (const std::size_t activation : file.array<std::size_t>()) {
        c.activations.push_back({static_cast<Activation>(activation), 0});
    }
    const auto activation_parameters = file.array<double>(c.activations.size());
    for (std::size_t k = 0; k < c.activations.size(); ++k) {
        c.activations[k].parameter = activation_parameters[k];
    }
    c.objective.loss = file.choice<Loss>();
    c.objective.parameter = file.number<double>();
    c.objective.value_scale = 1;
    c.objective.reduction = file.choice<Reduction>();
    c.objective.derivative_at = file.choice<DerivativeAt>();
    c.objective.l2 = file.number<double>();
    c.update_order = file.choice<UpdateOrder>();
    c.optimizer.method = file.choice<Method>();
    c.optimizer.learning_rate = file.number<double>();
    for (const auto& row : hyperparameter_table<double>) {
        c.optimizer.hyperparameters.*row.member = file.number<double>();
    }
    c.schedule = {};
    c.schedule.power = file.number<double>();
    c.schedule.kind = c.schedule.power > 0 ? ScheduleKind::inverse_scaling : ScheduleKind::constant;
    c.initial_step = file.number<double>();
    c.epochs = file.whole();
    c.batch_size = file.whole();
    const bool shuffled = file.whole() != 0;
    const std::uint64_t seed = file.whole();
    if (shuffled) c.shuffle_key = seed;
    c.samples = file.whole();
    const Layout layout(c.layer_sizes, c.bias, c.activations);
    c.X = file.array<T>(c.samples * c.n_inputs());
    c.y = file.array<T>(c.samples * c.n_outputs());
    c.sample_weight = file.array<T>();
    if (!c.sample_weight.empty() && c.sample_weight.size() != c.samples) {
        throw std::runtime_error("as many weights as samples expected");
    }
    c.initial_parameters = file.array<T>(layout.n_parameters());
    c.parameters = file.array<T>(layout.n_parameters());
    c.losses = file.array<double>(c.epochs);
    c.gradient = file.array<T>(layout.n_parameters());
    c.predictions = file.array<T>(c.samples * c.n_outputs());
    c.loss = file.number<double>();
    c.after_steps = file.array<T>();
    return c;
}

template <class T>
CaseRecords<T> read_records(Reader& file) {
    CaseRecords<T> records;
    for (std::size_t left = file.whole(); left > 0; --left) {
        records.cases.push_back(read_case<T>(file));
    }
    records.x = file.array<T>();
    records.sigmoid = file.array<T>(records.x.size());
    records.sigmoid_derivative = file.array<T>(records.x.size());
    return records;
}

}  // namespace

CaseFile read_case_file(const std::string& path) {
    Reader file(path);
    CaseFile cases;
    cases.float32 = read_records<float>(file);
    cases.float64 = read_records<double>(file);
    file.expect_end();
    return cases;
}

}  // namespace denseloop::check
