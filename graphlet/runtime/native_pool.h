/* New arrays whose memory comes from a pool of blocks that were used before. */
#ifndef GRAPHLET_POOL_H
#define GRAPHLET_POOL_H

#include "native_block.h"

/* A new array like PyArray_NewFromDescr(&PyArray_Type, ...) without data: steals descr, NULL with an exception set.
   strides NULL: C order, or Fortran order if fortran. Strides given: those of a dense array. */
PyObject *gl_new_array(PyArray_Descr *descr, int ndim, const npy_intp *shape, const npy_intp *strides, int fortran);

int gl_pool_init(void);

/* Until gl_pool_leave() gets what this returned, large arrays that NumPy makes in this context are from the pool, unless
   the program has a memory handler of its own. NULL with an exception set. */
PyObject *gl_pool_enter(void);
int gl_pool_leave(PyObject *token); /* -1 with an exception set */

/* A block for something else than an array; NULL where there is no memory, without an exception. */
void *gl_pool_take(size_t n_bytes);
void gl_pool_give(void *data); /* NULL: nothing */

/* Bytes the pool holds and nobody uses. */
size_t gl_pool_bytes(void);

/* Give those back, and forget how much was in use before. */
void gl_pool_clear(void);

#endif
