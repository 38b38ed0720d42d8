/* The product of matrices and vectors by the inner loop of np.matmul, without what a generalised ufunc does before it.

   The law for its steps is that of NumPy: an axis that is not there, or has one element, has a stride of 0. For real
   factors in C order, without axes of one element, np.dot asks BLAS for the very same. */
#include "native_block.h"
#include "native_flags.h"
#include "native_pool.h"

#include <numpy/ufuncobject.h>

enum { LONG_PRODUCT = 1 << 15 }; /* multiplications from which others may run meanwhile */
enum { LEFT, RIGHT, RESULT };

static struct { PyUFuncGenericFunction loop; void *data; } loops[NPY_NTYPES_LEGACY];
static int has_loops;

/* The loops for operands and a result of one dtype, by its number. */
static int find_loops(void) {
    PyObject *umath = PyImport_ImportModule("numpy._core.umath");
    PyObject *matmul = umath ? PyObject_GetAttrString(umath, "matmul") : NULL;
    Py_XDECREF(umath);
    if (!matmul) return -1;
    const PyUFuncObject *ufunc = (const PyUFuncObject *)matmul;
    int is_ufunc = strcmp(Py_TYPE(matmul)->tp_name, "numpy.ufunc") == 0;
    for (int i = 0; is_ufunc && ufunc->nargs == 3 && i < ufunc->ntypes; i++) {
        const char *types = ufunc->types + 3 * i;
        if (types[LEFT] != types[RIGHT] || types[LEFT] != types[RESULT]) continue;
        loops[(int)types[LEFT]].loop = ufunc->functions[i];
        loops[(int)types[LEFT]].data = ufunc->data ? (void *)ufunc->data[i] : NULL;
    }
    has_loops = 1; /* the ufunc is kept for good */
    return 0;
}

static int is_factor(PyObject *value) {
    PyArrayObject *array = (PyArrayObject *)value;
    if (!PyArray_CheckExact(value) || PyArray_NDIM(array) < 1 || PyArray_NDIM(array) > 2) return 0;
    int type = PyArray_TYPE(array);
    return (type == NPY_FLOAT || type == NPY_DOUBLE || type == NPY_CFLOAT || type == NPY_CDOUBLE || PyTypeNum_ISINTEGER(type))
        && PyArray_ISBEHAVED_RO(array) && PyArray_SIZE(array) > 0;
}

static int is_plain(PyArrayObject *array) {
    for (int i = 0; i < PyArray_NDIM(array); i++) {
        if (PyArray_DIM(array, i) < 2) return 0;
    }
    return (PyArray_TYPE(array) == NPY_FLOAT || PyArray_TYPE(array) == NPY_DOUBLE) && PyArray_IS_C_CONTIGUOUS(array);
}

static npy_intp step_of(PyArrayObject *array, int axis) {
    return axis < 0 || axis >= PyArray_NDIM(array) || PyArray_DIM(array, axis) == 1 ? 0 : PyArray_STRIDE(array, axis);
}

static void run_loop(PyArrayObject *x, PyArrayObject *y, PyArrayObject *made, npy_intp m, npy_intp n, npy_intp p) {
    int of_x = PyArray_NDIM(x) - 2, is_row = of_x < 0, type = PyArray_TYPE(x);
    char *args[3] = {PyArray_DATA(x), PyArray_DATA(y), PyArray_DATA(made)};
    npy_intp sizes[4] = {1, m, n, p};
    npy_intp steps[9] = {
        0, 0, 0, step_of(x, of_x), step_of(x, of_x + 1), step_of(y, 0), step_of(y, 1),
        is_row ? 0 : step_of(made, 0), PyArray_NDIM(y) < 2 ? 0 : step_of(made, is_row ? 0 : 1),
    };
    loops[type].loop(args, sizes, steps, loops[type].data);
}

PyObject *gl_matmul(PyObject *left, PyObject *right, int is_dot, int *flags) {
    PyArrayObject *x = (PyArrayObject *)left, *y = (PyArrayObject *)right;
    if (!is_factor(left) || !is_factor(right) || (!has_loops && find_loops() < 0)) return NULL;
    if (is_dot && (!is_plain(x) || !is_plain(y))) return NULL;
    int ndim = PyArray_NDIM(x) + PyArray_NDIM(y) - 2;
    npy_intp m = PyArray_NDIM(x) > 1 ? PyArray_DIM(x, 0) : 1, n = PyArray_DIM(x, PyArray_NDIM(x) - 1);
    npy_intp p = PyArray_NDIM(y) > 1 ? PyArray_DIM(y, 1) : 1;
    if (ndim == 0 || PyArray_TYPE(x) != PyArray_TYPE(y) || PyArray_DIM(y, 0) != n || !loops[PyArray_TYPE(x)].loop) return NULL;
    npy_intp shape[2] = {PyArray_NDIM(x) > 1 ? m : p, p};
    Py_INCREF(PyArray_DESCR(x));
    PyObject *result = gl_new_array(PyArray_DESCR(x), ndim, shape, NULL, 0);
    if (!result) return NULL;
    PyThreadState *thread = m * n > LONG_PRODUCT / p ? PyEval_SaveThread() : NULL;
    gl_clear_flags();
    run_loop(x, y, (PyArrayObject *)result, m, n, p);
    *flags = gl_all_flags();
    if (thread) PyEval_RestoreThread(thread);
    if (PyErr_Occurred()) Py_CLEAR(result);
    return result;
}
