/* np.roll of a dense array, along one axis or all in a row: two copies for each row, into memory of the pool.

   NumPy's own is written in Python, takes some microseconds to find that out, and asks the C library for the memory.
   What is not as simple is left to it. */
#include "native_block.h"
#include "native_pool.h"

enum { LONG_COPY = 1 << 20 }; /* bytes from which others may run meanwhile */

static int is_simple(PyObject *value) {
    if (!PyArray_CheckExact(value)) return 0;
    PyArrayObject *array = (PyArrayObject *)value;
    return PyArray_IS_C_CONTIGUOUS(array) && PyArray_SIZE(array) > 0 && !PyDataType_REFCHK(PyArray_DESCR(array));
}

/* A Python or NumPy integer that is not too large. */
static int as_size(PyObject *value, npy_intp *size) {
    if (!PyLong_CheckExact(value) && !PyArray_IsScalar(value, Integer)) return 0;
    *size = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (*size != -1 || !PyErr_Occurred()) return 1;
    PyErr_Clear();
    return 0;
}

static void copy_rows(char *to, const char *from, npy_intp n_rows, npy_intp row, npy_intp moved) {
    for (npy_intp i = 0; i < n_rows; i++, to += row, from += row) {
        memcpy(to + moved, from, row - moved);
        memcpy(to, from + row - moved, moved);
    }
}

/* The array rolled along an axis; or all its elements in a row, as an array of one axis. */
static PyObject *rolled(PyArrayObject *array, npy_intp by, npy_intp n, npy_intp inner, int in_a_row) {
    npy_intp n_elements = PyArray_SIZE(array), n_bytes = PyArray_NBYTES(array), moved = by % n;
    moved += moved < 0 ? n : 0;
    PyArray_Descr *descr = PyArray_DESCR(array);
    Py_INCREF(descr);
    const npy_intp *shape = in_a_row ? &n_elements : PyArray_DIMS(array);
    PyObject *result = gl_new_array(descr, in_a_row ? 1 : PyArray_NDIM(array), shape, NULL, 0);
    if (!result || n_bytes == 0) return result;
    PyThreadState *state = n_bytes >= LONG_COPY ? PyEval_SaveThread() : NULL;
    copy_rows(PyArray_BYTES((PyArrayObject *)result), PyArray_BYTES(array), n_bytes / (n * inner), n * inner, moved * inner);
    if (state) PyEval_RestoreThread(state);
    return result;
}

/* Without an axis NumPy gives a view, in the array's shape, of what it made in a row. */
static PyObject *rolled_in_a_row(PyArrayObject *array, npy_intp by) {
    PyObject *row = rolled(array, by, PyArray_SIZE(array), PyArray_ITEMSIZE(array), 1);
    if (!row) return NULL;
    PyArray_Dims shape = {PyArray_DIMS(array), PyArray_NDIM(array)};
    PyObject *result = PyArray_Newshape((PyArrayObject *)row, &shape, NPY_CORDER);
    Py_DECREF(row);
    return result;
}

PyObject *gl_roll(PyObject *value, PyObject *shift, PyObject *axis) {
    npy_intp by, along;
    if (!is_simple(value) || !as_size(shift, &by)) return NULL;
    PyArrayObject *array = (PyArrayObject *)value;
    if (!axis || axis == Py_None) return rolled_in_a_row(array, by);
    if (!as_size(axis, &along)) return NULL;
    int ndim = PyArray_NDIM(array);
    along += along < 0 ? ndim : 0;
    if (along < 0 || along >= ndim) return NULL;
    npy_intp inner = PyArray_ITEMSIZE(array);
    for (int i = (int)along + 1; i < ndim; i++) inner *= PyArray_DIM(array, i);
    return rolled(array, by, PyArray_DIM(array, along), inner, 0);
}
