/* The product of two vectors, by the function of their dtype: NumPy's dot, inner, vdot and matmul end there, too, after
   much that takes longer than a short product does.

   NumPy multiplies single elements without a sum, and copies vectors that run backwards: those are left to it. */
#include "native_block.h"
#include "native_flags.h"

enum { LONG_DOT = 2048 }; /* elements from which others may run meanwhile */

static int is_vector(PyObject *value) {
    PyArrayObject *array = (PyArrayObject *)value;
    if (!PyArray_CheckExact(value) || PyArray_NDIM(array) != 1 || !PyArray_ISBEHAVED_RO(array)) return 0;
    int type = PyArray_TYPE(array);
    npy_intp stride = PyArray_STRIDE(array, 0);
    return (type == NPY_FLOAT || type == NPY_DOUBLE || PyTypeNum_ISINTEGER(type)) && PyArray_DIM(array, 0) > 1
        && stride > 0 && stride % PyArray_ITEMSIZE(array) == 0;
}

PyObject *gl_dot(PyObject *left, PyObject *right, int *flags) {
    PyArrayObject *x = (PyArrayObject *)left, *y = (PyArrayObject *)right;
    if (!is_vector(left) || !is_vector(right)) return NULL;
    npy_intp n = PyArray_DIM(x, 0);
    if (PyArray_TYPE(x) != PyArray_TYPE(y) || PyArray_DIM(y, 0) != n) return NULL;
    PyArray_DotFunc *dot = PyDataType_GetArrFuncs(PyArray_DESCR(x))->dotfunc;
    union { double of_floats; npy_longlong of_integers; } result;
    PyThreadState *thread = n >= LONG_DOT ? PyEval_SaveThread() : NULL;
    gl_clear_flags();
    dot(PyArray_DATA(x), PyArray_STRIDE(x, 0), PyArray_DATA(y), PyArray_STRIDE(y, 0), &result, n, NULL);
    *flags = gl_all_flags();
    if (thread) PyEval_RestoreThread(thread);
    return PyArray_Scalar(&result, PyArray_DESCR(x), NULL);
}
