/* Two NaNs that meet: the first operand's is kept. Where NumPy computes in place it may take the operands in the other
   order, so that the result is another NaN. */
#include "native_group.h"

enum { LARGE = 256 * 1024 }; /* bytes, NumPy's NPY_MIN_ELIDE_BYTES */

#define IS_NAN(type, name, infinity) \
    static inline int name(const char *at) { \
        type bits; \
        memcpy(&bits, at, sizeof bits); \
        return (type)(bits << 1) > (type)((type)(infinity) << 1); \
    }
IS_NAN(npy_uint16, is_nan_half, 0x7c00u)
IS_NAN(npy_uint32, is_nan_float, 0x7f800000u)
IS_NAN(npy_uint64, is_nan_double, 0x7ff0000000000000u)

static inline int is_nan_long(const char *at) {
    npy_longdouble value;
    memcpy(&value, at, sizeof value);
    return value != value;
}

/* Sums and products of complex numbers bring NaNs together that one operand alone has made. */
#define COMPLEX(name, part, size) \
    static inline int name(const char *at) { return part(at) || part(at + (size)); }
COMPLEX(is_nan_cfloat, is_nan_float, sizeof(npy_float))
COMPLEX(is_nan_cdouble, is_nan_double, sizeof(npy_double))
COMPLEX(is_nan_clong, is_nan_long, sizeof(npy_longdouble))

#define LOOK(number, size, is_nan, is_pair) \
    case number: \
        for (npy_intp i = 0; i < n; i++) { \
            if (!is_nan(data[2] + i * strides[2])) continue; \
            const char *x = data[0] + i * strides[0], *y = data[1] + i * strides[1]; \
            if (memcmp(x, y, size) != 0 && (is_pair || (is_nan(x) && is_nan(y)))) return 1; \
        } \
        return 0

int gl_may_doubt_nans(const gl_group_run *run, const gl_op *op) {
    int in_bands = run->state->n_given > 0; /* then this is a part of an array */
    if (op->nans == GL_SURE) return 0;
    return op->nans == GL_SINGLE ? run->size == 1 : run->size * op->itemsize >= LARGE || in_bands;
}

int gl_nans_in_doubt(const gl_group_run *run, const gl_op *op, char **data, const npy_intp *strides, npy_intp n) {
    if (!gl_may_doubt_nans(run, op)) return 0;
    switch (op->context->descriptors[2]->type_num) {
        LOOK(NPY_HALF, sizeof(npy_half), is_nan_half, 0);
        LOOK(NPY_FLOAT, sizeof(npy_float), is_nan_float, 0);
        LOOK(NPY_DOUBLE, sizeof(npy_double), is_nan_double, 0);
        LOOK(NPY_LONGDOUBLE, 10, is_nan_long, 0);
        LOOK(NPY_CFLOAT, sizeof(npy_cfloat), is_nan_cfloat, 1);
        LOOK(NPY_CDOUBLE, sizeof(npy_cdouble), is_nan_cdouble, 1);
        LOOK(NPY_CLONGDOUBLE, sizeof(npy_clongdouble), is_nan_clong, 1);
    default: return 0;
    }
}
