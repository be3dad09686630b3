// NumPy's C API, for the one source file that imports it.
#pragma once

#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#include <numpy/ndarrayobject.h>
#include <numpy/ufuncobject.h>
// clang-format off: this one needs the types of the others
#include <numpy/arrayscalars.h>
// clang-format on
