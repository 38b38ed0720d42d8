/* Single elements of arrays, read and stored, and numbers and small arrays stored where integers and slices say:
   what NumPy does after it has made a view, and looked for the way to cast, both of which take longer.

   Arrays of float64 and int64 that lie as they should, and values of the same dtype or Python numbers that are exact in
   it: nothing to cast, nothing to report. The rest is NumPy's to do, or to refuse. */
#include "native_index.h"

#include "native_extent.h"

#include <numpy/arrayscalars.h>

static int is_plain(PyObject *value) {
    if (!PyArray_CheckExact(value)) return 0;
    int type = PyArray_TYPE((PyArrayObject *)value);
    return (type == NPY_DOUBLE || type == NPY_INT64) && PyArray_ISBEHAVED_RO((PyArrayObject *)value);
}

PyObject *gl_element(PyObject *array, PyObject *index) {
    gl_part part;
    int has_ellipsis;
    if (!is_plain(array) || !gl_find_part((PyArrayObject *)array, index, &part, &has_ellipsis)) return NULL;
    if (part.ndim || has_ellipsis) return NULL;
    PyObject *made;
    if (PyArray_TYPE((PyArrayObject *)array) == NPY_DOUBLE) {
        made = PyArrayScalar_New(Double);
        if (made) PyArrayScalar_ASSIGN(made, Double, *(npy_double *)part.data);
    } else {
        made = PyArrayScalar_New(Int64);
        if (made) PyArrayScalar_ASSIGN(made, Int64, *(npy_int64 *)part.data);
    }
    return made;
}

/* A number as it lies in an array of this type. 0: not exactly. */
static int read_item(PyObject *value, int type, npy_int64 *item) {
    double number;
    if (type == NPY_DOUBLE) {
        if (!gl_read_number(value, &number)) return 0;
        memcpy(item, &number, sizeof number);
        return 1;
    }
    if (Py_IS_TYPE(value, &PyInt64ArrType_Type)) {
        *item = PyArrayScalar_VAL(value, Int64);
        return 1;
    }
    int overflow = 1;
    if (PyLong_CheckExact(value)) *item = PyLong_AsLongLongAndOverflow(value, &overflow);
    return !overflow;
}

/* The elements of a value that has the shape of a part of an array. 0: of another one, or of another type. */
static int read_items(PyArrayObject *array, const gl_part *part, PyObject *value, npy_int64 *items) {
    gl_part source;
    if (!is_plain(value) || PyArray_TYPE((PyArrayObject *)value) != PyArray_TYPE(array)) return 0;
    if (!gl_part_of((PyArrayObject *)value, &source) || !gl_part_fits(part, &source)) return 0;
    int order_counts = gl_order_counts(part->ndim, part->strides, source.ndim, source.strides);
    if (order_counts && !gl_apart(array, (PyArrayObject *)value)) return 0;
    gl_part_load(&source, items);
    return 1;
}

int gl_store(PyObject *target, PyObject *index, PyObject *value) {
    PyArrayObject *array = (PyArrayObject *)target;
    gl_part part;
    int has_ellipsis;
    npy_int64 items[GL_PART_ITEMS]; /* all are read before one is written: the value may lie in the array */
    if (!is_plain(target) || !PyArray_ISWRITEABLE(array) || !gl_find_part(array, index, &part, &has_ellipsis)) return 0;
    int is_array = PyArray_Check(value);
    if (gl_part_size(&part) > GL_PART_ITEMS || (is_array && !gl_part_is_simple(&part))) return 0;
    if (!(is_array ? read_items(array, &part, value, items) : read_item(value, PyArray_TYPE(array), items))) return 0;
    gl_part_store(&part, items, is_array);
    return 1;
}
