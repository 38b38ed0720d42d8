/* Copying arrays that are larger than the cache: past it, so that memory which is only written is not read first. */
#ifndef GRAPHLET_NATIVE_COPY_H
#define GRAPHLET_NATIVE_COPY_H

#include <stdint.h>
#include <string.h>

#include <numpy/arrayobject.h>

enum { GL_COPY_LINE = 64, GL_COPY_SHORTEST = 1024, GL_COPY_AHEAD = 1024 }; /* bytes: a line, a run, of prefetching */

#if defined(__SSE2__)
#include <emmintrin.h>

static inline void gl_copy_lines(char *to, const char *from, npy_intp n_bytes) {
    for (npy_intp i = 0; i < n_bytes; i += GL_COPY_LINE) {
        _mm_prefetch(from + i + GL_COPY_AHEAD, _MM_HINT_NTA);
        __m128i a = _mm_loadu_si128((const __m128i *)(from + i)), b = _mm_loadu_si128((const __m128i *)(from + i + 16));
        __m128i c = _mm_loadu_si128((const __m128i *)(from + i + 32)), d = _mm_loadu_si128((const __m128i *)(from + i + 48));
        _mm_stream_si128((__m128i *)(to + i), a);
        _mm_stream_si128((__m128i *)(to + i + 16), b);
        _mm_stream_si128((__m128i *)(to + i + 32), c);
        _mm_stream_si128((__m128i *)(to + i + 48), d);
    }
}

static inline void gl_copy_done(void) { _mm_sfence(); }
#else
static inline void gl_copy_lines(char *to, const char *from, npy_intp n_bytes) { memcpy(to, from, n_bytes); }
static inline void gl_copy_done(void) {}
#endif

static inline void gl_copy_run(char *to, const char *from, npy_intp n_bytes) {
    npy_intp head = -(uintptr_t)to % GL_COPY_LINE;
    if (head > n_bytes) head = n_bytes;
    npy_intp lines = (n_bytes - head) / GL_COPY_LINE * GL_COPY_LINE;
    memcpy(to, from, head);
    gl_copy_lines(to + head, from + head, lines);
    memcpy(to + head + lines, from + head + lines, n_bytes - head - lines);
}

/* Axes of more than one element from the innermost out, if both arrays are in C or in F order: how many; -1: no. */
static inline int gl_copy_order(PyArrayObject *target, PyArrayObject *value, int *order) {
    int ndim = PyArray_NDIM(target), n = 0;
    if (ndim != PyArray_NDIM(value) || !PyArray_CompareLists(PyArray_DIMS(target), PyArray_DIMS(value), ndim)) return -1;
    int is_fortran = ndim > 1 && PyArray_STRIDE(target, 0) < PyArray_STRIDE(target, ndim - 1);
    for (int i = 0; i < ndim; i++) {
        int axis = is_fortran ? i : ndim - 1 - i;
        if (PyArray_DIM(target, axis) != 1) order[n++] = axis;
    }
    npy_intp extent = PyArray_ITEMSIZE(target);
    for (int i = 0; i < n; i++) { /* elements that share memory are written in NumPy's order */
        npy_intp step = PyArray_STRIDE(target, order[i]);
        if ((step < 0 ? -step : step) < extent) return -1;
        extent = (step < 0 ? -step : step) * PyArray_DIM(target, order[i]);
    }
    return n;
}

/* Copies elements that lie in runs of the same length; 0 where they do not, and nothing is done. The arrays are of the
   same type, hold no objects and are apart. */
static inline int gl_copy_past_cache(PyArrayObject *target, PyArrayObject *value) {
    int order[NPY_MAXDIMS], n_axes = gl_copy_order(target, value, order), k = 0;
    npy_intp index[NPY_MAXDIMS] = {0}, run = PyArray_ITEMSIZE(target), n_runs = 1;
    char *to = PyArray_BYTES(target), *from = PyArray_BYTES(value);
    for (; k < n_axes; k++) {
        if (PyArray_STRIDE(target, order[k]) != run || PyArray_STRIDE(value, order[k]) != run) break;
        run *= PyArray_DIM(target, order[k]);
    }
    if (n_axes < 0 || run < GL_COPY_SHORTEST) return 0;
    for (int i = k; i < n_axes; i++) n_runs *= PyArray_DIM(target, order[i]);
    PyThreadState *released = PyEval_SaveThread();
    for (npy_intp n = 0; n < n_runs; n++) {
        gl_copy_run(to, from, run);
        for (int i = k; i < n_axes; i++) {
            to += PyArray_STRIDE(target, order[i]);
            from += PyArray_STRIDE(value, order[i]);
            if (++index[i] < PyArray_DIM(target, order[i])) break;
            to -= index[i] * PyArray_STRIDE(target, order[i]);
            from -= index[i] * PyArray_STRIDE(value, order[i]);
            index[i] = 0;
        }
    }
    gl_copy_done();
    PyEval_RestoreThread(released);
    return 1;
}

#endif
