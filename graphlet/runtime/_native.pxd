"""The structs and functions of the block machine's C files."""

from cpython.object cimport PyObject, PyTypeObject

from graphlet.runtime._code cimport gl_code


cdef extern from "native_block.h":
    ctypedef ssize_t npy_intp

    ctypedef struct PyArray_Descr:
        pass


cdef extern from "native_block.h":
    cdef enum gl_check_kind:
        GL_CHECK_NONE
        GL_CHECK_ARRAY
        GL_CHECK_TYPE
        GL_CHECK_TUPLE

    ctypedef struct gl_check:
        gl_check_kind kind
        PyTypeObject *type
        PyArray_Descr *descr
        int n
        npy_intp *dims
        gl_check *items

    cdef enum gl_step_kind:
        GL_CALL
        GL_ROLL
        GL_PICK
        GL_VECTORS
        GL_DOT
        GL_MATMUL
        GL_ARRAY_OF
        GL_ELEMENT
        GL_STORE
        GL_PART
        GL_FUSED
        GL_BANDS
        GL_BUILD_TUPLE
        GL_BUILD_LIST
        GL_BUILD_SLICE
        GL_BUILD_DICT

    cdef int GL_ERRSTATE, GL_WARNS, GL_NONEMPTY, GL_VIEW

    cdef enum gl_nans:
        GL_SURE
        GL_REPACKED
        GL_LARGE
        GL_PLACED
        GL_PLACED_APART

    cdef enum gl_number:
        GL_NO_NUMBER

    ctypedef struct gl_bands

    ctypedef struct gl_step:
        gl_step_kind kind
        int flags
        gl_nans nans
        gl_number number
        const char *name
        PyObject *callable
        PyObject *kwnames
        void *loop
        int n_args
        int out
        int *args
        int n_frees
        int *frees
        gl_check check
        void *group
        gl_bands *bands
        PyObject **lent
        int ignored
        int forced

    cdef enum:
        GL_MAX_BANDED

    ctypedef struct gl_band_output:
        int slot
        int ndim
        PyArray_Descr *descr
        npy_intp *dims

    ctypedef struct gl_bands:
        int along
        int n_steps
        int n_inputs
        int n_outputs
        int n_between
        int n_written
        gl_step *steps
        int *inputs
        gl_band_output *outputs
        gl_band_output *between
        int *written

    cdef enum:
        GL_BEGINNING

    ctypedef struct gl_plan:
        int n_inputs
        int n_constants
        int n_steps
        int n_outputs
        int n_slots
        int n_syms
        int placed_value
        int placed_target
        int placed_root
        int placed_always
        int exact_threads
        int most_threads
        gl_check *inputs
        PyObject **constants
        gl_step *steps
        int *outputs
        void *direct

    ctypedef struct gl_run_state:
        const char *reason
        char *error
        int n_nodewise
        int n_placed
        npy_intp n_compiled
        npy_intp n_interpreted
        int wants_code

    int gl_init()
    int gl_run(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state)
    void gl_direct_prepare(gl_plan *plan)
    void gl_lent_prepare(gl_plan *plan)
    void gl_plan_free(gl_plan *plan)
    int gl_find_operator(const char *name, gl_step *step)
    gl_number gl_find_number(const char *name, int n_args)
    PyObject *gl_warnings_trap(PyObject **filters)
    void gl_warnings_restore(PyObject *trapped, PyObject *filters)
    unsigned long gl_warnings_trapped_by()
    void gl_warnings_forget()


cdef extern from "native_code.h":
    cdef enum:
        GL_MAX_OPERANDS

cdef extern from "native_group.h":
    cdef enum:
        GL_CELL
        GL_TAIL
        GL_MAX_ARGS
        GL_MAX_REGS
        GL_MAX_SCALARS
        GL_MAX_TAILS
        GL_MAX_NDIM

    cdef enum gl_op_kind:
        GL_CAST
        GL_CONVERT
        GL_WHERE

    ctypedef struct gl_array_in:
        int slot
        int ndim
        int itemsize
        int *axes
        int is_full
        int is_point

    ctypedef struct gl_scalar_in:
        int slot
        PyArray_Descr *descr

    ctypedef struct gl_op:
        gl_op_kind kind
        int n_args
        int *reg
        int itemsize
        gl_nans nans
        int checked

    ctypedef struct gl_stage:
        int first
        int n_ops
        int n_inputs
        int n_outputs
        int n_reductions
        int *regs
        int *sizes
        int *reductions
        int streams
        int in_tiles
        gl_code *code
        PyObject *owner
        const gl_op *flagged

    cdef enum gl_walk:
        GL_PLAIN
        GL_WHOLE
        GL_ROWS
        GL_COLUMNS

    cdef enum gl_tail_kind:
        GL_SUM
        GL_ORDERED
        GL_EXTREME

    ctypedef struct gl_tail:
        gl_tail_kind kind
        int reg
        int slot
        gl_op op
        PyArray_Descr *descr
        char *start
        int mean
        npy_intp mean_limit
        int keepdims

    ctypedef struct gl_output:
        int slot
        int reg
        PyArray_Descr *descr

    ctypedef struct gl_group:
        int ndim
        npy_intp *dims
        int n_arrays
        int n_scalars
        int n_constants
        int n_ops
        int n_outputs
        int n_regs
        int n_buffers
        gl_array_in *arrays
        gl_scalar_in *scalars
        char *constants
        gl_op *ops
        int n_stages
        gl_stage *stages
        int loops_read_arrays
        gl_output *outputs
        gl_walk walk
        int reduced_from
        int reduced_to
        int n_tails
        gl_tail *tails
        int *scratch
        int block
        int width
        size_t buffer
        int doubts_nans
        int strict
        int has_casts
        int needs_c
        int n_fallback
        gl_step *fallback
        int ignored
        int forced
        int shareable

    npy_intp gl_stream_from
    npy_intp gl_broadcast_size(object arrays) noexcept
    npy_intp gl_placed_from
    int gl_loop_facts(object capsule, int *requires_python, int *checked) except -1
    int gl_fill_loop(gl_op *op, object capsule) except -1
    int gl_fill_arg(gl_tail *tail, PyArray_Descr *source, int sign) except -1
    int gl_fill_cast(gl_op *op, PyArray_Descr *source, PyArray_Descr *target) except -1
    int gl_convert_scalar(char *cell, object value, PyArray_Descr *descr)

cdef extern from "native_pool.h":
    size_t gl_pool_bytes()
    void gl_pool_clear()

cdef extern from "native_share.h":
    void gl_share_from(long long ns) noexcept
    long long gl_n_shared() noexcept

cdef extern from "native_threads.h":
    cdef enum:
        GL_MAX_THREADS
    void gl_threads_limit(int n_threads, int is_firm) noexcept
    int gl_threads_allowed() noexcept
    int gl_threads_alive() noexcept
    long long gl_threads_helped() noexcept
    void gl_threads_stop() noexcept
