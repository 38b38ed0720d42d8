/* The block machine: structs and functions shared by its C files. */
#ifndef GRAPHLET_NATIVE_BLOCK_H
#define GRAPHLET_NATIVE_BLOCK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define PY_ARRAY_UNIQUE_SYMBOL graphlet_block_ARRAY_API
#ifndef GL_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

/* Most loops here go around once or twice: a call of memset costs more than they do. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

enum { GL_OK = 0, GL_DECLINED = 1, GL_MISMATCH = 2 }; /* as in _kernel.pxd */
enum { GL_NODEWISE = 3 }; /* of parts: not in this way */

/* ---- checks of values ---- */

enum gl_check_kind { GL_CHECK_NONE, GL_CHECK_ARRAY, GL_CHECK_TYPE, GL_CHECK_TUPLE };

typedef struct gl_check {
    enum gl_check_kind kind;
    PyTypeObject *type;      /* TYPE, TUPLE */
    PyArray_Descr *descr;    /* ARRAY */
    int n;                   /* ARRAY: ndim; TUPLE: length */
    npy_intp *dims;          /* ARRAY: n >= 0 static, -1 - k symbol k */
    struct gl_check *items;  /* TUPLE */
} gl_check;

/* ---- steps ---- */

struct gl_group;
struct gl_bands;
struct gl_op;
#define GL_NANS_MET "two NaNs met, of which NumPy may keep the other one in place"
/* Where two NaNs that meet are in doubt; see ``Op.nans``. */
enum gl_nans { GL_SURE, GL_REPACKED, GL_LARGE, GL_PLACED, GL_PLACED_APART };
enum gl_step_kind {
    GL_FUSED, GL_BANDS, GL_CALL, GL_BINARY, GL_UNARY, GL_ROLL, GL_PICK, GL_VECTORS, GL_DOT, GL_MATMUL, GL_ARRAY_OF,
    GL_ELEMENT, GL_STORE, GL_PART,
    GL_BUILD_TUPLE, GL_BUILD_LIST, GL_BUILD_SLICE, GL_BUILD_DICT
};
/* Of single numbers. From GL_NUMBER_MUL on something small may be lost; from GL_NUMBER_LT on the result is a truth value. */
enum gl_number {
    GL_NO_NUMBER, GL_NUMBER_ADD, GL_NUMBER_SUB, GL_NUMBER_NEG, GL_NUMBER_ABS, GL_NUMBER_SQRT,
    GL_NUMBER_MUL, GL_NUMBER_DIV, GL_NUMBER_POW,
    GL_NUMBER_LT, GL_NUMBER_LE, GL_NUMBER_GT, GL_NUMBER_GE, GL_NUMBER_EQ, GL_NUMBER_NE
};
enum { GL_ERRSTATE = 1, GL_WARNS = 2, GL_NONEMPTY = 4, GL_VIEW = 8 };

typedef struct {
    enum gl_step_kind kind;
    int flags;
    enum gl_nans nans;
    enum gl_number number;   /* of calls: done for single numbers */
    const char *name;        /* for messages; owned by the plan */
    PyObject *callable;      /* CALL, ROLL, VECTORS, DOT, MATMUL, ARRAY_OF */
    PyObject *kwnames;       /* CALL, ROLL: tuple or NULL */
    unaryfunc unary;         /* UNARY */
    struct gl_op *loop;      /* CALL: of a ufunc, for single numbers, or NULL */
    binaryfunc binary;       /* BINARY, PICK, ELEMENT, PART; DOT, MATMUL: or NULL */
    int n_args, out;
    int *args;
    int n_frees;
    int *frees;
    gl_check check;
    struct gl_group *group;  /* FUSED */
    struct gl_bands *bands;  /* BANDS */
    PyObject **lent;         /* PART: the view that it lends to groups, or NULL */
    int ignored, forced;     /* kinds of floating-point error: bits of plan.KINDS, on top of NumPy's error state */
} gl_step;

/* Steps that go along one axis together. ``written``: slots they write, those of the outputs first. */
enum { GL_MAX_BANDED = 16 };

typedef struct {
    int slot, ndim;
    PyArray_Descr *descr;
    npy_intp *dims;          /* as in gl_check */
} gl_band_output;

typedef struct gl_bands {
    int along;               /* number of the symbol */
    int n_steps, n_inputs, n_outputs, n_between, n_written;
    gl_step *steps;
    int *inputs;             /* slots of arrays that have the axis */
    gl_band_output *outputs;
    gl_band_output *between; /* what is gone behind each stretch of rows */
    int *written;
    struct gl_measures *measures; /* whether several threads pay; NULL: not known */
} gl_bands;

/* To begin with an operation takes as long as so many elements do. */
enum { GL_BEGINNING = 32 };

