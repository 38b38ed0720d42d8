/* What graphlet knows about CPython's insides. The only file that mentions PY_VERSION_HEX.

   Known: CPython 3.11 to 3.14 with a GIL. On any other the frame part is left out and GL_FRAMES is 0; thread state and
   per-code slots use public names and stay. */
#ifndef GRAPHLET_NATIVE_FRAME_H
#define GRAPHLET_NATIVE_FRAME_H

#include <Python.h>

#if defined(PYPY_VERSION) || defined(Py_GIL_DISABLED)
#  define GL_FRAMES 0
#elif PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030F0000
#  define GL_FRAMES 1
#else
#  define GL_FRAMES 0
#endif

#if defined(_MSC_VER)
#  define GL_THREAD_LOCAL __declspec(thread)
#else
#  define GL_THREAD_LOCAL __thread
#endif

/* ---- thread state ---- */

#if PY_VERSION_HEX >= 0x030D0000
#  define gl_thread_state() PyThreadState_GetUnchecked()
#  define gl_finalizing() Py_IsFinalizing()
#else
#  define gl_thread_state() _PyThreadState_UncheckedGet()
#  define gl_finalizing() _Py_IsFinalizing()
#endif

/* A tracer (sys.settrace) wants every line on this thread. */
static inline int gl_traced(PyThreadState *tstate) { return tstate->c_tracefunc != NULL; }

/* ---- a slot per code object; its content is freed with the code object ---- */

#if PY_VERSION_HEX >= 0x030C0000
#  define gl_request_code_slot PyUnstable_Eval_RequestCodeExtraIndex
#  define gl_get_code_slot PyUnstable_Code_GetExtra
#  define gl_set_code_slot PyUnstable_Code_SetExtra
#else
#  define gl_request_code_slot _PyEval_RequestCodeExtraIndex
#  define gl_get_code_slot _PyCode_GetExtra
#  define gl_set_code_slot _PyCode_SetExtra
#endif

/* ---- types whose instances are called by vectorcall ---- */

/* The instances of a ready type hold a vectorcallfunc at ``offset``. Cython cannot say this itself. */
static inline void gl_use_vectorcall(PyTypeObject *type, Py_ssize_t offset)
{
    type->tp_vectorcall_offset = offset;
    type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    PyType_Modified(type);
}

/* ---- exceptions ---- */

/* The exception that is set is one a program handles, not KeyboardInterrupt, SystemExit, GeneratorExit. */
static inline int gl_is_ordinary_exception(void) { return PyErr_ExceptionMatches(PyExc_Exception); }

