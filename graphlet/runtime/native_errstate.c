/* NumPy's error state, warnings and exceptions of called functions: nothing may escape from a run. */
#include "native_block.h"

#include <fenv.h>

static PyObject *extobj_var, *make_extobj, *get_extobj_dict; /* numpy._core.umath */
static PyObject *warnings_dict, *filters_name, *trap_filter;

enum { N_KINDS = 4, N_SETS = 1 << N_KINDS };
static const struct { const char *name; int flag; } KINDS[N_KINDS] = {
    {"divide", FE_DIVBYZERO}, {"over", FE_OVERFLOW},
    {"under", FE_UNDERFLOW}, {"invalid", FE_INVALID},
};

/* What was found for the last error state seen. Its capsule is immutable and kept alive, so identity is equality.
   Sets of kinds are bits in the order above. */
static struct {
    PyObject *current;
    PyObject *raising[N_SETS]; /* the same with "raise" for a set of kinds and "ignore" for the others, as needed */
    int counts;                /* the kinds that are not ignored */
} cache;

int gl_errstate_init(void) {
    PyObject *umath = PyImport_ImportModule("numpy._core.umath");
    if (!umath) return -1;
    extobj_var = PyObject_GetAttrString(umath, "_extobj_contextvar");
    make_extobj = PyObject_GetAttrString(umath, "_make_extobj");
    get_extobj_dict = PyObject_GetAttrString(umath, "_get_extobj_dict");
    Py_DECREF(umath);
    if (!extobj_var || !make_extobj || !get_extobj_dict) return -1;
    PyObject *warnings = PyImport_ImportModule("warnings");
    if (!warnings) return -1;
    warnings_dict = Py_NewRef(PyModule_GetDict(warnings));
    Py_DECREF(warnings);
    filters_name = PyUnicode_InternFromString("filters");
    return filters_name ? 0 : -1;
}

/* The kinds that are not ignored in the present error state; -1 on failure. */
static int kinds_that_count(void) {
    PyObject *modes = PyObject_CallNoArgs(get_extobj_dict);
    if (!modes) return -1;
    int counts = 0;
    for (int i = 0; i < N_KINDS && counts >= 0; i++) {
        PyObject *mode = PyDict_GetItemString(modes, KINDS[i].name); /* borrowed */
        if (!mode || !PyUnicode_Check(mode)) counts = -1;
        else if (PyUnicode_CompareWithASCIIString(mode, "ignore") != 0) counts |= 1 << i;
    }
    Py_DECREF(modes);
    return counts;
}

/* The kinds that count now. Brings the cache up to date, unless the present state is one that was entered here. */
static int look_up(void) {
    PyObject *current = NULL;
    if (PyContextVar_Get(extobj_var, NULL, &current) < 0 || !current) return -1;
    Py_DECREF(current); /* the context has it */
    if (current == cache.current) return cache.counts;
    for (int set = 0; set < N_SETS; set++) {
        if (current == cache.raising[set]) return set;
    }
    Py_INCREF(current);
    int counts = kinds_that_count();
    if (counts < 0) {
        Py_DECREF(current);
        return -1;
    }
    Py_XSETREF(cache.current, current);
    cache.counts = counts;
    for (int set = 0; set < N_SETS; set++) Py_CLEAR(cache.raising[set]);
    return counts;
}

/* Borrowed: made from the present state. */
static PyObject *raising_state(int set) {
    if (cache.raising[set]) return cache.raising[set];
    PyObject *kwargs = PyDict_New(), *none = PyTuple_New(0);
    for (int i = 0; kwargs && i < N_KINDS; i++) {
        PyObject *text = PyUnicode_FromString(set >> i & 1 ? "raise" : "ignore");
        if (!text || PyDict_SetItemString(kwargs, KINDS[i].name, text) < 0) Py_CLEAR(kwargs);
        Py_XDECREF(text);
    }
    PyObject *capsule = kwargs && none ? PyObject_Call(make_extobj, none, kwargs) : NULL;
    Py_XDECREF(kwargs);
    Py_XDECREF(none);
    cache.raising[set] = capsule;
    return capsule;
}

int gl_errstate_mask(const gl_run_state *state, int ignored, int forced) {
    int outer = state->errstate_token ? state->outer : look_up();
    if (outer < 0) return -1;
    int counts = (outer & ~ignored) | forced, flags = 0;
    for (int i = 0; i < N_KINDS; i++) flags |= counts >> i & 1 ? KINDS[i].flag : 0;
    return flags;
}

int gl_errstate_enter(gl_run_state *state, int ignored, int forced) {
    if (!state->errstate_token && (state->outer = look_up()) < 0) return -1;
    int counts = (state->outer & ~ignored) | forced;
    if (state->errstate_token && counts == state->entered) return 0;
    if (gl_errstate_leave(state) < 0) return -1;
    if (counts == 0 && state->outer == 0) return 0;
    PyObject *capsule = raising_state(counts);
    if (capsule) state->errstate_token = PyContextVar_Set(extobj_var, capsule);
    state->entered = counts;
    return state->errstate_token ? 0 : -1;
}

int gl_errstate_leave(gl_run_state *state) {
    if (!state->errstate_token) return 0;
    int status = PyContextVar_Reset(extobj_var, state->errstate_token);
    Py_CLEAR(state->errstate_token);
    return status;
}

/* ---- exceptions ---- */

static int raise_now(void *exception) {
    PyErr_SetObject((PyObject *)Py_TYPE(exception), (PyObject *)exception);
    Py_DECREF((PyObject *)exception);
    return -1;
}