typedef struct {
    int n_inputs, n_constants, n_steps, n_outputs, n_slots, n_syms, max_args;
    gl_check *inputs;
    PyObject **constants;
    gl_step *steps;
    int *outputs;
    int placed_value, placed_target, placed_root, placed_always; /* as in plan.Placed; value -1: none */
    int exact_threads, most_threads; /* that share large work; 0: as measured, as many as there are */
    struct gl_direct *direct; /* for small arrays; NULL: no such plan */
} gl_plan;

/* One run. ``reason`` is NULL or a static or plan-owned text; ``error`` what to add to it. */
typedef struct {
    const gl_plan *plan;
    PyObject **slots;
    npy_intp *syms;
    PyObject *errstate_token; /* set while a raising errstate is entered */
    int outer, entered;       /* kinds not ignored outside of it, and in it */
    const char *reason;
    char error[96];
    int n_nodewise;           /* groups that were left to NumPy */
    int n_placed;             /* results that went straight into memory which was there before */
    npy_intp n_compiled, n_interpreted; /* operations of groups times elements, in compiled code and not */
    int wants_code;
    int n_threads;           /* that groups are to run on; 0: as each likes */
    int n_given;             /* while in bands: where some results go */
    const int *given_slots;
    PyArrayObject **given;
} gl_run_state;

/* native_nans.c */
int gl_call_in_doubt(enum gl_nans nans, PyObject *x, PyObject *y, PyObject *result);

/* native_block.c */
int gl_init(void);
int gl_run(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state);
int gl_run_steps(const gl_step *steps, int n_steps, gl_run_state *state);
void gl_plan_free(gl_plan *plan);
void gl_step_clear(gl_step *step);

/* native_direct.c */
typedef struct gl_direct gl_direct;
void gl_direct_prepare(gl_plan *plan); /* once the plan is filled */
int gl_run_direct(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state); /* GL_NODEWISE: not in this way */

/* native_bands.c */
int gl_run_bands(gl_bands *bands, gl_run_state *state);
void gl_bands_free(gl_bands *bands);
int gl_is_given(const gl_run_state *state, int slot);
/* New reference; NULL (no exception) if it is not of this shape or has other strides. */
PyArrayObject *gl_given(const gl_run_state *state, int slot, int ndim, const npy_intp *shape, const npy_intp *strides);

/* native_operators.c */
int gl_find_operator(const char *name, gl_step *step); /* fills kind and function; 0 when there is none */

/* native_check.c */
int gl_check_value(const gl_check *check, PyObject *value, npy_intp *syms);
void gl_check_clear(gl_check *check);

/* native_roll.c: NULL without an exception is for NumPy's own function to do */
PyObject *gl_roll(PyObject *array, PyObject *shift, PyObject *axis);
PyObject *gl_pick(PyObject *array, PyObject *mask); /* native_pick.c: likewise, for the operator */
PyObject *gl_dot(PyObject *left, PyObject *right, int *flags); /* native_dot.c: likewise; FE_* bits that were raised */
/* native_matmul.c: likewise; of np.dot, if is_dot */
PyObject *gl_matmul(PyObject *left, PyObject *right, int is_dot, int *flags);

/* native_numbers.c */
enum gl_number gl_find_number(const char *name, int n_args);
PyObject *gl_number_of(enum gl_number number, PyObject *const *args, int n_args); /* likewise */
PyObject *gl_array_of(PyObject *numbers); /* of a list or tuple of numbers, or of such rows; likewise */
PyObject *gl_number_by_loop(const struct gl_op *loop, PyObject *const *args, int n_args); /* likewise */
int gl_read_number(PyObject *value, double *number); /* 2: np.float64, 1: Python's, exactly; 0: something else */

PyObject *gl_view(PyObject *array, PyObject *index); /* native_index.c: by a basic index; likewise */

/* native_lent.c */
void gl_lent_prepare(gl_plan *plan); /* once the plan is filled */
PyObject *gl_lend(PyObject **lent, PyObject *array, PyObject *index); /* as gl_view, until the end of the run */
int gl_lent_replace(const gl_plan *plan, PyObject **slots); /* by views of their own; -1: an exception is set */

/* native_elements.c */
PyObject *gl_element(PyObject *array, PyObject *index); /* likewise */
int gl_store(PyObject *array, PyObject *index, PyObject *value); /* 0: for NumPy to do, or to refuse */

/* native_errstate.c */
int gl_errstate_init(void);
int gl_errstate_mask(const gl_run_state *state, int ignored, int forced); /* FE_* bits that count; -1 on failure */
int gl_errstate_enter(gl_run_state *state, int ignored, int forced);      /* what counts is raised; -1 on failure */
int gl_errstate_leave(gl_run_state *state);                               /* -1 on failure */
void gl_drop_exception(gl_run_state *state);   /* clears the error indicator; what is not NumPy's is raised later */
PyObject *gl_warnings_trap(PyObject **filters);
void gl_warnings_restore(PyObject *trapped, PyObject *filters);
unsigned long gl_warnings_trapped_by(void); /* thread, 0: none */
void gl_warnings_forget(void);

#endif
