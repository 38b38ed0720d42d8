"""How NumPy treats floating-point errors now, as one number."""

from cpython.ref cimport Py_DECREF, PyObject

from numpy._core.umath import _extobj_contextvar, _get_extobj_dict

from graphlet.runtime.plan import KINDS, MODES

cdef extern from "Python.h":
    int PyContextVar_Get(PyObject* var, PyObject* default, PyObject** value) except -1

# The last state that was asked for. Its capsule is immutable and kept alive, so identity is equality.
cdef object last = None
cdef int last_number = -1


def error_modes():
    """A digit in base 6 for each kind of error, the first kind in the last digit; -1 for a mode that is not known."""
    global last, last_number
    cdef PyObject* now = NULL
    cdef int number = 0
    PyContextVar_Get(<PyObject*>_extobj_contextvar, NULL, &now)
    if now is NULL:
        return -1
    state = <object>now
    Py_DECREF(state)  # the reference the variable gave
    if state is not last:
        modes = _get_extobj_dict()
        for kind in reversed(KINDS):
            if modes[kind] not in MODES:
                return -1
            number = number * 6 + MODES.index(modes[kind])
        last, last_number = state, number
    return last_number


def modes_of(int number):
    """The mode of each kind of error that a number stands for."""
    modes = {}
    for kind in KINDS:
        modes[kind] = MODES[number % 6]
        number //= 6
    return modes
