/* The facts guards check and the fields sources read. No user code runs, no exception is left; results are borrowed. */
#ifndef GRAPHLET_NATIVE_CHECKS_H
#define GRAPHLET_NATIVE_CHECKS_H

#include <Python.h>
#include <structmember.h>
#include <string.h>
#include "numpy/arrayobject.h"
#include "numpy/arrayscalars.h"
#include "native_dict.h"
#include "native_extent.h"

/* What an ArrayIs guard asks: a description to equal, array flags as a mask and what must be set in it, and a bit for
 * each dimension that has size 1; ``nested``: the part of an axis behind it fits into one of its steps. */
typedef struct {
    PyObject *descr;
    int ndim;
    int flags_mask;
    int flags_wanted;
    int nested;
    uint64_t ones;
} gl_array_kind;

static int gl_same_descr(PyArray_Descr *a, PyArray_Descr *b)
{
    if (a == b) {
        return 1;
    }
    if (a->type_num != b->type_num || a->type_num == NPY_VOID || a->type_num < 0 || a->type_num >= NPY_NTYPES_LEGACY
        || PyArray_ISNBO(a->byteorder) != PyArray_ISNBO(b->byteorder)
        || PyDataType_ELSIZE(a) != PyDataType_ELSIZE(b)
        || PyDataType_METADATA(a) != NULL || PyDataType_METADATA(b) != NULL) {
        return 0;
    }
    return !PyTypeNum_ISDATETIME(a->type_num) || PyArray_EquivTypes(a, b);
}

/* Whether each axis steps over all that lies behind it: strides fall, and no two elements share memory. */
static int gl_is_nested(PyArrayObject *array)
{
    npy_intp extent = PyArray_ITEMSIZE(array);
    for (int i = PyArray_NDIM(array) - 1; i >= 0; i--) {
        npy_intp size = PyArray_DIM(array, i), stride = PyArray_STRIDE(array, i);
        stride = stride < 0 ? -stride : stride;
        if (size <= 1) {
            continue;
        }
        if (stride < extent) {
            return 0;
        }
        extent += (size - 1) * stride;
    }
    return 1;
}

/* ``exact``: PyArray_Type, which takes two loads. */
static inline int gl_array_is(PyObject *obj, const PyTypeObject *exact, const gl_array_kind *kind)
{
    if (Py_TYPE(obj) != exact) {
        return 0;
    }
    PyArrayObject *array = (PyArrayObject *)obj;
    int ndim = kind->ndim;
    if (PyArray_NDIM(array) != ndim || (PyArray_FLAGS(array) & kind->flags_mask) != kind->flags_wanted) {
        return 0;
    }
    if (PyArray_DESCR(array) != (PyArray_Descr *)kind->descr
        && !gl_same_descr(PyArray_DESCR(array), (PyArray_Descr *)kind->descr)) {
        return 0;
    }
    const npy_intp *dims = PyArray_DIMS(array);
    uint64_t ones = kind->ones;
    for (int i = 0; i < ndim; i++, ones >>= 1) {
        if ((dims[i] == 1) != (int)(ones & 1)) {
            return 0;
        }
    }
    return !kind->nested || gl_is_nested(array);
}

/* The size of one dimension; 0 on anything else than an exact array with such an axis. */
static int gl_array_dim(PyObject *obj, Py_ssize_t axis, Py_ssize_t *size)
{
    if (!PyArray_CheckExact(obj) || axis < 0 || axis >= PyArray_NDIM((PyArrayObject *)obj)) {
        return 0;
    }
    *size = PyArray_DIM((PyArrayObject *)obj, (int)axis);
    return 1;
}

static int gl_arrays_apart(PyObject *left, PyObject *right)
{
    return PyArray_CheckExact(left) && PyArray_CheckExact(right)
           && gl_apart((PyArrayObject *)left, (PyArrayObject *)right);
}

/* collections.deque, whose objects only their own methods know. */
static PyTypeObject *gl_deque_type;

/* Length of an exact tuple, list or deque, or of what a dict of any class holds, else -1. */
static Py_ssize_t gl_length(PyObject *obj)
{
    if (PyTuple_CheckExact(obj)) {
        return PyTuple_GET_SIZE(obj);
    }
    if (PyList_CheckExact(obj)) {
        return PyList_GET_SIZE(obj);
    }
    if (PyDict_Check(obj)) {
        return PyDict_GET_SIZE(obj);
    }
    return Py_IS_TYPE(obj, gl_deque_type) ? PySequence_Size(obj) : -1;
}

