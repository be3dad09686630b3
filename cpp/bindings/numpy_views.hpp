// NumPy array -> checked view. T is float or double. Nothing here copies or converts: an array of
// another dtype does not reach these functions.
#pragma once

#include <pybind11/numpy.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/checked_size.hpp"
#include "base/vector_size.hpp"
#include "samples/matrix_view.hpp"

namespace denseloop {

namespace py = pybind11;

// No flag lets pybind11 convert; py::arg(...).noconvert() keeps it from accepting other dtypes.
template <class T>
using Array = py::array_t<T, 0>;

// NumPy's only descriptor of T that it makes itself. The first call is made when the module is
// imported: it asks Python, for which no other thread may then wait.
template <class T>
PyObject* native_dtype() {
    static PyObject* const dtype = py::dtype::of<T>().release().ptr();
    return dtype;
}

// Whether this is an ndarray of T, and not of a subclass as masked arrays are.
template <class T>
bool is_plain_array(py::handle object) {
    if (Py_TYPE(object.ptr()) != py::detail::npy_api::get().PyArray_Type_) return false;
    return py::detail::array_proxy(object.ptr())->descr == native_dtype<T>() ||
           py::isinstance<Array<T>>(object);
}

// Returns a new, uninitialized array of this shape.
template <class T, class... Sizes>
Array<T> new_array(Sizes... sizes) {
    Py_intptr_t shape[] = {static_cast<Py_intptr_t>(sizes)...};
    const auto& api = py::detail::npy_api::get();
    Py_INCREF(native_dtype<T>());  // the call takes a reference
    PyObject* const array =
        api.PyArray_NewFromDescr_(api.PyArray_Type_, native_dtype<T>(), sizeof...(sizes), shape,
                                  nullptr, nullptr, 0, nullptr);
    if (array == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<Array<T>>(array);
}

// Returns a new array of zeros, by NumPy. A large one takes no time until it is used.
template <class T>
Array<T> zero_array(std::size_t rows, std::size_t columns) {
    const py::module_ numpy = py::module_::import("numpy");
    return numpy.attr("zeros")(py::make_tuple(rows, columns), py::handle(native_dtype<T>()));
}

// Returns a new array (size,) of zeros that starts at a cache line, so that no vector of it
// straddles two. Its memory is that of another array, so that users may make it read-only and
// writable again.
template <class T>
Array<T> aligned_zeros(std::size_t size) {
    const std::size_t bytes = checked_sum(checked_product(size, sizeof(T)), vector_bytes);
    Array<std::uint8_t> memory = new_array<std::uint8_t>(bytes);
    std::uint8_t* const start = memory.mutable_data();
    std::fill_n(start, bytes, std::uint8_t{0});
    const std::size_t past = reinterpret_cast<std::uintptr_t>(start) % vector_bytes;
    T* const values = reinterpret_cast<T*>(start + (vector_bytes - past) % vector_bytes);
    return Array<T>(static_cast<py::ssize_t>(size), values, memory);
}

// Views an array (rows, columns) of any strides.
template <class T>
MatrixView<T> matrix_view(const Array<T>& array, const char* name, std::size_t columns) {
    if (array.ndim() != 2 || static_cast<std::size_t>(array.shape(1)) != columns) {
        throw std::invalid_argument(std::string(name) + " must have shape (n_samples, " +
                                    std::to_string(columns) + ")");
    }
    return {reinterpret_cast<const char*>(array.data()), static_cast<std::size_t>(array.shape(0)),
            columns, array.strides(0), array.strides(1)};
}

// Views an array (rows,) of any stride as a matrix with one column.
template <class T>
MatrixView<T> column_view(const Array<T>& array, const char* name, std::size_t rows) {
    if (array.ndim() != 1 || static_cast<std::size_t>(array.size()) != rows) {
        throw std::invalid_argument(std::string(name) + " must have shape (" +
                                    std::to_string(rows) + ",)");
    }
    return {reinterpret_cast<const char*>(array.data()), rows, 1, array.strides(0), 0};
}

template <class T>
bool is_contiguous(const Array<T>& array) {
    constexpr int needed =
        py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
    return (array.flags() & needed) == needed;
}

// Whether this is a plain array (size,) that is contiguous and aligned.
template <class T>
bool is_plain_vector(py::handle object, std::size_t size) {
    if (!is_plain_array<T>(object)) return false;
    const auto array = py::reinterpret_borrow<Array<T>>(object);
    return array.ndim() == 1 && static_cast<std::size_t>(array.shape(0)) == size &&
           is_contiguous(array);
}

template <class T>
void require_contiguous(const Array<T>& array, const char* name) {
    if (!is_contiguous(array)) {
        throw std::invalid_argument(std::string(name) + " must be contiguous and aligned");
    }
}

template <class T>
T* writable_data(Array<T>& array, const char* name) {
    if (!array.writeable()) throw std::invalid_argument(std::string(name) + " must be writable");
    return array.mutable_data();
}

// Views an array (size,), which must be contiguous and aligned.
template <class T>
const T* flat_view(const Array<T>& array, const char* name, std::size_t size) {
    if (array.ndim() != 1 || static_cast<std::size_t>(array.size()) != size) {
        throw std::invalid_argument(std::string(name) + " must have shape (" +
                                    std::to_string(size) + ",)");
    }
    require_contiguous(array, name);
    return array.data();
}

// Views an array (rows, columns), which must be contiguous and aligned.
template <class T>
const T* rows_view(const Array<T>& array, const char* name, std::size_t rows, std::size_t columns) {
    if (array.ndim() != 2 || static_cast<std::size_t>(array.shape(0)) != rows ||
        static_cast<std::size_t>(array.shape(1)) != columns) {
        throw std::invalid_argument(std::string(name) + " must have shape (" +
                                    std::to_string(rows) + ", " + std::to_string(columns) + ")");
    }
    require_contiguous(array, name);
    return array.data();
}

// The same for arrays that must be writable.
template <class T>
T* writable_flat_view(Array<T>& array, const char* name, std::size_t size) {
    flat_view(array, name, size);
    return writable_data(array, name);
}
template <class T>
T* writable_rows_view(Array<T>& array, const char* name, std::size_t rows, std::size_t columns) {
    rows_view(array, name, rows, columns);
    return writable_data(array, name);
}

}  // namespace denseloop
