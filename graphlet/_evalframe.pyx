"""The frame hook (PEP 523), which only discovers, and a slot of state per code object.

While armed, the hook calls ``callback(function, code)`` once per code object, when a function of that code is about to
run: not for module and class bodies, generators being resumed, under a tracer, or while graphlet itself is at work on
the thread. The callback may assign ``function.__code__``; if it returns a code object with the same layout of locals,
the frame that is about to start runs that instead. Disarmed, nothing is left of it.

An installed hook makes every call of a Python function slower, since CPython then calls itself for each. So whoever
arms it may be told when no new code has come for a while, and let it rest until something tells of new code.

The names of the region dispatcher stand here too: this is the module the rest of graphlet imports.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, PyObject

from graphlet._work cimport begin_work, end_work, is_busy

import atexit
import platform
import sys

from graphlet._dispatch import (
    Region,
    StubHandle,
    is_entered_directly,
    policy,
    reset_totals,
    set_cost_model,
    set_entrance,
    set_policy,
    totals,
    watched,
)
from graphlet._specialization import PyKernel, Specialization
from graphlet._work import outside, watch

__all__ = [
    "SUPPORTED",
    "PyKernel",
    "Region",
    "Specialization",
    "StubHandle",
    "arguments",
    "arm",
    "ask_again",
    "ask_later",
    "disarm",
    "forget_seen",
    "get_state",
    "is_armed",
    "is_entered_directly",
    "is_resting",
    "is_seen",
    "let_sleep",
    "policy",
    "put_off",
    "reset_totals",
    "rest",
    "set_cost_model",
    "set_entrance",
    "set_policy",
    "set_state",
    "skip",
    "slept",
    "totals",
    "wake",
    "watch",
    "watched",
]

cdef extern from "native_frame.h":
    bint GL_FRAMES
    ctypedef struct PyThreadState:
        pass
    ctypedef struct Frame "gl_frame":
        pass
    ctypedef PyObject* (*Evaluator "_PyFrameEvalFunction")(PyThreadState*, Frame*, int) noexcept
    PyThreadState* gl_thread_state() noexcept
    bint gl_traced(PyThreadState*) noexcept
    bint gl_finalizing() noexcept
    bint gl_is_ordinary_exception() noexcept
    PyObject* gl_hold_handled(PyThreadState*) noexcept
    void gl_put_back_handled(PyThreadState*, PyObject*) noexcept
    PyObject* gl_frame_code(Frame*) noexcept
    bint gl_code_monitored(PyObject* code) noexcept
    PyObject* gl_frame_function(Frame*) noexcept
    bint gl_frame_on_thread(Frame*) noexcept
    int gl_n_arguments(Frame*) noexcept
    PyObject* gl_argument(Frame*, int) noexcept
    bint gl_switch_code(PyThreadState*, Frame*, PyObject* code, PyObject* function) noexcept
    PyObject* gl_function_like(PyObject* function, PyObject* code) noexcept
    Py_ssize_t gl_stack_left() noexcept
    Py_ssize_t GL_STACK_REFUSE
    void gl_give_back(PyThreadState*) noexcept
    void gl_take_back(PyThreadState*) noexcept
    Evaluator gl_default_evaluator
    Evaluator gl_current_evaluator(PyThreadState*) noexcept
    void gl_set_evaluator(PyThreadState*, Evaluator) noexcept
    Py_ssize_t gl_request_code_slot(void (*free)(void*) noexcept) noexcept
    int gl_get_code_slot(PyObject* code, Py_ssize_t slot, void** content) noexcept
    int gl_set_code_slot(PyObject* code, Py_ssize_t slot, void* content) noexcept

cdef extern from *:
    """
    static GL_THREAD_LOCAL gl_frame *gl_starting = NULL;  /* the callback is being asked about it */
    """
    Frame* gl_starting

cdef extern from "Python.h":
    ctypedef struct PyCodeObject:
        int co_flags
        int co_nfreevars
    enum:
        CO_OPTIMIZED
        CO_NEWLOCALS
        CO_GENERATOR
        CO_COROUTINE
        CO_ASYNC_GENERATOR
    bint PyCode_Check(PyObject*) noexcept
    bint PyFunction_Check(PyObject*) noexcept
    PyObject* PyFunction_GET_CODE(PyObject*) noexcept
    PyObject* PyErr_Occurred() noexcept
    void PyErr_Clear() noexcept
    bint PyErr_ExceptionMatches(object) noexcept
    void PyErr_Fetch(PyObject**, PyObject**, PyObject**) noexcept
    void PyErr_Restore(PyObject*, PyObject*, PyObject*) noexcept
    void PyErr_NormalizeException(PyObject**, PyObject**, PyObject**) noexcept
    void PyErr_WriteUnraisable(PyObject*) noexcept
    void PyErr_SetString(object, const char*) noexcept
    void PyErr_SetObject(PyObject*, PyObject*) noexcept
    PyObject* PyObject_CallFunctionObjArgs(PyObject*, ...) noexcept

# Whether this CPython's frames are known. If not, arm() refuses; everything else works.
SUPPORTED = bool(GL_FRAMES)


include "_code_state.pxi"


# ---- the hook ----

cdef enum:
    FUNCTION_BODY = CO_OPTIMIZED | CO_NEWLOCALS
    RESUMABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
    # Bytes of C stack left below which (or where that cannot be told) CPython's own count of C calls is left in force.
    STACK_CAREFUL = 1024 * 1024

cdef PyObject* callback = NULL   # owned
cdef bint armed = False
# Another evaluator was installed over the hook, which therefore could not be taken out.
cdef bint buried = False
cdef Evaluator previous = gl_default_evaluator
cdef bint exit_registered = False
# Frames in a row that brought no new code, and after how many the hook says so (0: never).
cdef long long quiet = 0
cdef long long patience = 0
cdef object when_quiet = None
cdef bint resting = False


cdef PyObject* forward(PyThreadState* tstate, Frame* frame, int throwflag) noexcept:
    """Run the frame. What the C call through the hook takes from CPython's limit on C calls is given back."""
    cdef PyObject* result
    cdef Py_ssize_t left = gl_stack_left()
    if left < STACK_CAREFUL:
        if 0 <= left < GL_STACK_REFUSE and PyErr_Occurred() == NULL:
            PyErr_SetString(RecursionError, b"maximum recursion depth exceeded (C stack, frame hook armed)")
            throwflag = 1
        return previous(tstate, frame, throwflag)
    gl_give_back(tstate)
    result = previous(tstate, frame, throwflag)
    gl_take_back(tstate)
    return result


