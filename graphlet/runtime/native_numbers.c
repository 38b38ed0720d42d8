/* Arithmetic of single np.float64 and Python numbers, without the error state: nothing that NumPy might report happens.
   And arrays made of such numbers.

   Where a result is not finite, or so small that something may have been lost, NumPy does it again and says so. */
#include "native_flags.h"
#include "native_group.h"
#include "native_pool.h"

#include <float.h>
#include <math.h>
#include <numpy/arrayscalars.h>

static const long long EXACT = 1LL << DBL_MANT_DIG; /* integers up to here are doubles */

static const struct { const char *name; enum gl_number number; int n_args; } NUMBERS[] = {
    {"add", GL_NUMBER_ADD, 2}, {"sub", GL_NUMBER_SUB, 2}, {"mul", GL_NUMBER_MUL, 2}, {"truediv", GL_NUMBER_DIV, 2},
    {"pow", GL_NUMBER_POW, 2}, {"lt", GL_NUMBER_LT, 2}, {"le", GL_NUMBER_LE, 2}, {"gt", GL_NUMBER_GT, 2},
    {"ge", GL_NUMBER_GE, 2}, {"eq", GL_NUMBER_EQ, 2}, {"ne", GL_NUMBER_NE, 2}, {"neg", GL_NUMBER_NEG, 1},
    {"abs", GL_NUMBER_ABS, 1}, {"sqrt", GL_NUMBER_SQRT, 1},
};

enum gl_number gl_find_number(const char *name, int n_args) {
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        if (strcmp(name, NUMBERS[i].name) == 0 && n_args == NUMBERS[i].n_args) return NUMBERS[i].number;
    }
    return GL_NO_NUMBER;
}

int gl_read_number(PyObject *value, double *number) {
    if (Py_IS_TYPE(value, &PyDoubleArrType_Type)) {
        *number = PyArrayScalar_VAL(value, Double);
        return 2;
    }
    if (PyFloat_CheckExact(value)) {
        *number = PyFloat_AS_DOUBLE(value);
        return 1;
    }
    if (!PyLong_CheckExact(value)) return 0;
    int overflow;
    long long integer = PyLong_AsLongLongAndOverflow(value, &overflow);
    *number = (double)integer;
    return !overflow && integer >= -EXACT && integer <= EXACT;
}

static double computed(enum gl_number number, double a, double b) {
    switch (number) {
    case GL_NUMBER_ADD: return a + b;
    case GL_NUMBER_SUB: return a - b;
    case GL_NUMBER_MUL: return a * b;
    case GL_NUMBER_DIV: return b == 0 ? NAN : a / b;
    case GL_NUMBER_POW: return a == 0 && b < 0 ? NAN : pow(a, b);
    case GL_NUMBER_NEG: return -a;
    case GL_NUMBER_ABS: return fabs(a);
    case GL_NUMBER_SQRT: return a < 0 ? NAN : sqrt(a);
    default: return NAN;
    }
}

static int compared(enum gl_number number, double a, double b) {
    switch (number) {
    case GL_NUMBER_LT: return a < b;
    case GL_NUMBER_LE: return a <= b;
    case GL_NUMBER_GT: return a > b;
    case GL_NUMBER_GE: return a >= b;
    case GL_NUMBER_EQ: return a == b;
    default: return a != b;
    }
}

PyObject *gl_number_of(enum gl_number number, PyObject *const *args, int n_args) {
    double a = 0, b = 0;
    int kind = gl_read_number(args[0], &a), other = n_args > 1 ? gl_read_number(args[1], &b) : kind;
    if (!kind || !other || kind + other < 3 || !isfinite(a) || !isfinite(b)) return NULL;
    if (number >= GL_NUMBER_LT) PyArrayScalar_RETURN_BOOL_FROM_LONG(compared(number, a, b));
    double result = computed(number, a, b);
    if (!isfinite(result) || (fabs(result) < DBL_MIN && (result != 0 || (a != 0 && number >= GL_NUMBER_MUL)))) return NULL;
    PyObject *made = PyArrayScalar_New(Double);
    if (made) PyArrayScalar_ASSIGN(made, Double, result);
    return made;
}

PyObject *gl_number_by_loop(const struct gl_op *loop, PyObject *const *args, int n_args) {
    double numbers[GL_MAX_ARGS];
    char *data[GL_MAX_ARGS];
    npy_intp one = 1, steps[GL_MAX_ARGS] = {0}; /* numbers stand still, as NumPy has it, and their result does not */
    steps[n_args] = sizeof *numbers;
    for (int i = 0; i <= n_args; i++) {
        data[i] = (char *)&numbers[i];
        if (i < n_args && !gl_read_number(args[i], &numbers[i])) return NULL;
    }
    gl_clear_flags();
    if (loop->loop(loop->context, data, &one, steps, loop->auxdata) < 0 || gl_all_flags()) return NULL;
    PyObject *made = PyArrayScalar_New(Double);
    if (made) PyArrayScalar_ASSIGN(made, Double, numbers[n_args]);
    return made;
}

static int is_row(PyObject *value) { return PyList_CheckExact(value) || PyTuple_CheckExact(value); }

static int read_row(PyObject *row, npy_intp n, double *to) {
    if (!is_row(row) || PySequence_Fast_GET_SIZE(row) != n) return 0;
    for (npy_intp i = 0; i < n; i++) {
        if (!gl_read_number(PySequence_Fast_GET_ITEM(row, i), to + i)) return 0;
    }
    return 1;
}

PyObject *gl_array_of(PyObject *numbers) {
    if (!is_row(numbers) || PySequence_Fast_GET_SIZE(numbers) == 0) return NULL;
    PyObject *first = PySequence_Fast_GET_ITEM(numbers, 0);
    int ndim = is_row(first) ? 2 : 1;
    npy_intp shape[2] = {PySequence_Fast_GET_SIZE(numbers), ndim > 1 ? PySequence_Fast_GET_SIZE(first) : 1};
    PyObject *made = gl_new_array(PyArray_DescrFromType(NPY_DOUBLE), ndim, shape, NULL, 0);
    if (!made) return NULL;
    double *to = PyArray_DATA((PyArrayObject *)made);
    int is_read = ndim > 1 || read_row(numbers, shape[0], to);
    for (npy_intp i = 0; is_read && ndim > 1 && i < shape[0]; i++) {
        is_read = read_row(PySequence_Fast_GET_ITEM(numbers, i), shape[1], to + i * shape[1]);
    }
    if (!is_read) Py_CLEAR(made);
    return made;
}
