/* What basic indices take of an array: by the files that read, store and make views. */
#ifndef GRAPHLET_NATIVE_INDEX_H
#define GRAPHLET_NATIVE_INDEX_H

#include "native_block.h"
#include "native_part.h"

/* native_index.c: what ``array[index]`` takes; an Ellipsis makes an
   element a view of it. 0: by anything but integers, slices, None and an Ellipsis, out of bounds, or with too many axes. */
int gl_find_part(PyArrayObject *array, PyObject *index, gl_part *part, int *has_ellipsis);
int gl_find_view(PyObject *array, PyObject *index, gl_part *part); /* 0: that is none, or an element */
PyObject *gl_view_of(PyArrayObject *array, const gl_part *part, int holds); /* new reference; whether it has a base */

#endif