/* The number of bytes of a NumPy number of an exact type without padding, else 0. */
static npy_intp gl_number_size(PyObject *value)
{
    if (!PyArray_IsScalar(value, Number) && !PyArray_IsScalar(value, Bool)) {
        return 0;
    }
    PyArray_Descr *descr = PyArray_DescrFromScalar(value);
    if (descr == NULL) {
        PyErr_Clear();
        return 0;
    }
    int exact = descr->typeobj == Py_TYPE(value)
                && (PyTypeNum_ISNUMBER(descr->type_num) || PyTypeNum_ISBOOL(descr->type_num))
                && descr->type_num != NPY_LONGDOUBLE && descr->type_num != NPY_CLONGDOUBLE;
    npy_intp size = PyDataType_ELSIZE(descr);
    Py_DECREF(descr);
    return exact && size <= (npy_intp)sizeof(npy_cdouble) ? size : 0;
}

/* Whether gl_same_constant can tell this value from others. */
static int gl_is_value(PyObject *value)
{
    return gl_is_plain(value, 16) || gl_number_size(value) > 0;
}

/* The same constant: exact type and value, floats by bits, tuples item by item. Any other object is only itself. */
static int gl_same_constant(PyObject *a, PyObject *b)
{
    if (a == b) {
        return 1;
    }
    if (Py_TYPE(a) != Py_TYPE(b)) {
        return 0;
    }
    if (PyFloat_CheckExact(a)) {
        return memcmp(&((PyFloatObject *)a)->ob_fval, &((PyFloatObject *)b)->ob_fval, sizeof(double)) == 0;
    }
    if (PyComplex_CheckExact(a)) {
        return memcmp(&((PyComplexObject *)a)->cval, &((PyComplexObject *)b)->cval, sizeof(Py_complex)) == 0;
    }
    if (PyTuple_CheckExact(a)) {
        if (PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b)) {
            return 0;
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); i++) {
            if (!gl_same_constant(PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i))) {
                return 0;
            }
        }
        return 1;
    }
    if (!PyLong_CheckExact(a) && !PyUnicode_CheckExact(a) && !PyBytes_CheckExact(a)) {
        npy_intp size = gl_number_size(a);
        char a_bytes[sizeof(npy_cdouble)], b_bytes[sizeof(npy_cdouble)];
        if (size == 0) {
            return 0;
        }
        PyArray_ScalarAsCtype(a, a_bytes);
        PyArray_ScalarAsCtype(b, b_bytes);
        return memcmp(a_bytes, b_bytes, (size_t)size) == 0;
    }
    int same = PyObject_RichCompareBool(a, b, Py_EQ);
    if (same < 0) {
        PyErr_Clear();
        return 0;
    }
    return same;
}

/* gl_keys_are of an OrderedDict, which keeps the order elsewhere. Its iterator hashes the keys: all must be plain. */
static int gl_ordered_keys_are(PyObject *obj, PyObject *keys)
{
    Py_ssize_t position = 0, n_same = 0;
    PyObject *key, *value;
    while (PyDict_Next(obj, &position, &key, &value)) {
        if (!gl_is_plain(key, 16)) {
            return 0;
        }
    }
    PyObject *iterator = PyODict_Type.tp_iter(obj);
    while (iterator != NULL && (key = PyIter_Next(iterator)) != NULL) {
        int same = n_same < PyTuple_GET_SIZE(keys) && gl_same_constant(key, PyTuple_GET_ITEM(keys, n_same));
        Py_DECREF(key);
        if (!same) {
            break;
        }
        n_same++;
    }
    Py_XDECREF(iterator);
    PyErr_Clear();
    return n_same == PyTuple_GET_SIZE(keys);
}

/* Whether the keys of a dict of any class are the constants of this tuple, in this order. */
static int gl_keys_are(PyObject *obj, PyObject *keys)
{
    if (!PyDict_Check(obj) || PyDict_GET_SIZE(obj) != PyTuple_GET_SIZE(keys)) {
        return 0;
    }
    if (PyODict_Check(obj)) {
        return gl_ordered_keys_are(obj, keys);
    }
    Py_ssize_t position = 0;
    PyObject *key, *value;
    for (Py_ssize_t i = 0; PyDict_Next(obj, &position, &key, &value); i++) {
        if (!gl_same_constant(key, PyTuple_GET_ITEM(keys, i))) {
            return 0;
        }
    }
    return 1;
}

static int gl_is_real(PyObject *obj)
{
    return PyFloat_CheckExact(obj) || PyLong_CheckExact(obj) || PyBool_Check(obj);
}

/* Outcome of a comparison of exact Python ints, bools and floats; -1 for anything else. */
static int gl_compare(PyObject *a, PyObject *b, int op)
{
    if (!gl_is_real(a) || !gl_is_real(b)) {
        return -1;
    }
    if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) {
        double x = PyFloat_AS_DOUBLE(a), y = PyFloat_AS_DOUBLE(b);
        switch (op) {
            case Py_LT: return x < y;
            case Py_LE: return x <= y;
            case Py_EQ: return x == y;
            case Py_NE: return x != y;
            case Py_GT: return x > y;
            default: return x >= y;
        }
    }
    PyObject *outcome = PyObject_RichCompare(a, b, op);  /* exact for big ints, and for an int beside a float */
    if (outcome == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_DECREF(outcome);
    return outcome == Py_True;
}

