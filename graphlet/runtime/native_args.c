/* argmin and argmax: the place of the first extreme; a NaN is more extreme than any number. */
#include "native_group.h"

/* Is x to replace the best so far? */
#define BEATS_INT(x, best, sign) ((sign) < 0 ? (x) < (best) : (x) > (best))
#define BEATS_FLOAT(x, best, sign) (!((sign) < 0 ? (x) >= (best) : (x) <= (best)) && (best) == (best))

#define KERNELS(type, BEATS) \
    static npy_intp scan_##type(const char *data, npy_intp stride, npy_intp n, int sign) { \
        type best = *(const type *)data; \
        npy_intp place = 0; \
        for (npy_intp i = 1; i < n; i++) { \
            type x = *(const type *)(data + i * stride); \
            if (BEATS(x, best, sign)) best = x, place = i; \
        } \
        return place; \
    } \
    static int beats_##type(const char *x, const char *best, int sign) { \
        return BEATS(*(const type *)x, *(const type *)best, sign); \
    } \
    static void fold_##type(char *values, npy_intp *places, const char *data, npy_intp stride, npy_intp n, npy_intp row, \
                            int sign) { \
        type *best = (type *)values; \
        for (npy_intp i = 0; i < n; i++) { \
            type x = *(const type *)(data + i * stride); \
            int wins = BEATS(x, best[i], sign); \
            best[i] = wins ? x : best[i]; \
            places[i] = wins ? row : places[i]; \
        } \
    }

KERNELS(npy_int8, BEATS_INT)
KERNELS(npy_int16, BEATS_INT)
KERNELS(npy_int32, BEATS_INT)
KERNELS(npy_int64, BEATS_INT)
KERNELS(npy_uint8, BEATS_INT)
KERNELS(npy_uint16, BEATS_INT)
KERNELS(npy_uint32, BEATS_INT)
KERNELS(npy_uint64, BEATS_INT)
KERNELS(npy_float, BEATS_FLOAT)
KERNELS(npy_double, BEATS_FLOAT)

typedef struct {
    npy_intp (*scan)(const char *, npy_intp, npy_intp, int);
    int (*beats)(const char *, const char *, int);
    void (*fold)(char *, npy_intp *, const char *, npy_intp, npy_intp, npy_intp, int);
} kernels;

#define ROW(type) {scan_##type, beats_##type, fold_##type}
static const kernels SIGNED[] = {ROW(npy_int8), ROW(npy_int16), ROW(npy_int32), ROW(npy_int64)};
static const kernels UNSIGNED[] = {ROW(npy_uint8), ROW(npy_uint16), ROW(npy_uint32), ROW(npy_uint64)};
static const kernels FLOATS[] = {ROW(npy_float), ROW(npy_double)};

static int log2_of(int itemsize) { return itemsize == 1 ? 0 : itemsize == 2 ? 1 : itemsize == 4 ? 2 : 3; }

static const kernels *kernels_for(const PyArray_Descr *descr) {
    int itemsize = (int)PyDataType_ELSIZE(descr);
    if (descr->type_num == NPY_FLOAT) return &FLOATS[0];
    if (descr->type_num == NPY_DOUBLE) return &FLOATS[1];
    if (PyTypeNum_ISSIGNED(descr->type_num) && itemsize <= 8) return &SIGNED[log2_of(itemsize)];
    if (PyTypeNum_ISUNSIGNED(descr->type_num) && itemsize <= 8) return &UNSIGNED[log2_of(itemsize)];
    return NULL;
}

int gl_fill_arg(gl_tail *tail, PyArray_Descr *source, int sign) {
    tail->arg_kernels = kernels_for(source);
    tail->sign = sign;
    tail->source_size = (int)PyDataType_ELSIZE(source);
    tail->kind = GL_ARG;
    PyArray_ArrFuncs *functions = PyDataType_GetArrFuncs(source);
    tail->arg_of_run = sign < 0 ? functions->argmin : functions->argmax;
    if (tail->arg_kernels && tail->arg_of_run) return 0;
    PyErr_SetString(PyExc_ValueError, "no argmin of this dtype");
    return -1;
}

enum { SHORT_RUN = 16 };

npy_intp gl_arg_of_run(const gl_tail *tail, char *data, npy_intp stride, npy_intp n) {
    npy_intp place;
    if (n <= SHORT_RUN || stride != tail->source_size || tail->arg_of_run(data, n, &place, NULL) < 0) {
        return ((const kernels *)tail->arg_kernels)->scan(data, stride, n, tail->sign);
    }
    return place;
}

/* A total is the place and, 16 bytes on, the value there. */
void gl_arg_piece(const gl_tail *tail, char *total, char *data, npy_intp stride, npy_intp from, npy_intp n, int is_first) {
    npy_intp place = gl_arg_of_run(tail, data, stride, n);
    const char *value = data + place * stride;
    if (!is_first && !((const kernels *)tail->arg_kernels)->beats(value, total + 16, tail->sign)) return;
    *(npy_intp *)total = from + place;
    memcpy(total + 16, value, tail->source_size);
}

void gl_arg_row(const gl_tail *tail, char *values, npy_intp *places, char *data, npy_intp stride, npy_intp n, npy_intp row) {
    if (row > 0) {
        ((const kernels *)tail->arg_kernels)->fold(values, places, data, stride, n, row, tail->sign);
        return;
    }
    gl_pack(values, data, stride, n, tail->source_size);
    memset(places, 0, n * sizeof *places);
}
