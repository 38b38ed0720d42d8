"""When graphlet runs Python code of its own in the middle of a program: learners and watchers.

Once at a time on a thread, unseen by tracers and profilers, and with exceptions that end here, but for those meant for
the user.
"""

from contextvars import copy_context

from cpython.ref cimport PyObject

from numpy._core.umath import _extobj_contextvar as ERROR_STATE

from graphlet.core.errors import GraphBreakError, PerformanceWarning
from graphlet.core.lazy import lazy

outside = lazy("graphlet.core.outside")

cdef extern from "native_frame.h":
    ctypedef struct PyThreadState:
        pass
    PyThreadState* gl_thread_state() noexcept

cdef extern from *:
    """
    static GL_THREAD_LOCAL int gl_busy = 0;
    """
    int gl_busy

cdef extern from "native_allowance.h":
    ctypedef struct gl_allowance:
        pass
    long long gl_thread_time() noexcept
    void gl_allowance_begin(gl_allowance*, long long head_start, long long share) noexcept
    bint gl_allowance_left(gl_allowance*, int head_starts) noexcept
    void gl_allowance_skip(gl_allowance*, long long took) noexcept
    void gl_allowance_spend(gl_allowance*, long long took) noexcept

cdef extern from "Python.h":
    void PyThreadState_EnterTracing(PyThreadState*) noexcept
    void PyThreadState_LeaveTracing(PyThreadState*) noexcept
    void PyErr_SetInterrupt() noexcept
    void PyErr_SetObject(object, object) noexcept
    void PyErr_WriteUnraisable(object) noexcept

watcher = None
cdef object NOTHING = object()

# Exceptions a learner raises on purpose, for the user.
cdef tuple PASSED_ON = (GraphBreakError, PerformanceWarning)


cdef bint is_busy() noexcept:
    return gl_busy != 0


cdef void begin_work() noexcept:
    global gl_busy
    gl_busy += 1
    PyThreadState_EnterTracing(gl_thread_state())


cdef void end_work() noexcept:
    global gl_busy
    PyThreadState_LeaveTracing(gl_thread_state())
    gl_busy -= 1


# ---- what this may cost in functions that nobody named ----

cdef enum:
    URGENT = 4  # head starts

cdef bint limited = True
cdef gl_allowance for_learning
cdef gl_allowance for_stubs
gl_allowance_begin(&for_learning, 350_000_000, 14)
gl_allowance_begin(&for_stubs, 170_000_000, 30)


cdef void set_limit(bint on) noexcept:
    global limited
    limited = on


cdef bint may_learn_more() noexcept:
    return not limited or gl_allowance_left(&for_learning, 1)


def learned(long long nanoseconds):
    """Learning took so long."""
    gl_allowance_spend(&for_learning, nanoseconds)


def may_add_stubs(bint urgent=False):
    """Whether there is time to give a function its first stubs; urgent ones may take some of the time to come."""
    return not limited or bool(gl_allowance_left(&for_stubs, URGENT if urgent else 1))


def added_stubs(long long nanoseconds):
    """To do so took so long."""
    gl_allowance_spend(&for_stubs, nanoseconds)


def stood_still(long long nanoseconds):
    """So much time went into what is no learning and no stub either: the program got no further by it."""
    gl_allowance_skip(&for_learning, nanoseconds)
    gl_allowance_skip(&for_stubs, nanoseconds)


# ---- learners ----

cdef int ask(object on_miss, object region, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_) noexcept:
    cdef long long began = gl_thread_time()
    try:
        return call_learner(on_miss, region, live_ins, n_live_ins, globals_)
    except BaseException as error:
        outside.as_the_program_sees_it(error)
        PyErr_SetObject(type(error), error)
        return -1
    finally:
        gl_allowance_spend(&for_learning, gl_thread_time() - began)


cdef bint call_learner(
    object on_miss, object region, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_
) except -1:
    cdef Py_ssize_t i
    values = tuple([<object>live_ins[i] for i in range(n_live_ins)])
    begin_work()
    try:
        # In a context of its own: NumPy's error state, which is set there, ends with it, interrupted or not.
        context = copy_context()
        try:
            return context.run(on_miss, region, values, <object>globals_) is True
        finally:
            keep_changes(context)
    except PASSED_ON:
        raise
    except RecursionError:  # the program is near its limit, and what remains is too little for us
        return False
    except Exception as error:
        if outside.is_from_outside(error):
            raise
        PyErr_SetObject(type(error), error)
        PyErr_WriteUnraisable(on_miss)
        return False
    finally:
        end_work()


cdef int keep_changes(object context) except -1:
    """What signal handlers and finalisers have set meanwhile, they have set in the program."""
    for variable, value in context.items():
        if variable is not ERROR_STATE and variable.get(NOTHING) is not value:
            variable.set(value)
    return 0


cdef void retire(object on_miss) noexcept:
    cdef long long began = gl_thread_time()
    begin_work()
    try:
        getattr(on_miss, "retire", int)()
    except KeyboardInterrupt:
        PyErr_SetInterrupt()  # again, in the program
    except RecursionError:
        pass
    except BaseException as error:
        PyErr_SetObject(type(error), error)
        PyErr_WriteUnraisable(on_miss)
    finally:
        end_work()
        gl_allowance_spend(&for_stubs, gl_thread_time() - began)


# ---- watchers ----

def watch(callback):
    """Call ``callback(id, n_ops, reason)`` after each run of a specialisation (reason "") and each decline of a region.

    None: nobody is told any more. Its exceptions go to sys.unraisablehook.
    """
    global watcher
    if callback is not None and not callable(callback):
        raise TypeError(f"a watcher is called or None, got {type(callback).__name__}")
    watcher = callback


cdef void tell(str name, int n_ops, str reason) noexcept:
    told = watcher  # another thread may take it away meanwhile
    if told is None or gl_busy:
        return
    begin_work()
    try:
        told(name, n_ops, reason)
    except KeyboardInterrupt:
        PyErr_SetInterrupt()  # again, in the program: what is done here is done
    except BaseException as error:
        PyErr_SetObject(type(error), error)
        PyErr_WriteUnraisable(told)
    finally:
        end_work()
