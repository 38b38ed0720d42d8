/* Basic indices, of which nothing runs that is not CPython's own: integers, slices of integers, None and an Ellipsis. */
#include "native_index.h"

static int is_limit(PyObject *value) { return value == Py_None || PyLong_CheckExact(value); }

static int add_axis(gl_part *part, npy_intp size, npy_intp stride) {
    if (part->ndim == GL_PART_AXES) return 0;
    part->dims[part->ndim] = size;
    part->strides[part->ndim++] = stride;
    return 1;
}

static int take_integer(gl_part *part, PyObject *index, npy_intp size, npy_intp stride) {
    int overflow;
    long long at = PyLong_AsLongLongAndOverflow(index, &overflow);
    if (overflow || at < -size || at >= size) return 0;
    part->data += (at < 0 ? at + size : at) * stride;
    return 1;
}

static int take_slice(gl_part *part, PyObject *index, npy_intp size, npy_intp stride) {
    PySliceObject *slice = (PySliceObject *)index;
    Py_ssize_t start, stop, step;
    if (!PySlice_Check(index) || !is_limit(slice->start) || !is_limit(slice->stop) || !is_limit(slice->step)) return 0;
    if (PySlice_Unpack(index, &start, &stop, &step) < 0) {
        PyErr_Clear(); /* a step of 0 */
        return 0;
    }
    npy_intp length = PySlice_AdjustIndices(size, &start, &stop, step);
    if (length > 0) part->data += start * stride; /* of nothing, NumPy takes the beginning and the step as they are */
    return add_axis(part, length, length > 0 ? step * stride : stride);
}

int gl_find_part(PyArrayObject *array, PyObject *index, gl_part *part, int *has_ellipsis) {
    int is_tuple = PyTuple_CheckExact(index), ndim = PyArray_NDIM(array), axis = 0, n_taken = 0;
    Py_ssize_t n_items = is_tuple ? PyTuple_GET_SIZE(index) : 1;
    PyObject *const *items = is_tuple ? &PyTuple_GET_ITEM(index, 0) : &index;
    *part = (gl_part){PyArray_BYTES(array), 0, {1}, {0}};
    *has_ellipsis = 0;
    for (Py_ssize_t i = 0; i < n_items; i++) n_taken += items[i] != Py_None && items[i] != Py_Ellipsis;
    int n_left = ndim - n_taken; /* axes that an Ellipsis stands for, or that follow */
    if (n_left < 0) return 0;
    for (Py_ssize_t i = 0; i < n_items; i++) {
        npy_intp size = axis < ndim ? PyArray_DIM(array, axis) : 0, stride = axis < ndim ? PyArray_STRIDE(array, axis) : 0;
        int is_taken = 1;
        if (items[i] == Py_None) {
            is_taken = add_axis(part, 1, 0);
        } else if (items[i] == Py_Ellipsis) {
            if (*has_ellipsis) return 0;
            *has_ellipsis = 1;
            for (; n_left > 0 && is_taken; n_left--, axis++) {
                is_taken = add_axis(part, PyArray_DIM(array, axis), PyArray_STRIDE(array, axis));
            }
        } else {
            is_taken = PyLong_CheckExact(items[i]) ? take_integer(part, items[i], size, stride)
                                                   : take_slice(part, items[i], size, stride);
            axis++;
        }
        if (!is_taken) return 0;
    }
    for (; axis < ndim; axis++) {
        if (!add_axis(part, PyArray_DIM(array, axis), PyArray_STRIDE(array, axis))) return 0;
    }
    return 1;
}

PyObject *gl_view_of(PyArrayObject *array, const gl_part *part, int holds) {
    Py_INCREF(PyArray_DESCR(array));
    PyObject *view = PyArray_NewFromDescr(&PyArray_Type, PyArray_DESCR(array), part->ndim, part->dims, part->strides, part->data,
                                          PyArray_FLAGS(array), NULL);
    if (view && holds && PyArray_SetBaseObject((PyArrayObject *)view, Py_NewRef(array)) < 0) Py_CLEAR(view);
    return view;
}

int gl_find_view(PyObject *value, PyObject *index, gl_part *part) {
    int has_ellipsis;
    if (!PyArray_CheckExact(value) || !gl_find_part((PyArrayObject *)value, index, part, &has_ellipsis)) return 0;
    return part->ndim > 0 || has_ellipsis;
}

PyObject *gl_view(PyObject *value, PyObject *index) {
    gl_part part;
    return gl_find_view(value, index, &part) ? gl_view_of((PyArrayObject *)value, &part, 1) : NULL;
}
