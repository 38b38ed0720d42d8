/* Is a value what the graph's types say? */
#include "native_block.h"

static int check_array(const gl_check *check, PyObject *value, npy_intp *syms) {
    if (!PyArray_CheckExact(value)) return GL_DECLINED;
    PyArrayObject *array = (PyArrayObject *)value;
    if (PyArray_NDIM(array) != check->n) return GL_DECLINED;
    PyArray_Descr *descr = PyArray_DESCR(array);
    if (descr != check->descr &&
        (descr->type_num != check->descr->type_num || !PyArray_EquivTypes(descr, check->descr))) {
        return GL_DECLINED;
    }
    const npy_intp *shape = PyArray_DIMS(array);
    for (int i = 0; i < check->n; i++) {
        npy_intp dim = check->dims[i];
        if (dim < 0) {
            npy_intp *bound = &syms[-1 - dim];
            if (*bound < 0) *bound = shape[i];
            dim = *bound;
        }
        if (dim != shape[i]) return GL_MISMATCH;
    }
    return GL_OK;
}

static int check_tuple(const gl_check *check, PyObject *value, npy_intp *syms) {
    if (Py_TYPE(value) != check->type || PySequence_Fast_GET_SIZE(value) != check->n) return GL_DECLINED;
    for (int i = 0; i < check->n; i++) {
        int status = gl_check_value(&check->items[i], PySequence_Fast_GET_ITEM(value, i), syms);
        if (status != GL_OK) return status;
    }
    return GL_OK;
}

int gl_check_value(const gl_check *check, PyObject *value, npy_intp *syms) {
    switch (check->kind) {
    case GL_CHECK_NONE: return GL_OK;
    case GL_CHECK_ARRAY: return check_array(check, value, syms);
    case GL_CHECK_TYPE: return Py_TYPE(value) == check->type ? GL_OK : GL_DECLINED;
    case GL_CHECK_TUPLE: return check_tuple(check, value, syms);
    }
    return GL_DECLINED;
}

void gl_check_clear(gl_check *check) {
    Py_CLEAR(check->type);
    Py_CLEAR(check->descr);
    PyMem_Free(check->dims);
    for (int i = 0; check->items && i < check->n; i++) gl_check_clear(&check->items[i]);
    PyMem_Free(check->items);
}
