/* Single elements of arrays, read and stored, and numbers and small arrays stored where integers and slices say:
   what NumPy does after it has made a view, and looked for the way to cast, both of which take longer.

   Arrays of float64 and int64 that lie as they should, and values of the same dtype or Python numbers that are exact in
   it: nothing to cast, nothing to report. The rest is NumPy's to do, or to refuse. */
#include "native_block.h"

#include <numpy/arrayscalars.h>

enum { MOST_AXES = 4, MOST_ITEMS = 1024, ITEM = 8 /* bytes */ };

typedef struct {
    char *data;
    int ndim;
    npy_intp dims[MOST_AXES], strides[MOST_AXES]; /* of no axes: one element all the same */
} gl_part;

static int is_plain(PyObject *value) {
    if (!PyArray_CheckExact(value)) return 0;
    int type = PyArray_TYPE((PyArrayObject *)value);
    return (type == NPY_DOUBLE || type == NPY_INT64) && PyArray_ISBEHAVED_RO((PyArrayObject *)value);
}

static int is_limit(PyObject *value) { return value == Py_None || PyLong_CheckExact(value); }

/* One axis of an array, by an integer or a slice. 0: by something else, or by an integer out of bounds. */
static int take_axis(gl_part *part, PyObject *index, npy_intp size, npy_intp stride) {
    if (PyLong_CheckExact(index)) {
        int overflow;
        long long at = PyLong_AsLongLongAndOverflow(index, &overflow);
        if (overflow || at < -size || at >= size) return 0;
        part->data += (at < 0 ? at + size : at) * stride;
        return 1;
    }
    if (!PySlice_Check(index)) return 0;
    PySliceObject *slice = (PySliceObject *)index;
    Py_ssize_t start, stop, step;
    if (!is_limit(slice->start) || !is_limit(slice->stop) || !is_limit(slice->step)) return 0;
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
        PyErr_Clear(); /* a step of 0 */
        return 0;
    }
    part->dims[part->ndim] = PySlice_AdjustIndices(size, &start, &stop, step);
    part->strides[part->ndim++] = step * stride;
    part->data += start * stride;
    return 1;
}

/* What ``array[index]`` takes. 0: not said here. */
static int find_part(PyArrayObject *array, PyObject *index, gl_part *part) {
    int is_tuple = PyTuple_CheckExact(index), ndim = PyArray_NDIM(array);
    Py_ssize_t n_given = is_tuple ? PyTuple_GET_SIZE(index) : index != Py_Ellipsis;
    if (ndim > MOST_AXES || n_given > ndim) return 0;
    *part = (gl_part){PyArray_BYTES(array), 0, {1}, {0}};
    for (int axis = 0; axis < ndim; axis++) {
        npy_intp size = PyArray_DIM(array, axis), stride = PyArray_STRIDE(array, axis);
        if (axis >= n_given) {
            part->dims[part->ndim] = size;
            part->strides[part->ndim++] = stride;
        } else if (!take_axis(part, is_tuple ? PyTuple_GET_ITEM(index, axis) : index, size, stride)) {
            return 0;
        }
    }
    return 1;
}

PyObject *gl_element(PyObject *array, PyObject *index) {
    gl_part part;
    if (!is_plain(array) || !find_part((PyArrayObject *)array, index, &part) || part.ndim) return NULL;
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
        memcpy(item, &number, ITEM);
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

/* Copies each element of a part, in C order, from or to ``items``, of which ``step`` are used up each time. */
static npy_int64 *walk(const gl_part *part, int axis, char *data, npy_int64 *items, int step, int loads) {
    npy_intp stride = part->strides[axis];
    for (npy_intp i = 0; i < part->dims[axis]; i++, data += stride) {
        if (axis + 1 < part->ndim) {
            items = walk(part, axis + 1, data, items, step, loads);
        } else {
            memcpy(loads ? (char *)items : data, loads ? data : (char *)items, ITEM);
            items += step;
        }
    }
    return items;
}

/* The elements of an array that has the part's shape. 0: of another one, or of another type. */
static int read_items(PyObject *value, int type, const gl_part *part, npy_int64 *items) {
    PyArrayObject *array = (PyArrayObject *)value;
    if (!is_plain(value) || PyArray_TYPE(array) != type || PyArray_NDIM(array) != part->ndim) return 0;
    gl_part source = {PyArray_BYTES(array), part->ndim, {1}, {0}};
    for (int axis = 0; axis < part->ndim; axis++) {
        if (PyArray_DIM(array, axis) != part->dims[axis]) return 0;
        source.dims[axis] = part->dims[axis];
        source.strides[axis] = PyArray_STRIDE(array, axis);
    }
    walk(&source, 0, source.data, items, 1, 1);
    return 1;
}

int gl_store(PyObject *target, PyObject *index, PyObject *value) {
    PyArrayObject *array = (PyArrayObject *)target;
    gl_part part;
    npy_int64 items[MOST_ITEMS]; /* all are read before one is written: the value may lie in the array */
    if (!is_plain(target) || !PyArray_ISWRITEABLE(array) || !find_part(array, index, &part)) return 0;
    npy_intp n = 1;
    for (int axis = 0; axis < part.ndim; axis++) n *= part.dims[axis];
    if (n > MOST_ITEMS) return 0;
    int type = PyArray_TYPE(array), is_array = PyArray_Check(value);
    if (!(is_array ? read_items(value, type, &part, items) : read_item(value, type, items))) return 0;
    walk(&part, 0, part.data, items, is_array, 0);
    return 1;
}