cdef PyObject* hook(PyThreadState* tstate, Frame* frame, int throwflag) noexcept:
    cdef PyObject* code
    cdef CodeState* entry
    if throwflag or not armed or not gl_frame_on_thread(frame) or gl_traced(tstate) or is_busy():
        return forward(tstate, frame, throwflag)
    code = gl_frame_code(frame)
    if not PyCode_Check(code):
        return forward(tstate, frame, throwflag)
    entry = find_code_state(code)
    if entry != NULL and was_seen(entry):
        if entry.wait > 0:
            wait(entry)
        if count_quiet():
            throwflag = call_when_quiet(tstate)
        return forward(tstate, frame, throwflag)
    if PyErr_Occurred() != NULL or gl_finalizing() or gl_code_monitored(code):
        return forward(tstate, frame, throwflag)  # what is set for this very code object would be lost on another
    entry = ensure_code_state(code)
    if entry != NULL:
        entry.seen = generation
        begin_counting()
        if is_function_body(code) and PyFunction_Check(gl_frame_function(frame)):
            throwflag = discover(tstate, frame, code)
    return forward(tstate, frame, throwflag)


cdef void wait(CodeState* entry) noexcept:
    entry.wait -= 1
    if entry.wait == 0 and entry.seen != SKIPPED:
        entry.seen = 0


cdef inline bint count_quiet() noexcept:
    """Whether it is time to say that nothing new has come for a while."""
    global quiet
    quiet += 1
    return quiet == patience


cdef void begin_counting() noexcept:
    global quiet
    quiet = 0


cdef int call_when_quiet(PyThreadState* tstate) noexcept:
    """1: an exception is set, to be thrown in."""
    cdef PyObject* asked = <PyObject*>when_quiet
    cdef PyObject* answer
    if PyErr_Occurred() != NULL or gl_finalizing():
        return 0
    Py_INCREF(<object>asked)
    answer = ask(tstate, asked, NULL, NULL)
    if answer == NULL:
        return complain(asked)
    Py_DECREF(<object>answer)
    Py_DECREF(<object>asked)
    return 0


cdef PyObject* ask(PyThreadState* tstate, PyObject* asked, PyObject* function, PyObject* code) noexcept:
    """Call a callback of ours with no or two arguments, unseen by the program. A new reference; NULL: it raised."""
    cdef PyObject* handled
    cdef PyObject* answer
    begin_work()
    handled = gl_hold_handled(tstate)
    answer = PyObject_CallFunctionObjArgs(asked, function, code, NULL)
    gl_put_back_handled(tstate, handled)
    end_work()
    return answer


cdef inline bint is_function_body(PyObject* code) noexcept:
    """Not a module's or a class's."""
    return (<PyCodeObject*>code).co_flags & FUNCTION_BODY == FUNCTION_BODY


cdef int discover(PyThreadState* tstate, Frame* frame, PyObject* code) noexcept:
    """Ask the callback, and switch the frame if it has other code for it. 1: an exception is set, to be thrown in."""
    global gl_starting
    cdef PyObject* function = gl_frame_function(frame)
    cdef PyObject* asked = callback
    cdef PyObject* answer
    if asked == NULL:
        return 0
    Py_INCREF(<object>asked)
    gl_starting = frame
    answer = ask(tstate, asked, function, code)
    gl_starting = NULL
    if answer != NULL:
        if answer != <PyObject*>None:
            offer(tstate, frame, function, answer)
        Py_DECREF(<object>answer)
        Py_DECREF(<object>asked)
        return 0
    return complain(asked)


