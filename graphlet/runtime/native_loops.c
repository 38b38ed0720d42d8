/* Where inner loops and casts come from. */
#include "native_group.h"

#include <numpy/ufuncobject.h>

/* What ufunc._get_strided_loop fills in; the name of the capsule stands for this layout. */
static const char CAPSULE_NAME[] = "numpy_1.24_ufunc_call_info";

typedef struct {
    PyArrayMethod_StridedLoop *strided_loop;
    PyArrayMethod_Context *context;
    NpyAuxData *auxdata;
    npy_bool requires_pyapi;
    npy_bool no_floatingpoint_errors;
} call_info;

int gl_loop_facts(PyObject *capsule, int *requires_python, int *checked) {
    const call_info *info = PyCapsule_GetPointer(capsule, CAPSULE_NAME);
    if (!info) return -1;
    *requires_python = info->requires_pyapi || !info->strided_loop;
    *checked = !info->no_floatingpoint_errors;
    return 0;
}

/* Ufuncs whose loops on floats NumPy writes as one instruction for each element (loops_arithm_fp): others may clear the
   flags at their end, or raise them with functions of the C library. */
static const char *const PLAIN[] = {"add", "subtract", "multiply", "divide"};
enum { N_PLAIN = sizeof PLAIN / sizeof *PLAIN };
static PyObject *plain_ufuncs[N_PLAIN];

int gl_loops_init(void) {
    PyObject *umath = PyImport_ImportModule("numpy._core.umath");
    for (int i = 0; umath && i < N_PLAIN; i++) plain_ufuncs[i] = PyObject_GetAttrString(umath, PLAIN[i]);
    Py_XDECREF(umath);
    return PyErr_Occurred() ? -1 : 0;
}

static int is_plain(const PyArrayMethod_Context *context) {
    for (int i = 0; i < ((const PyUFuncObject *)context->caller)->nargs; i++) {
        int num = context->descriptors[i]->type_num;
        if (num != NPY_FLOAT && num != NPY_DOUBLE) return 0;
    }
    for (int i = 0; i < N_PLAIN; i++) {
        if (context->caller == plain_ufuncs[i]) return 1;
    }
    return 0;
}

int gl_fill_loop(gl_op *op, PyObject *capsule) {
    int requires_python;
    if (gl_loop_facts(capsule, &requires_python, &op->checked) < 0) return -1;
    if (requires_python) {
        PyErr_SetString(PyExc_ValueError, "a loop that needs the interpreter");
        return -1;
    }
    const call_info *info = PyCapsule_GetPointer(capsule, CAPSULE_NAME);
    op->kind = GL_LOOP;
    op->loop = info->strided_loop;
    op->context = info->context;
    op->auxdata = info->auxdata;
    op->capsule = Py_NewRef(capsule);
    op->is_plain = is_plain(op->context);
    return 0;
}

const char *gl_loop_name(const gl_op *op) {
    return op->kind == GL_LOOP ? ((PyUFuncObject *)op->context->caller)->name : "cast";
}

int gl_fill_cast(gl_op *op, PyArray_Descr *from, PyArray_Descr *to) {
    op->from_size = (int)PyDataType_ELSIZE(from);
    op->checked = op->kind == GL_CAST;
    if (from->type_num == to->type_num) return 0;
    op->cast = gl_find_cast(from, to);
    if (op->cast) return 0;
    PyErr_SetString(PyExc_ValueError, "no such cast");
    return -1;
}
