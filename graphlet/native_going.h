/* Whether a program can tell when an object goes: a finaliser runs, a weak reference calls back, something that refused
   to change because of it does so no more. */
#ifndef GRAPHLET_NATIVE_GOING_H
#define GRAPHLET_NATIVE_GOING_H

#include <Python.h>

#include <numpy/arrayobject.h>

enum { GL_MOST_GOING = 256 }; /* objects that are looked at; what holds more counts as if somebody could tell */

static int gl_tells(PyObject *object, int *left);

/* Of what an object that goes holds: what others hold as well stays. */
static int gl_visit_going(PyObject *object, void *left) {
    if (Py_REFCNT(object) > 1) return 0;
    return gl_tells(object, (int *)left);
}

static inline int gl_has_weak_references(PyObject *object) {
    Py_ssize_t offset = Py_TYPE(object)->tp_weaklistoffset;
    return offset != 0 && *(PyObject **)((char *)object + offset) != NULL;
}

/* Its elements are no objects, and it is the last that holds what its memory belongs to. */
static inline int gl_array_tells(PyArrayObject *array, int *left) {
    PyObject *base = PyArray_BASE(array);
    if (((PyArrayObject_fields *)array)->weakreflist != NULL || PyDataType_REFCHK(PyArray_DESCR(array))) return 1;
    return base != NULL && gl_visit_going(base, left);
}

/* Bytes never change their size; what else lends memory may wait for it to come back. */
static inline int gl_lender_tells(PyObject *view) {
    PyObject *lender = PyMemoryView_GET_BUFFER(view)->obj;
    return lender == NULL || !PyBytes_CheckExact(lender);
}

/* No Python code runs here: tp_traverse is C, and changes nothing. */
static int gl_tells(PyObject *object, int *left) {
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyArray_Type) return gl_array_tells((PyArrayObject *)object, left);
    if (PyFloat_CheckExact(object) || PyLong_CheckExact(object) || PyUnicode_CheckExact(object)) return 0;
    if (--*left < 0 || PyType_Check(object) || type->tp_finalize != NULL || type->tp_del != NULL) return 1;
    if (gl_has_weak_references(object)) return 1;
    if (PyMemoryView_Check(object)) return gl_lender_tells(object);
    return PyObject_IS_GC(object) && type->tp_traverse != NULL && type->tp_traverse(object, gl_visit_going, left);
}

static inline int gl_going_tells(PyObject *object) {
    int left = GL_MOST_GOING;
    return gl_tells(object, &left);
}

typedef struct {
    PyObject *sought;
    int left, count;
} gl_search;

static int gl_visit_inside(PyObject *object, void *arg) {
    gl_search *search = arg;
    search->count += object == search->sought;
    if (object == search->sought || Py_REFCNT(object) > 1 || !PyObject_IS_GC(object) || --search->left < 0) return 0;
    return Py_TYPE(object)->tp_traverse ? Py_TYPE(object)->tp_traverse(object, gl_visit_inside, arg) : 0;
}

/* How many references to an object another one and what goes with that hold. */
static inline int gl_count_inside(PyObject *holder, PyObject *object) {
    gl_search search = {object, GL_MOST_GOING, 0};
    if (PyObject_IS_GC(holder) && Py_TYPE(holder)->tp_traverse) {
        Py_TYPE(holder)->tp_traverse(holder, gl_visit_inside, &search);
    }
    return search.count;
}

#endif