cdef bint is_for_the_frame() noexcept:
    """Whether the exception that is set was raised by a signal handler or another thread; it stays set."""
    cdef PyObject* kind
    cdef PyObject* error
    cdef PyObject* traceback
    cdef bint answer = False
    PyErr_Fetch(&kind, &error, &traceback)
    PyErr_NormalizeException(&kind, &error, &traceback)
    try:
        (<object>error).__traceback__ = None if traceback == NULL else <object>traceback
        answer = outside.is_from_outside(<object>error)
        if answer:
            outside.as_the_program_sees_it(<object>error)
    except BaseException:
        answer = False
    PyErr_SetObject(kind, error)  # with the traceback it has
    Py_XDECREF(kind)
    Py_XDECREF(error)
    Py_XDECREF(traceback)
    return answer


cdef int complain(PyObject* asked) noexcept:
    """The callback failed: tell sys.unraisablehook; but what comes from outside goes to the frame (1).

    Too little stack left for the callback is nobody's failure.
    """
    cdef int through = not gl_is_ordinary_exception() or is_for_the_frame()
    if PyErr_ExceptionMatches(RecursionError):
        PyErr_Clear()
    elif not through:
        PyErr_WriteUnraisable(asked)
    Py_DECREF(<object>asked)
    return through


cdef void offer(PyThreadState* tstate, Frame* frame, PyObject* function, PyObject* code) noexcept:
    """Let the frame run this code, if it can. Without memory or room it runs what it has."""
    cdef PyObject* other = NULL
    cdef CodeState* entry
    if not PyCode_Check(code) or code == gl_frame_code(frame):
        return
    entry = ensure_code_state(code)
    if entry != NULL:
        entry.seen = generation
    if PyFunction_GET_CODE(function) != code:
        if (<PyCodeObject*>code).co_flags & RESUMABLE:
            return  # the generator is made to the size its function's code tells
        if (<PyCodeObject*>code).co_nfreevars == 0:
            other = gl_function_like(function, code)
            if other == NULL:
                PyErr_Clear()
                return
    gl_switch_code(tstate, frame, code, other)
    if other != NULL:
        Py_DECREF(<object>other)


def arguments():
    """Inside the callback: the arguments of the call it is asked about, *args and **kwargs as one each; else empty."""
    if gl_starting == NULL:
        return ()
    return tuple([<object>gl_argument(gl_starting, number) for number in range(gl_n_arguments(gl_starting))])


def arm(new_callback, new_when_quiet=None, long long new_patience=0):
    """Install the hook, or give the installed one another callback.

    ``new_when_quiet()`` is called once ``new_patience`` frames in a row brought no new code; it may call rest().
    """
    global callback, armed, exit_registered, when_quiet, patience, resting
    cdef PyThreadState* tstate = gl_thread_state()
    cdef PyObject* old = callback
    if not SUPPORTED:
        raise RuntimeError(
            f"graphlet knows the frames of CPython 3.11 to 3.14, not those of"
            f" {platform.python_implementation()} {sys.version.split()[0]}"
        )
    if not callable(new_callback):
        raise TypeError(f"the callback is called, got {type(new_callback).__name__}")
    if not exit_registered:
        exit_registered = True
        atexit.register(disarm)
    Py_INCREF(new_callback)
    callback = <PyObject*>new_callback
    when_quiet = new_when_quiet
    patience = new_patience if new_when_quiet is not None else 0
    begin_counting()
    resting = False
    armed = True
    install(tstate)
    if old != NULL:
        Py_DECREF(<object>old)


cdef void install(PyThreadState* tstate) noexcept:
    """Become the evaluator, in front of the one in force, unless the hook is (or may still be) in that chain."""
    global previous, buried
    cdef Evaluator current = gl_current_evaluator(tstate)
    if current == <Evaluator>hook or (buried and current != gl_default_evaluator):
        return
    previous = current
    buried = False
    gl_set_evaluator(tstate, <Evaluator>hook)


def disarm():
    """Put the evaluator back that was in force before arm(). Frames that run finish. Does nothing when not armed."""
    global callback, armed, buried, resting, when_quiet
    cdef PyThreadState* tstate = gl_thread_state()
    cdef PyObject* old = callback
    if not armed:
        return
    armed = False
    callback = NULL
    when_quiet = None
    if gl_current_evaluator(tstate) == <Evaluator>hook:
        gl_set_evaluator(tstate, previous)
    elif not resting:
        buried = True
    resting = False
    Py_DECREF(<object>old)


def rest():
    """Take the evaluator out until wake(), arm() or disarm(); whether that was possible."""
    global resting
    cdef PyThreadState* tstate = gl_thread_state()
    if not armed or gl_current_evaluator(tstate) != <Evaluator>hook:
        return False
    gl_set_evaluator(tstate, previous)
    resting = True
    return True


def wake():
    """End a rest. Does nothing otherwise."""
    global resting
    if armed and resting:
        resting = False
        begin_counting()
        install(gl_thread_state())


def is_armed():
    """Whether the hook looks at frames now, or would if it were not resting."""
    return bool(armed)


def is_resting():
    """Whether the hook has been told to rest."""
    return bool(resting)