static int starts_with(PyObject *text, const char *prefix) {
    const char *utf8 = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
    if (!utf8) PyErr_Clear();
    return utf8 && strncmp(utf8, prefix, strlen(prefix)) == 0;
}

/* The answer of a function of graphlet.core.outside; 0 if it has none. */
static int asked(const char *name, PyObject *argument) {
    PyObject *module = PyImport_ImportModule("graphlet.core.outside"), *answer = NULL;
    PyObject *function = module ? PyObject_GetAttrString(module, name) : NULL;
    if (function) answer = argument ? PyObject_CallOneArg(function, argument) : PyObject_CallNoArgs(function);
    int is_true = answer == Py_True;
    Py_XDECREF(answer);
    Py_XDECREF(function);
    Py_XDECREF(module);
    PyErr_Clear();
    return is_true;
}

/* A signal handler, run by the interpreter between two instructions of a called function, may raise anything. Its frame
   is the innermost of the traceback; frames of NumPy are the called function's own. What another thread throws into this
   one has no frame of its own, but often a class of the program's. */
static int is_foreign(PyObject *value, PyObject *traceback) {
    if (!PyErr_GivenExceptionMatches(value, PyExc_Exception)) return 1;
    if (asked("is_of_the_program", (PyObject *)Py_TYPE(value))) return 1;
    if (!traceback) return 0;
    PyObject *tb = Py_NewRef(traceback);
    for (;;) {
        PyObject *next = PyObject_GetAttrString(tb, "tb_next");
        if (!next) { PyErr_Clear(); break; }
        if (next == Py_None) { Py_DECREF(next); break; }
        Py_SETREF(tb, next);
    }
    PyObject *frame = PyObject_GetAttrString(tb, "tb_frame");
    PyObject *globals = frame ? PyObject_GetAttrString(frame, "f_globals") : NULL;
    PyObject *module = globals && PyDict_Check(globals) ? PyDict_GetItemString(globals, "__name__") : NULL;
    int own = starts_with(module, "numpy") || starts_with(module, "scipy") || starts_with(module, "graphlet");
    Py_XDECREF(globals);
    Py_XDECREF(frame);
    Py_DECREF(tb);
    PyErr_Clear();
    return !own;
}

/* Behind the run, in this thread: pending calls run in the main one only, and others get a class without arguments. */
static void raise_later(PyObject *value) {
    if (!asked("is_main_thread", NULL)) {
        PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), (PyObject *)Py_TYPE(value));
    } else if (Py_AddPendingCall(raise_now, Py_NewRef(value)) < 0) {
        Py_DECREF(value);
    }
}

void gl_drop_exception(gl_run_state *state) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!type) return;
    PyErr_NormalizeException(&type, &value, &traceback);
    PyOS_snprintf(state->error, sizeof state->error, "%s", ((PyTypeObject *)type)->tp_name);
    if (value && is_foreign(value, traceback)) {
        if (traceback) PyException_SetTraceback(value, traceback);
        raise_later(value);
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

/* ---- warnings ---- */

/* Stands in a filter where a category is expected: matches every category, but only in the thread that is trapping. */
static unsigned long trapping_thread;

static PyObject *trap_subclasscheck(PyObject *Py_UNUSED(self), PyObject *category) {
    if (trapping_thread != PyThread_get_thread_ident()) Py_RETURN_FALSE;
    int foreign = PyObject_IsSubclass(category, PyExc_ResourceWarning); /* of what the collector happens to free */
    return foreign < 0 ? NULL : PyBool_FromLong(!foreign);
}

static PyMethodDef trap_methods[] = {{"__subclasscheck__", trap_subclasscheck, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyTypeObject trap_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "graphlet.runtime.WarningsTrap",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Matches every warning of the thread that is trapping.",
    .tp_methods = trap_methods,
};

static int make_trap(void) {
    if (trap_filter) return 0;
    if (PyType_Ready(&trap_type) < 0) return -1;
    PyObject *trap = PyObject_New(PyObject, &trap_type);
    if (!trap) return -1;
    trap_filter = Py_BuildValue("[(sOOOi)]", "error", Py_None, trap, Py_None, 0);
    Py_DECREF(trap);
    return trap_filter ? 0 : -1;
}

/* Puts a list in front of the filters that turns this thread's warnings into exceptions. The version of the filters is
   left alone, so that what was already shown once stays shown. Returns the list that was installed. */
PyObject *gl_warnings_trap(PyObject **filters) {
    if (trapping_thread || make_trap() < 0) return NULL; /* one thread at a time */
    PyObject *before = PyDict_GetItemWithError(warnings_dict, filters_name); /* borrowed */
    if (!before || !PyList_Check(before)) return NULL;
    PyObject *trapped = PySequence_Concat(trap_filter, before);
    if (!trapped) return NULL;
    Py_INCREF(before);
    if (PyDict_SetItem(warnings_dict, filters_name, trapped) < 0) {
        Py_DECREF(before);
        Py_DECREF(trapped);
        return NULL;
    }
    trapping_thread = PyThread_get_thread_ident();
    *filters = before;
    return trapped;
}

unsigned long gl_warnings_trapped_by(void) { return trapping_thread; }

/* Behind a fork there is no other thread. */
void gl_warnings_forget(void) { trapping_thread = 0; }

void gl_warnings_restore(PyObject *trapped, PyObject *filters) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    trapping_thread = 0;
    if (PyDict_GetItemWithError(warnings_dict, filters_name) == trapped) {
        if (PyDict_SetItem(warnings_dict, filters_name, filters) < 0) PyErr_Clear();
    }
    Py_DECREF(trapped);
    Py_DECREF(filters);
    PyErr_Restore(type, value, traceback);
}
