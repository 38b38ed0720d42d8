/* Where arrays lie in memory. */
#ifndef GRAPHLET_NATIVE_EXTENT_H
#define GRAPHLET_NATIVE_EXTENT_H

#include <Python.h>
#include "numpy/arrayobject.h"

/* The bytes an array spans; 0 if it has none. */
static inline int gl_extent(PyArrayObject *array, char **low, char **high)
{
    *low = *high = PyArray_BYTES(array);
    for (int i = 0; i < PyArray_NDIM(array); i++) {
        npy_intp size = PyArray_DIM(array, i);
        if (size == 0) {
            return 0;
        }
        npy_intp span = (size - 1) * PyArray_STRIDE(array, i);
        *(span < 0 ? low : high) += span;
    }
    *high += PyArray_ITEMSIZE(array);
    return *low != *high;
}

/* Whether two arrays share no byte for sure. */
static inline int gl_apart(PyArrayObject *left, PyArrayObject *right)
{
    char *left_low, *left_high, *right_low, *right_high;
    if (!gl_extent(left, &left_low, &left_high) || !gl_extent(right, &right_low, &right_high)) {
        return 1;
    }
    return left_high <= right_low || right_high <= left_low;
}

/* Whether NumPy copies overlapping lines in an order that shows: with steps of one direction and different lengths it
   goes item by item without looking out for those it has written already (as of 2.5). */
static inline int gl_order_counts(int ndim, const npy_intp *strides, int value_ndim, const npy_intp *value_strides)
{
    if (ndim != 1 || value_ndim == 0) {
        return 0;
    }
    npy_intp step = value_strides[value_ndim - 1];
    return step != strides[0] && (step > 0) == (strides[0] > 0);
}

#endif