/* Clears an ordinary exception and returns it (new reference); NULL, and it stays set, for any other. */
static inline PyObject *gl_take_exception(void)
{
    PyObject *type, *value, *traceback;
    if (!gl_is_ordinary_exception()) {
        return NULL;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

/* The exception the running frame is handling. Code made by Cython that has a ``try`` may leave a generator with the one
   its caller is handling: it reads the topmost and writes back to the own. So hold it first (a new reference or NULL). */
static inline PyObject *gl_hold_handled(PyThreadState *tstate)
{
    PyObject *handled = tstate->exc_info->exc_value;
    Py_XINCREF(handled);
    return handled;
}

#define gl_handled(tstate) ((tstate)->exc_info->exc_value)  /* borrowed */

/* And put it back, which takes the reference over. */
static inline void gl_put_back_handled(PyThreadState *tstate, PyObject *handled)
{
    PyObject *now = tstate->exc_info->exc_value;
    tstate->exc_info->exc_value = handled;
    Py_XDECREF(now);
}

/* ---- C stack ---- */

#if defined(__GLIBC__) && defined(_GNU_SOURCE)  /* other libraries tell the stack used so far, not the one there is */
#  include <pthread.h>
#  define GL_STACK_KNOWN
#endif

/* Lowest address of this thread's stack, NULL where it cannot be told. */
static inline char *gl_find_stack_end(void)
{
#ifdef GL_STACK_KNOWN
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t nbytes, guard_nbytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return NULL;
    }
    if (pthread_attr_getstack(&attributes, &lowest, &nbytes) != 0) {
        lowest = NULL;
    }
    pthread_attr_getguardsize(&attributes, &guard_nbytes);
    pthread_attr_destroy(&attributes);
    return lowest == NULL ? NULL : (char *)lowest + guard_nbytes;
#else
    return NULL;
#endif
}

/* Bytes of C stack left on this thread, or -1 where that cannot be told. */
static inline Py_ssize_t gl_stack_left(void)
{
    static GL_THREAD_LOCAL char *end = NULL;
    static GL_THREAD_LOCAL int asked = 0;
    char here;
    if (!asked) {
        end = gl_find_stack_end();
        asked = 1;
    }
    return end == NULL ? -1 : (Py_ssize_t)(&here - end);
}

/* Bytes of C stack left below which the hook refuses a frame. 3.14 looks at the C stack itself, at every call. */
#if PY_VERSION_HEX >= 0x030E0000
#  define GL_STACK_REFUSE 0
#else
#  define GL_STACK_REFUSE (64 * 1024)
#endif

/* ---- frames ---- */

#if GL_FRAMES

#ifndef Py_BUILD_CORE
#  define GL_DEFINED_BUILD_CORE
#  define Py_BUILD_CORE 1
#endif
#if PY_VERSION_HEX < 0x030D0000
#  undef _PyGC_FINALIZED  /* a public macro and an internal function of one name on 3.12 */
#endif
#if PY_VERSION_HEX >= 0x030E0000
#  include "internal/pycore_interpframe.h"
#  include "internal/pycore_instruments.h"
#  include "internal/pycore_stackref.h"
#else
#  include "internal/pycore_frame.h"
#endif
#include "internal/pycore_code.h"
#if PY_VERSION_HEX >= 0x030C0000
#  include "internal/pycore_interp.h"
#endif
#ifdef GL_DEFINED_BUILD_CORE
#  undef Py_BUILD_CORE
#  undef GL_DEFINED_BUILD_CORE
#endif

typedef _PyInterpreterFrame gl_frame;

#if PY_VERSION_HEX >= 0x030D0000
#  define gl_running_frame(tstate) ((tstate)->current_frame)
#else
#  define gl_running_frame(tstate) ((tstate)->cframe->current_frame)
#endif

#if PY_VERSION_HEX >= 0x030E0000  /* tagged references: one may be borrowed */
#  define gl_frame_code(frame) PyStackRef_AsPyObjectBorrow((frame)->f_executable)
#  define GL_SET_START(frame, code) ((frame)->instr_ptr = _PyCode_CODE(code))
#elif PY_VERSION_HEX >= 0x030D0000
#  define gl_frame_code(frame) ((frame)->f_executable)
#  define GL_SET_CODE(frame, code) ((frame)->f_executable = (code))
#  define GL_SET_START(frame, code) ((frame)->instr_ptr = _PyCode_CODE(code))
#elif PY_VERSION_HEX >= 0x030C0000
#  define gl_frame_code(frame) ((PyObject *)(frame)->f_code)
#  define GL_SET_CODE(frame, code) ((frame)->f_code = (PyCodeObject *)(code))
#  define GL_SET_START(frame, code) ((frame)->prev_instr = _PyCode_CODE(code) - 1)
#else
#  define gl_frame_code(frame) ((PyObject *)(frame)->f_code)
#  define GL_SET_CODE(frame, code) ((frame)->f_code = (PyCodeObject *)(code))
#  define GL_SET_START(frame, code) ((frame)->prev_instr = _PyCode_CODE(code) - 1)
#endif

#if PY_VERSION_HEX >= 0x030E0000
#  define gl_frame_function(frame) PyStackRef_AsPyObjectBorrow((frame)->f_funcobj)
#  define GL_FRAME_SLOTS(code) ((Py_ssize_t)(code)->co_framesize)
#elif PY_VERSION_HEX >= 0x030C0000
#  define gl_frame_function(frame) ((frame)->f_funcobj)
#  define GL_SET_FUNCTION(frame, function) ((frame)->f_funcobj = (function))
#  define GL_FRAME_SLOTS(code) ((Py_ssize_t)(code)->co_framesize)
#else
#  define gl_frame_function(frame) ((PyObject *)(frame)->f_func)
#  define GL_SET_FUNCTION(frame, function) ((frame)->f_func = (PyFunctionObject *)(function))
#  define GL_FRAME_SLOTS(code) ((Py_ssize_t)((code)->co_nlocalsplus + (code)->co_stacksize + FRAME_SPECIALS_SIZE))
#endif

/* Globals of the running frame, borrowed; NULL without one. */
static inline PyObject *gl_running_globals(PyThreadState *tstate)
{
    gl_frame *frame = gl_running_frame(tstate);
    return frame == NULL ? NULL : frame->f_globals;
}

/* Code of the running frame, borrowed, to be compared; NULL without one. */
static inline PyObject *gl_running_code(PyThreadState *tstate)
{
    gl_frame *frame = gl_running_frame(tstate);
    return frame == NULL ? NULL : gl_frame_code(frame);
}

/* What a slot of a frame holds (locals, cells, free variables, then the stack), borrowed; NULL: nothing, or no object. */
static inline PyObject *gl_frame_slot(gl_frame *frame, int index)
{
#if PY_VERSION_HEX >= 0x030E0000
    _PyStackRef slot = frame->localsplus[index];
    return PyStackRef_IsNull(slot) || PyStackRef_IsTaggedInt(slot) ? NULL : PyStackRef_AsPyObjectBorrow(slot);
#else
    return frame->localsplus[index];
#endif
}

static inline PyObject *gl_running_slot(PyThreadState *tstate, int index)
{
    return gl_frame_slot(gl_running_frame(tstate), index);
}

#if PY_VERSION_HEX >= 0x030C0000
/* Which tools are to be told of some of these events of a code object, bit by bit. What is set for all code objects
   shows on each of them when it starts; but for exceptions (events behind those that can be set for one), which the
   code object says nothing sound about. */
static inline int gl_tools_told(PyObject *code, size_t first_event, size_t end_event)
{
    if (code == NULL || !PyCode_Check(code) || ((PyCodeObject *)code)->_co_monitoring == NULL) {
        return 0;
    }
    const uint8_t *tools = ((PyCodeObject *)code)->_co_monitoring->active_monitors.tools;
    const uint8_t *tools_anywhere = gl_thread_state()->interp->monitors.tools;
    uint8_t any = 0;
    for (size_t event = first_event; event < end_event && event < _PY_MONITORING_UNGROUPED_EVENTS; event++) {
        any |= event < _PY_MONITORING_LOCAL_EVENTS ? tools[event] : tools_anywhere[event];
    }
    return any;
}

/* sys.monitoring reports more of the running frame than that it starts, yields and ends: events from 4 (CALL) on, which
   are LINE, INSTRUCTION, JUMP, BRANCH, STOP_ITERATION and exceptions. Tools 6 and 7 stand for sys.setprofile and
   sys.settrace on any thread. */
static inline int gl_code_monitored(PyObject *code) { return (gl_tools_told(code, 4, 255) & 0x3f) != 0; }

/* A tool is to be told when a function starts, yields or ends (events 0 to 3), or of anything it does. Tool 5 is an
   optimiser by CPython's rule: ours wakes the hook. */
static inline int gl_starts_reported(PyObject *code) { return (gl_tools_told(code, 0, 4) & 0x1f) != 0; }
static inline int gl_anything_reported(PyObject *code) { return (gl_tools_told(code, 0, 255) & 0x1f) != 0; }
#else
#  define gl_code_monitored(code) 0
#  define gl_starts_reported(code) 0
#  define gl_anything_reported(code) 0
#endif

static inline int gl_monitored(PyThreadState *tstate) { return gl_code_monitored(gl_running_code(tstate)); }

/* ---- functions that are called without a frame ---- */

#define gl_function_code(function) (((PyFunctionObject *)(function))->func_code)
#define gl_function_globals(function) (((PyFunctionObject *)(function))->func_globals)
#define gl_function_closure(function) (((PyFunctionObject *)(function))->func_closure)

/* Function of the running frame, borrowed; NULL without one. */
static inline PyObject *gl_running_function(PyThreadState *tstate)
{
    gl_frame *frame = gl_running_frame(tstate);
    PyObject *function = frame == NULL ? NULL : gl_frame_function(frame);
    return function != NULL && PyFunction_Check(function) ? function : NULL;
}

/* Up to 3.11 CPython makes frames for functions without asking what their vectorcall is. */
#if PY_VERSION_HEX >= 0x030C0000
#  define GL_ENTRANCES 1

static vectorcallfunc gl_ordinary_vectorcall = NULL;

/* NULL: the ordinary one. A function that has got one of its own from somebody else keeps it. */
static inline void gl_set_vectorcall(PyObject *function, vectorcallfunc wanted)
{
    vectorcallfunc *now = &((PyFunctionObject *)function)->vectorcall;
    if (gl_ordinary_vectorcall == NULL) {
        PyObject *sample = PyFunction_New(gl_function_code(function), gl_function_globals(function));
        if (sample == NULL) {
            PyErr_Clear();
            return;
        }
        gl_ordinary_vectorcall = ((PyFunctionObject *)sample)->vectorcall;
        Py_DECREF(sample);
    }
    if (wanted == NULL) {
        wanted = gl_ordinary_vectorcall;
    }
    else if (*now != gl_ordinary_vectorcall) {
        return;
    }
    if (*now != wanted) {
        PyFunction_SetVectorcall((PyFunctionObject *)function, wanted);
    }
}

static inline int gl_has_vectorcall(PyObject *function, vectorcallfunc asked)
{
    return ((PyFunctionObject *)function)->vectorcall == asked;
}
#  define gl_call_by_frame(function, args, nargsf, kwnames) gl_ordinary_vectorcall((function), (args), (nargsf), (kwnames))

/* Nobody is told that a function with this code starts, or of anything it does; and nothing waits for it to start. */
static inline int gl_unseen_start(PyThreadState *tstate, PyObject *code)
{
#if PY_VERSION_HEX >= 0x030D0000
    int current = tstate->eval_breaker == ((PyCodeObject *)code)->_co_instrumentation_version;
#else
    int current = tstate->interp->monitoring_version == ((PyCodeObject *)code)->_co_instrumentation_version;
#endif
    return current && tstate->c_tracefunc == NULL && tstate->c_profilefunc == NULL && tstate->py_recursion_remaining > 1
        && !gl_anything_reported(code);
}
#else
#  define GL_ENTRANCES 0
#  define gl_set_vectorcall(function, wanted) ((void)(function), (void)(wanted))
#  define gl_has_vectorcall(function, asked) ((void)(function), (void)(asked), 0)
#  define gl_call_by_frame(function, args, nargsf, kwnames) PyObject_Vectorcall((function), (args), (nargsf), (kwnames))
#  define gl_unseen_start(tstate, code) 0
#endif

/* The frame lives on the thread's data stack (it is not a generator's being resumed). */
static inline int gl_frame_on_thread(gl_frame *frame) { return frame->owner == FRAME_OWNED_BY_THREAD; }

/* Both code objects lay out arguments, locals, cells and free variables alike, and run as the same kind of frame. */
static inline int gl_same_layout(PyCodeObject *a, PyCodeObject *b)
{
    return a->co_nlocalsplus == b->co_nlocalsplus && a->co_nlocals == b->co_nlocals && a->co_ncellvars == b->co_ncellvars
        && a->co_nfreevars == b->co_nfreevars && a->co_argcount == b->co_argcount
        && a->co_kwonlyargcount == b->co_kwonlyargcount && a->co_flags == b->co_flags;
}

/* Arguments of a frame that is about to start: positional, keyword-only, *args, **kwargs. */
static inline int gl_n_arguments(gl_frame *frame)
{
    PyCodeObject *code = (PyCodeObject *)gl_frame_code(frame);
    return code->co_argcount + code->co_kwonlyargcount + ((code->co_flags & CO_VARARGS) != 0)
        + ((code->co_flags & CO_VARKEYWORDS) != 0);
}

/* One of them, borrowed; never NULL. */
static inline PyObject *gl_argument(gl_frame *frame, int number)
{
    PyObject *value = gl_frame_slot(frame, number);
    return value == NULL ? Py_None : value;
}

/* Exchanges what the frame owns; NULL: the function stays. */
static inline void gl_own_code_and_function(gl_frame *frame, PyObject *code, PyObject *function)
{
#if PY_VERSION_HEX >= 0x030E0000
    _PyStackRef old = frame->f_executable, old_function = frame->f_funcobj;
    frame->f_executable = PyStackRef_FromPyObjectNew(code);
    if (function != NULL) {
        frame->f_funcobj = PyStackRef_FromPyObjectNew(function);
        PyStackRef_CLOSE(old_function);
    }
    PyStackRef_CLOSE(old);
#else
    PyObject *old = gl_frame_code(frame), *old_function = gl_frame_function(frame);
    Py_INCREF(code);
    GL_SET_CODE(frame, code);
    if (function != NULL) {
        Py_INCREF(function);
        GL_SET_FUNCTION(frame, function);
        Py_DECREF(old_function);
    }
    Py_DECREF(old);
#endif
}

/* Lets a frame that is about to start run ``code`` instead, and belong to ``function`` (NULL: as before).
   Returns 0 and changes nothing where the data stack has no room for the larger frame, or the layouts differ.

   The frame is the newest on the data stack, and popping resets the top to the frame's address: so it may grow in place. */
static inline int gl_switch_code(PyThreadState *tstate, gl_frame *frame, PyObject *code, PyObject *function)
{
    PyObject *old = gl_frame_code(frame);
    PyObject **base = (PyObject **)frame;
    PyObject **needed = base + GL_FRAME_SLOTS((PyCodeObject *)code);
    if (!gl_same_layout((PyCodeObject *)old, (PyCodeObject *)code) || !gl_frame_on_thread(frame)) {
        return 0;
    }
    if (tstate->datastack_chunk == NULL || base < &tstate->datastack_chunk->data[0] || base >= tstate->datastack_top) {
        return 0;  /* somebody else's frame, not on this data stack */
    }
    if (needed > tstate->datastack_top) {
        if (needed >= tstate->datastack_limit) {
            return 0;
        }
        tstate->datastack_top = needed;
    }
    GL_SET_START(frame, (PyCodeObject *)code);
    gl_own_code_and_function(frame, code, function);
    return 1;
}

/* A function like ``function``, without its closure, that runs ``code``. New reference, or NULL with an exception. */
static inline PyObject *gl_function_like(PyObject *function, PyObject *code)
{
    PyFunctionObject *old = (PyFunctionObject *)function;
    PyFunctionObject *made = (PyFunctionObject *)PyFunction_NewWithQualName(code, old->func_globals, old->func_qualname);
    if (made == NULL) {
        return NULL;
    }
    Py_INCREF(old->func_name);
    Py_XINCREF(old->func_module);
    Py_INCREF(old->func_builtins);
    Py_SETREF(made->func_name, old->func_name);
    Py_XSETREF(made->func_module, old->func_module);
    Py_SETREF(made->func_builtins, old->func_builtins);
    return (PyObject *)made;
}

/* ---- recursion ----

   With a frame evaluator installed each Python call is a C call too. 3.12 and 3.13 count C calls against a limit of their
   own (a frame evaluation takes 2); what a call through the hook takes is given back, as long as there is C stack.
   3.11 counts Python calls only, 3.14 looks at the C stack itself. */

#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030E0000
#  define GL_C_CALLS_PER_FRAME 2
#  define gl_give_back(tstate) ((tstate)->c_recursion_remaining += GL_C_CALLS_PER_FRAME)
#  define gl_take_back(tstate) ((tstate)->c_recursion_remaining -= GL_C_CALLS_PER_FRAME)
#else
#  define gl_give_back(tstate) ((void)(tstate))
#  define gl_take_back(tstate) ((void)(tstate))
#endif

#define gl_current_evaluator(tstate) _PyInterpreterState_GetEvalFrameFunc((tstate)->interp)
#define gl_set_evaluator(tstate, evaluator) _PyInterpreterState_SetEvalFrameFunc((tstate)->interp, (evaluator))
#define gl_default_evaluator _PyEval_EvalFrameDefault

#else  /* frames of an unknown CPython: the names, so that the module compiles; nothing calls them */

typedef struct _PyInterpreterFrame gl_frame;
typedef PyObject *(*gl_evaluator_of_unknown)(PyThreadState *, gl_frame *, int);
static inline PyObject *gl_default_evaluator(PyThreadState *t, gl_frame *f, int e) { (void)t; (void)f; (void)e; return NULL; }
#define gl_running_globals(tstate) PyEval_GetGlobals()
#define gl_running_code(tstate) ((PyObject *)NULL)
#define gl_running_slot(tstate, index) ((PyObject *)NULL)
#define gl_monitored(tstate) 0
#define gl_code_monitored(code) 0
#define gl_starts_reported(code) 0
#define gl_anything_reported(code) 0
#define GL_ENTRANCES 0
#define gl_running_function(tstate) ((PyObject *)NULL)
#define gl_function_code(function) ((PyObject *)NULL)
#define gl_function_globals(function) ((PyObject *)NULL)
#define gl_function_closure(function) ((PyObject *)NULL)
#define gl_set_vectorcall(function, wanted) ((void)(function), (void)(wanted))
#define gl_has_vectorcall(function, asked) ((void)(function), (void)(asked), 0)
#define gl_call_by_frame(function, args, nargsf, kwnames) PyObject_Vectorcall((function), (args), (nargsf), (kwnames))
#define gl_unseen_start(tstate, code) 0
#define gl_frame_code(frame) ((PyObject *)NULL)
#define gl_frame_function(frame) ((PyObject *)NULL)
#define gl_frame_on_thread(frame) 0
#define gl_n_arguments(frame) 0
#define gl_argument(frame, number) Py_None
#define gl_switch_code(tstate, frame, code, function) 0
#define gl_function_like(function, code) ((PyObject *)NULL)
#define gl_give_back(tstate) ((void)(tstate))
#define gl_take_back(tstate) ((void)(tstate))
#define gl_current_evaluator(tstate) gl_default_evaluator
#define gl_set_evaluator(tstate, evaluator) ((void)(evaluator))

#endif

/* A tool wants to see what the running frame does: sys.settrace, sys.setprofile (the functions it calls), monitoring. */
static inline int gl_watched(PyThreadState *tstate)
{
    return gl_traced(tstate) || tstate->c_profilefunc != NULL || gl_monitored(tstate);
}

#endif
