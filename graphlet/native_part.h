/* Small parts of arrays with elements of eight bytes and few axes: copied without the look-out for a way to do it that
   takes NumPy longer than the copying. */
#ifndef GRAPHLET_NATIVE_PART_H
#define GRAPHLET_NATIVE_PART_H

#include <string.h>

#include <numpy/arrayobject.h>

#include "native_extent.h"

enum { GL_PART_AXES = 6, GL_PART_ITEMS = 1024, GL_PART_ITEM = 8 /* bytes */ };

typedef struct {
    char *data;
    int ndim;
    npy_intp dims[GL_PART_AXES], strides[GL_PART_AXES]; /* of no axes: one element all the same */
} gl_part;

static inline npy_intp gl_part_size(const gl_part *part) {
    npy_intp size = 1;
    for (int axis = 0; axis < part->ndim; axis++) size *= part->dims[axis];
    return size;
}

/* All of an array. 0: it has too many axes or elements, or others. */
static inline int gl_part_of(PyArrayObject *array, gl_part *part) {
    if (PyArray_NDIM(array) > GL_PART_AXES || PyArray_ITEMSIZE(array) != GL_PART_ITEM) return 0;
    *part = (gl_part){PyArray_BYTES(array), PyArray_NDIM(array), {1}, {0}};
    for (int axis = 0; axis < part->ndim; axis++) {
        part->dims[axis] = PyArray_DIM(array, axis);
        part->strides[axis] = PyArray_STRIDE(array, axis);
    }
    return gl_part_size(part) <= GL_PART_ITEMS;
}

static inline int gl_part_fits(const gl_part *part, const gl_part *other) {
    return part->ndim == other->ndim && PyArray_CompareLists(part->dims, other->dims, part->ndim);
}

static inline npy_intp gl_part_step(const gl_part *part, int axis) {
    return part->strides[axis] < 0 ? -part->strides[axis] : part->strides[axis];
}

/* Whether no two elements share memory: NumPy writes those in an order of its own. */
static inline int gl_part_is_simple(const gl_part *part) {
    int order[GL_PART_AXES], n = 0;
    for (int axis = 0; axis < part->ndim; axis++) { /* by their steps, the shortest first */
        int at = n;
        if (part->dims[axis] == 1) continue;
        for (; at > 0 && gl_part_step(part, order[at - 1]) > gl_part_step(part, axis); at--) order[at] = order[at - 1];
        order[at] = axis;
        n++;
    }
    npy_intp extent = GL_PART_ITEM;
    for (int i = 0; i < n; i++) {
        if (gl_part_step(part, order[i]) < extent) return 0;
        extent = gl_part_step(part, order[i]) * part->dims[order[i]];
    }
    return 1;
}

/* Copies each element, in C order, from or to ``items``, of which ``step`` are used up each time. */
static inline npy_int64 *gl_part_walk(const gl_part *part, int axis, char *data, npy_int64 *items, int step, int loads) {
    npy_intp stride = part->strides[axis];
    if (step && axis + 1 >= part->ndim && stride == GL_PART_ITEM) { /* a row without gaps */
        memcpy(loads ? (char *)items : data, loads ? data : (char *)items, part->dims[axis] * GL_PART_ITEM);
        return items + part->dims[axis];
    }
    for (npy_intp i = 0; i < part->dims[axis]; i++, data += stride) {
        if (axis + 1 < part->ndim) {
            items = gl_part_walk(part, axis + 1, data, items, step, loads);
        } else {
            memcpy(loads ? (char *)items : data, loads ? data : (char *)items, GL_PART_ITEM);
            items += step;
        }
    }
    return items;
}

static inline void gl_part_load(const gl_part *part, npy_int64 *items) {
    gl_part_walk(part, 0, part->data, items, 1, 1);
}

/* ``step`` 0: the same item everywhere. */
static inline void gl_part_store(const gl_part *part, npy_int64 *items, int step) {
    gl_part_walk(part, 0, part->data, items, step, 0);
}

/* Whether gl_part_copy can do it, for arrays of one type that holds no objects. */
static inline int gl_part_copies(PyArrayObject *target, PyArrayObject *value) {
    gl_part to, from;
    if (!gl_part_of(target, &to) || !gl_part_of(value, &from)) return 0;
    return (from.ndim == 0 || gl_part_fits(&to, &from)) && gl_part_is_simple(&to);
}

/* Where they are not apart, every element is read before one is written: they may lie in each other. */
static inline void gl_part_copy(PyArrayObject *target, PyArrayObject *value) {
    npy_int64 items[GL_PART_ITEMS];
    gl_part to, from;
    if (!gl_part_of(target, &to) || !gl_part_of(value, &from)) return;
    if (PyArray_IS_C_CONTIGUOUS(value) && PyArray_ISALIGNED(value) && gl_apart(target, value)) {
        gl_part_store(&to, (npy_int64 *)from.data, from.ndim > 0);
        return;
    }
    gl_part_load(&from, items);
    gl_part_store(&to, items, from.ndim > 0);
}

#endif
