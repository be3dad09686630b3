#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <type_traits>

#include "base/fp_environment.hpp"
#include "bindings/bindings.hpp"
#include "bindings/numpy_c_api.hpp"
#include "bindings/ufunc_docs.hpp"
#include "bindings/ufunc_fast_calls.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {
namespace {

template <class T>
constexpr char type_number = -1;
template <>
constexpr char type_number<npy_byte> = NPY_BYTE;
template <>
constexpr char type_number<npy_ubyte> = NPY_UBYTE;
template <>
constexpr char type_number<npy_short> = NPY_SHORT;
template <>
constexpr char type_number<npy_ushort> = NPY_USHORT;
template <>
constexpr char type_number<npy_int> = NPY_INT;
template <>
constexpr char type_number<npy_uint> = NPY_UINT;
template <>
constexpr char type_number<npy_long> = NPY_LONG;
template <>
constexpr char type_number<npy_ulong> = NPY_ULONG;
template <>
constexpr char type_number<npy_longlong> = NPY_LONGLONG;
template <>
constexpr char type_number<npy_ulonglong> = NPY_ULONGLONG;
template <>
constexpr char type_number<float> = NPY_FLOAT;
template <>
constexpr char type_number<double> = NPY_DOUBLE;

// ---- by a kernel of the active target

template <class T>
struct Sigmoid {
    static auto kernel() { return active_kernels<T>().sigmoid; }
};

template <class T>
struct SigmoidDerivative {
    static auto kernel() { return active_kernels<T>().sigmoid_derivative; }
};

// Not inlined: its buffer would make every call of one number set up a large frame.
template <class T, class Kernel>
[[gnu::noinline]] void through_buffer(Kernel kernel, const char* in, char* out, npy_intp count,
                                      const npy_intp* steps) {
    alignas(vector_bytes) std::array<T, 256> buffer;
    for (npy_intp done = 0; done < count;) {
        const npy_intp n = std::min<npy_intp>(count - done, buffer.size());
        for (npy_intp i = 0; i < n; ++i, in += steps[0]) {
            buffer[i] = *reinterpret_cast<const T*>(in);
        }
        kernel(buffer.data(), buffer.data(), static_cast<std::size_t>(n));
        for (npy_intp i = 0; i < n; ++i, out += steps[1]) *reinterpret_cast<T*>(out) = buffer[i];
        done += n;
    }
}

// Contiguous arrays go to the kernel as they are, others through a buffer on the stack.
template <class Function, class T>
void kernel_loop(char** args, const npy_intp* count, const npy_intp* steps, void*) {
    const DefaultFpEnvironment environment;
    const auto kernel = Function::kernel();
    if (steps[0] == sizeof(T) && steps[1] == sizeof(T)) {
        kernel(reinterpret_cast<const T*>(args[0]), reinterpret_cast<T*>(args[1]),
               static_cast<std::size_t>(*count));
    } else {
        through_buffer<T>(kernel, args[0], args[1], *count, steps);
    }
}

// ---- by plain arithmetic, operation for operation as NumPy would

// Integers wrap around, as NumPy's do.
template <class T>
using Arithmetic = std::conditional_t<std::is_integral_v<T>, std::uint64_t, T>;

struct Error {
    static constexpr int inputs = 2;
    template <class T>
    static T of(T predicted, T target) {
        const T difference = predicted - target;
        return difference * difference;
    }
};

struct ErrorPredictedDeriv {
    static constexpr int inputs = 2;
    template <class T>
    static T of(T predicted, T target) {
        return T(2) * (predicted - target);
    }
};

struct UpdateW {
    static constexpr int inputs = 3;
    template <class T>
    static T of(T w, T grad, T learning_rate) {
        return w - learning_rate * grad;
    }
};

template <class Function, class T, std::size_t... Input>
void formula_loop(char** args, npy_intp count, const npy_intp* steps,
                  std::index_sequence<Input...>) {
    constexpr std::size_t output = sizeof...(Input);
    const auto element = [](char* base, npy_intp offset) -> T& {
        return *reinterpret_cast<T*>(base + offset);
    };
    const auto run = [&](auto... stride) {
        const std::array<npy_intp, output + 1> by = {stride...};
        for (npy_intp i = 0; i < count; ++i) {
            element(args[output], i * by[output]) = static_cast<T>(
                Function::of(static_cast<Arithmetic<T>>(element(args[Input], i * by[Input]))...));
        }
    };
    // Known strides let the compiler use vectors.
    constexpr npy_intp size = sizeof(T);
    if (((steps[Input] == size) && ...) && steps[output] == size) {
        run((static_cast<void>(Input), size)..., size);
    } else {
        run(steps[Input]..., steps[output]);
    }
}

template <class Function, class T>
void formula_loop(char** args, const npy_intp* count, const npy_intp* steps, void*) {
    const DefaultFpEnvironment environment;
    formula_loop<Function, T>(args, *count, steps, std::make_index_sequence<Function::inputs>{});
}

// ---- registration

template <int Inputs, std::size_t Types>
void add_ufunc(py::module_& m, const char* name, const char* doc,
               std::array<PyUFuncGenericFunction, Types> loops,
               std::array<char, Types> type_of_loop) {
    // NumPy keeps the pointers, and a ufunc lives as long as the process.
    auto* const functions = new std::array(loops);
    auto* const types = new std::array<char, Types*(Inputs + 1)>;
    auto* const data = new std::array<void*, Types>{};
    for (std::size_t k = 0; k < Types; ++k) {
        std::fill_n(types->begin() + k * (Inputs + 1), Inputs + 1, type_of_loop[k]);
    }
    PyObject* ufunc = PyUFunc_FromFuncAndData(functions->data(), data->data(), types->data(), Types,
                                              Inputs, 1, PyUFunc_None, name, doc, 0);
    if (ufunc == nullptr) throw py::error_already_set();
    add_fast_call<Inputs>(reinterpret_cast<PyUFuncObject*>(ufunc));
    m.add_object(name, py::reinterpret_steal<py::object>(ufunc));
}

template <template <class> class Function>
void add_kernel_ufunc(py::module_& m, const char* name, const char* doc) {
    add_ufunc<1, 2>(m, name, doc,
                    {kernel_loop<Function<float>, float>, kernel_loop<Function<double>, double>},
                    {type_number<float>, type_number<double>});
}

template <class Function, class... T>
void add_formula_ufunc_of(py::module_& m, const char* name, const char* doc) {
    add_ufunc<Function::inputs, sizeof...(T)>(m, name, doc, {formula_loop<Function, T>...},
                                              {type_number<T>...});
}

template <class Function>
void add_formula_ufunc(py::module_& m, const char* name, const char* doc) {
    add_formula_ufunc_of<Function, npy_byte, npy_ubyte, npy_short, npy_ushort, npy_int, npy_uint,
                         npy_long, npy_ulong, npy_longlong, npy_ulonglong, float, double>(m, name,
                                                                                          doc);
}

int import_numpy() {
    import_array1(-1);
    import_umath1(-1);
    return 0;
}

}  // namespace

void define_ufuncs(py::module_& m) {
    if (import_numpy() != 0) throw py::error_already_set();
    add_kernel_ufunc<Sigmoid>(m, "sigmoid", docs::sigmoid);
    add_kernel_ufunc<SigmoidDerivative>(m, "sigmoid_der", docs::sigmoid_der);
    add_formula_ufunc<Error>(m, "error", docs::error);
    add_formula_ufunc<ErrorPredictedDeriv>(m, "error_predicted_deriv", docs::error_predicted_deriv);
    add_formula_ufunc<UpdateW>(m, "update_w", docs::update_w);
}

}  // namespace denseloop
