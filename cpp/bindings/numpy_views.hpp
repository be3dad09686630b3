// NumPy array -> checked view: the only file with rules for arrays. T is float or double. Nothing
// here copies or converts: an array of another dtype does not reach these functions.
#pragma once

#include <pybind11/numpy.h>

#include <stdexcept>
#include <string>

#include "samples/samples.hpp"

namespace denseloop {

namespace py = pybind11;

// No flag lets pybind11 convert; py::arg(...).noconvert() keeps it from accepting other dtypes.
template <class T>
using Array = py::array_t<T, 0>;

// Whether this is an ndarray of T, and not of a subclass as masked arrays are.
template <class T>
bool is_plain_array(py::handle object) {
    return Py_TYPE(object.ptr()) == py::detail::npy_api::get().PyArray_Type_ &&
           py::isinstance<Array<T>>(object);
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
void require_contiguous(const Array<T>& array, const char* name) {
    constexpr int needed =
        py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
    if ((array.flags() & needed) != needed) {
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
