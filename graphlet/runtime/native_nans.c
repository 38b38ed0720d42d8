/* Two NaNs that meet. Which of them is kept is up to NumPy's loops, which add and multiply in any order: in a vector it is
   one, in what is left of a row the other, and in place the layout decides as well. So where a loop goes over memory that
   lies otherwise than what NumPy goes over, and two NaNs of different bits have met, NumPy computes that again. Blocks
   of rows look at their results first, and only where those have NaNs at each operation. */
#include "native_group.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

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

/* One comparison tells of two numbers whether one is a NaN. */
#define SEEK(type, bits, name) \
    WIDE static int name(const type *values, npy_intp n) { \
        const type *others = values + (n + 1) / 2; \
        bits found = n > 0 && values[n / 2] != values[n / 2]; \
        for (npy_intp i = 0; i < n / 2; i++) found |= -(bits)!!__builtin_isunordered(values[i], others[i]); \
        return found != 0; \
    }
SEEK(npy_float, npy_int32, some_float)
SEEK(npy_double, npy_int64, some_double)

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

static int have_met(int type_num, char *const *data, const npy_intp *strides, npy_intp n) {
    if (type_num == NPY_DOUBLE && strides[2] == sizeof(npy_double) && !some_double((npy_double *)data[2], n)) return 0;
    if (type_num == NPY_FLOAT && strides[2] == sizeof(npy_float) && !some_float((npy_float *)data[2], n)) return 0;
    switch (type_num) {
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

/* ---- loops ---- */

static int is_even(npy_intp stride, npy_intp itemsize) { return stride == itemsize || stride == 0; }

/* Whether NumPy's in-place loop goes over other memory than this one, which writes a new array. */
static int is_placed_otherwise(const gl_group_run *run, const gl_op *op, const npy_intp *strides) {
    if (run->size == 1 || run->watches || run->group->has_casts) return 1;
    return !is_even(strides[0], op->itemsize) || !is_even(strides[1], op->itemsize);
}

/* What has to be done where two NaNs have met. */
static int remedy(const gl_group_run *run, const gl_op *op, const npy_intp *strides) {
    switch (op->nans) {
    case GL_SURE: return 0;
    case GL_REPACKED: break;
    case GL_LARGE: if (run->state->n_given || run->size * op->itemsize >= LARGE) return GL_UNSURE_IN_PLACE; break;
    case GL_PLACED: return is_placed_otherwise(run, op, strides) ? GL_UNSURE_IN_PLACE : 0;
    case GL_PLACED_APART: return GL_UNSURE_IN_PLACE;
    }
    return run->watches ? GL_UNSURE : 0;
}

int gl_nans_in_doubt(const gl_group_run *run, const gl_op *op, char *const *data, const npy_intp *strides, npy_intp n) {
    int found = remedy(run, op, strides);
    return found && have_met(op->context->descriptors[2]->type_num, data, strides, n) ? found : 0;
}

static int some_nan(int type_num, const char *values, npy_intp n) {
    switch (type_num) {
    case NPY_DOUBLE: return some_double((const npy_double *)values, n);
    case NPY_FLOAT: return some_float((const npy_float *)values, n);
    default: return PyTypeNum_ISFLOAT(type_num) || PyTypeNum_ISCOMPLEX(type_num);
    }
}

int gl_results_have_nans(const gl_group_run *run, npy_intp n) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_outputs; i++) {
        const gl_output *output = &group->outputs[i];
        if (some_nan(output->descr->type_num, run->ptr[output->reg], n)) return 1;
    }
    return 0;
}

/* ---- results of calls, which are new arrays as well ---- */

static int has_no_nan(PyArrayObject *array) {
    if (!PyArray_IS_C_CONTIGUOUS(array) && !PyArray_IS_F_CONTIGUOUS(array)) return 0;
    return !some_nan(PyArray_TYPE(array), PyArray_BYTES(array), PyArray_SIZE(array));
}

static int is_of(const PyArrayMultiIterObject *all, int i, int type_num) {
    PyArray_Descr *descr = PyArray_DESCR((PyArrayObject *)all->iters[i]->ao);
    return descr->type_num == type_num && PyArray_ISNBO(descr->byteorder);
}

/* What is cast on the way is not looked at: any NaN may come of two that met. */
static int have_met_anywhere(PyArrayMultiIterObject *all, int type_num) {
    char one[GL_CELL], other[GL_CELL];
    const npy_intp strides[3] = {0, 0, 0};
    int is_plain = is_of(all, 0, type_num) && is_of(all, 1, type_num);
    memset(one, 0xff, sizeof one);
    memset(other, 0xff, sizeof other);
    other[0] = 0x7e;
    while (PyArray_MultiIter_NOTDONE(all)) {
        char *data[3] = {one, other, PyArray_MultiIter_DATA(all, 2)};
        for (int i = 0; is_plain && i < 2; i++) data[i] = PyArray_MultiIter_DATA(all, i);
        if (have_met(type_num, data, strides, 1)) return 1;
        PyArray_MultiIter_NEXT(all);
    }
    return 0;
}

int gl_call_in_doubt(enum gl_nans nans, PyObject *x, PyObject *y, PyObject *result) {
    if (!PyArray_Check(result)) return 0;
    PyArrayObject *array = (PyArrayObject *)result;
    if ((nans == GL_LARGE && PyArray_NBYTES(array) < LARGE) || has_no_nan(array)) return 0;
    PyObject *all = PyArray_MultiIterNew(3, x, y, result);
    if (!all) {
        PyErr_Clear();
        return 1;
    }
    int found = have_met_anywhere((PyArrayMultiIterObject *)all, PyArray_TYPE(array));
    Py_DECREF(all);
    return found;
}