enum { GL_CODE, GL_DEFAULTS, GL_KWDEFAULTS, GL_CLOSURE, GL_DOC, GL_NAME, GL_QUALNAME, GL_MODULE };

/* A field of an exact function; NULL for other objects. */
static PyObject *gl_function_slot(PyObject *obj, Py_ssize_t slot)
{
    if (!PyFunction_Check(obj)) {
        return NULL;
    }
    PyFunctionObject *function = (PyFunctionObject *)obj;
    if (slot == GL_CODE) {
        return function->func_code;
    }
    PyObject *value = slot == GL_DEFAULTS     ? function->func_defaults
                      : slot == GL_KWDEFAULTS ? function->func_kwdefaults
                      : slot == GL_CLOSURE    ? function->func_closure
                      : slot == GL_NAME       ? function->func_name
                      : slot == GL_QUALNAME   ? function->func_qualname
                      : slot == GL_MODULE     ? function->func_module
                                              : function->func_doc;
    return value == NULL ? Py_None : value;
}

/* What a member descriptor for an object field reads; NULL if it is something else, or the field is empty. */
static PyObject *gl_member(PyObject *obj, PyObject *descriptor)
{
    if (!Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
        return NULL;
    }
    PyMemberDescrObject *member = (PyMemberDescrObject *)descriptor;
    if (!PyObject_TypeCheck(obj, member->d_common.d_type) || (member->d_member->flags & PY_AUDIT_READ)) {
        return NULL;
    }
    PyObject *value = *(PyObject **)((char *)obj + member->d_member->offset);
    if (member->d_member->type == T_OBJECT_EX) {
        return value;
    }
    if (member->d_member->type != T_OBJECT) {
        return NULL;
    }
    return value == NULL ? Py_None : value;
}

static PyObject *gl_cell_get(PyObject *obj)
{
    return PyCell_Check(obj) ? PyCell_GET(obj) : NULL;
}

static PyObject *gl_item(PyObject *obj, Py_ssize_t index)
{
    if (PyTuple_Check(obj)) {
        return index < PyTuple_GET_SIZE(obj) ? PyTuple_GET_ITEM(obj, index) : NULL;
    }
    if (PyList_CheckExact(obj)) {
        return index < PyList_GET_SIZE(obj) ? PyList_GET_ITEM(obj, index) : NULL;
    }
    if (!Py_IS_TYPE(obj, gl_deque_type) || index >= PySequence_Size(obj)) {
        return NULL;
    }
    PyObject *item = PySequence_GetItem(obj, index);
    Py_XDECREF(item);  /* the deque keeps it */
    return item;
}

/* ``maxlen`` of a deque, a new reference. */
static PyObject *gl_limit(PyObject *obj)
{
    return Py_IS_TYPE(obj, gl_deque_type) ? PyObject_GetAttrString(obj, "maxlen") : NULL;
}

/* The dictionary of an object, made if it is not there yet: the program that looks at it would have it made. */
static PyObject *gl_own_dict(PyObject *obj)
{
    PyObject *dict = PyObject_GenericGetDict(obj, NULL);
    if (dict == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(dict);  /* the object keeps it */
    return dict;
}

/* What a weak reference refers to, NULL when it is gone. */
static PyObject *gl_referent(PyObject *reference)
{
    PyObject *referent = ((PyWeakReference *)reference)->wr_object;
    return referent == Py_None ? NULL : referent;
}

static PyObject *gl_exact_dict(PyObject *namespace)
{
    if (namespace != NULL && PyModule_Check(namespace)) {
        namespace = PyModule_GetDict(namespace);
    }
    return namespace != NULL && PyDict_CheckExact(namespace) ? namespace : NULL;
}

/* The builtins that go with these globals: those of the running frame if the globals are its own (a function keeps the
 * builtins it was made with), else what __builtins__ names. */
static PyObject *gl_builtins_of(PyObject *globals, PyObject *builtins_name)
{
    if (PyEval_GetGlobals() == globals) {
        return gl_exact_dict(PyEval_GetBuiltins());
    }
    PyObject *builtins = NULL;
    if (gl_dict_find(globals, builtins_name, ((PyASCIIObject *)builtins_name)->hash, &builtins) != GL_FOUND) {
        return NULL;
    }
    return gl_exact_dict(builtins);
}

/* The dictionary of an exact module. */
static PyObject *gl_module_dict(PyObject *module)
{
    return PyModule_CheckExact(module) ? gl_exact_dict(module) : NULL;
}

#endif
