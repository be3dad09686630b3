#include "bindings/bindings.hpp"
#include "bindings/ufunc_docs.hpp"
#include "bindings/ufunc_fast_calls.hpp"
#include "bindings/ufunc_loops.hpp"

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
template <>
constexpr char type_number<long double> = NPY_LONGDOUBLE;
template <>
constexpr char type_number<Complex<float>> = NPY_CFLOAT;
template <>
constexpr char type_number<Complex<double>> = NPY_CDOUBLE;
template <>
constexpr char type_number<Complex<long double>> = NPY_CLONGDOUBLE;

template <class Function, std::size_t Types>
void add_loops(py::module_& m, const char* name, const char* doc,
               std::array<PyUFuncGenericFunction, Types> loops,
               std::array<char, Types> type_of_loop) {
    constexpr int inputs = Function::inputs;
    // NumPy keeps the pointers, and a ufunc lives as long as the process.
    auto* const functions = new std::array(loops);
    auto* const types = new std::array<char, Types*(inputs + 1)>;
    auto* const data = new std::array<void*, Types>{};
    for (std::size_t k = 0; k < Types; ++k) {
        std::fill_n(types->begin() + k * (inputs + 1), inputs + 1, type_of_loop[k]);
    }
    PyObject* ufunc = PyUFunc_FromFuncAndData(functions->data(), data->data(), types->data(), Types,
                                              inputs, 1, PyUFunc_None, name, doc, 0);
    if (ufunc == nullptr) throw py::error_already_set();
    add_calls<Function>(reinterpret_cast<PyUFuncObject*>(ufunc));
    m.add_object(name, py::reinterpret_steal<py::object>(ufunc));
}

template <class Function, class T>
constexpr PyUFuncGenericFunction loop_of() {
    constexpr bool floating = std::is_same_v<T, float> || std::is_same_v<T, double>;
    if constexpr (has_kernel<Function> && floating) {
        return kernel_loop<Function, T>;
    } else {
        return formula_loop<Function, T>;
    }
}

template <class Function, class... T>
void add_ufunc_of(py::module_& m, const char* name, const char* doc) {
    add_loops<Function, sizeof...(T) + 1>(m, name, doc,
                                          {loop_of<Function, T>()..., object_loop<Function>},
                                          {type_number<T>..., NPY_OBJECT});
}

// NumPy takes the first loop whose type holds all arguments. The last seven are the same for every
// ufunc: ufunc_fast_calls.hpp counts on that.
template <class Function, class... Integer>
void add_ufunc(py::module_& m, const char* name, const char* doc) {
    add_ufunc_of<Function, Integer..., float, double, long double, Complex<float>, Complex<double>,
                 Complex<long double>>(m, name, doc);
}

template <class Function>
void add_ufunc_with_integers(py::module_& m, const char* name, const char* doc) {
    add_ufunc<Function, npy_byte, npy_ubyte, npy_short, npy_ushort, npy_int, npy_uint, npy_long,
              npy_ulong, npy_longlong, npy_ulonglong>(m, name, doc);
}

int import_numpy() {
    import_array1(-1);
    import_umath1(-1);
    return 0;
}

}  // namespace

void define_ufuncs(py::module_& m) {
    if (import_numpy() != 0) throw py::error_already_set();
    add_ufunc<Sigmoid>(m, "sigmoid", docs::sigmoid);
    add_ufunc<SigmoidDerivative>(m, "sigmoid_der", docs::sigmoid_der);
    add_ufunc_with_integers<Error>(m, "error", docs::error);
    add_ufunc_with_integers<ErrorPredictedDeriv>(m, "error_predicted_deriv",
                                                 docs::error_predicted_deriv);
    add_ufunc_with_integers<UpdateW>(m, "update_w", docs::update_w);
}

}  // namespace denseloop
