"""The block machine as a kernel: a plan (``plan.py``) turned into native structs, run in one C call."""

import operator

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.string cimport memcpy

from graphlet.runtime._kernel cimport KERNEL_OK, Kernel
from graphlet.runtime.plan import ArrayCheck, Build, Call, TupleCheck, TypeCheck


cdef extern from "native_block.h":
    ctypedef ssize_t npy_intp
    ctypedef struct PyArray_Descr:
        pass

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
        GL_BUILD_TUPLE
        GL_BUILD_LIST
        GL_BUILD_SLICE
        GL_BUILD_DICT

    cdef int GL_ERRSTATE, GL_WARNS, GL_NONEMPTY

    ctypedef struct gl_step:
        gl_step_kind kind
        int flags
        const char *name
        PyObject *callable
        PyObject *kwnames
        int n_args
        int out
        int *args
        int n_frees
        int *frees
        gl_check check

    ctypedef struct gl_plan:
        int n_inputs
        int n_constants
        int n_steps
        int n_outputs
        int n_slots
        int n_syms
        gl_check *inputs
        PyObject **constants
        gl_step *steps
        int *outputs

    ctypedef struct gl_run_state:
        const char *reason
        char *error

    int gl_init()
    int gl_run(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state)
    void gl_plan_free(gl_plan *plan)
    int gl_find_operator(const char *name, gl_step *step)


if gl_init() < 0:
    raise ImportError("the block machine cannot be set up")


cdef dict BUILD_KINDS = {
    "tuple": GL_BUILD_TUPLE, "list": GL_BUILD_LIST, "slice": GL_BUILD_SLICE, "dict": GL_BUILD_DICT,
}


cdef void *allocate(size_t n_items, size_t size) except NULL:
    """Zeroed memory, never of size zero."""
    cdef void *block = PyMem_Calloc(n_items or 1, size)
    if block == NULL:
        raise MemoryError
    return block


cdef PyObject *new_reference(object value):
    Py_INCREF(value)
    return <PyObject *>value


cdef int *ints(tuple values) except NULL:
    cdef int *result = <int *>allocate(len(values), sizeof(int))
    for i, value in enumerate(values):
        result[i] = value
    return result


cdef char *text(str value) except NULL:
    cdef bytes encoded = value.encode() + b"\0"
    cdef char *result = <char *>allocate(len(encoded), 1)
    memcpy(result, <char *>encoded, len(encoded))
    return result


cdef int fill_check(gl_check *check, object spec) except -1:
    if spec is None:
        check.kind = GL_CHECK_NONE
    elif isinstance(spec, ArrayCheck):
        check.kind = GL_CHECK_ARRAY
        check.descr = <PyArray_Descr *>new_reference(spec.dtype)
        check.n = len(spec.dims)
        check.dims = <npy_intp *>allocate(check.n, sizeof(npy_intp))
        for i, dim in enumerate(spec.dims):
            check.dims[i] = dim
    elif isinstance(spec, TypeCheck):
        check.kind = GL_CHECK_TYPE
        check.type = <PyTypeObject *>new_reference(spec.type)
    elif isinstance(spec, TupleCheck) and spec.type in (tuple, list):
        check.kind = GL_CHECK_TUPLE
        check.type = <PyTypeObject *>new_reference(spec.type)
        check.items = <gl_check *>allocate(len(spec.items), sizeof(gl_check))
        check.n = len(spec.items)
        for i, item in enumerate(spec.items):
            fill_check(&check.items[i], item)
    else:
        raise TypeError(f"not a check: {spec!r}")
    return 0


cdef int fill_call(gl_step *step, object spec) except -1:
    step.kind = GL_CALL
    step.name = text(spec.name or getattr(spec.fn, "__name__", repr(spec.fn)))
    step.callable = new_reference(spec.fn)
    if spec.kwnames:
        step.kwnames = new_reference(tuple(spec.kwnames))
    step.flags = ((GL_ERRSTATE if spec.errstate else 0) | (GL_WARNS if spec.warns else 0)
                  | (GL_NONEMPTY if spec.nonempty else 0))
    fill_check(&step.check, spec.check)
    cdef str name = getattr(spec.fn, "__name__", "")
    if not spec.kwnames and getattr(operator, name, None) is spec.fn:
        gl_find_operator(name.encode(), step)
    return 0


cdef int fill_step(gl_step *step, object spec) except -1:
    step.n_args = len(spec.args)
    step.args = ints(tuple(spec.args))
    step.frees = ints(tuple(spec.frees))
    step.n_frees = len(spec.frees)
    step.out = -1 if spec.out is None else spec.out
    if isinstance(spec, Call):
        fill_call(step, spec)
    elif isinstance(spec, Build):
        step.kind = <gl_step_kind><int>BUILD_KINDS[spec.kind]
        step.name = text(spec.kind)
    else:
        raise TypeError(f"not a step: {spec!r}")
    return 0


cdef int check_plan(object plan) except -1:
    """Every slot is written once, before it is read, and read no more once freed."""
    live = set(range(len(plan.inputs) + len(plan.constants)))
    permanent = frozenset(live)
    written = set(live)
    for step in plan.steps:
        if not live.issuperset(step.args):
            raise ValueError(f"{step} reads a slot without a value")
        if step.out is not None:
            if step.out in written or not 0 <= step.out < plan.n_slots:
                raise ValueError(f"{step} writes a slot twice")
            live.add(step.out)
            written.add(step.out)
        if not (live - permanent).issuperset(step.frees):
            raise ValueError(f"{step} frees a slot without a value")
        live.difference_update(step.frees)
    if not live.issuperset(plan.outputs) or len(written) > plan.n_slots:
        raise ValueError("an output has no value")
    return 0


cdef class BlockKernel(Kernel):
    """Runs a plan. Called from Python it returns the tuple of outputs, or None when it declined."""

    cdef gl_plan *native
    cdef readonly object plan
    cdef readonly int status

    def __cinit__(self, object plan):
        check_plan(plan)
        self.plan = plan
        self.native = <gl_plan *>allocate(1, sizeof(gl_plan))
        cdef gl_plan *native = self.native
        native.inputs = <gl_check *>allocate(len(plan.inputs), sizeof(gl_check))
        native.n_inputs = self.n_inputs = len(plan.inputs)
        for i, check in enumerate(plan.inputs):
            fill_check(&native.inputs[i], check)
        native.constants = <PyObject **>allocate(len(plan.constants), sizeof(PyObject *))
        native.n_constants = len(plan.constants)
        for i, constant in enumerate(plan.constants):
            native.constants[i] = new_reference(constant)
        native.steps = <gl_step *>allocate(len(plan.steps), sizeof(gl_step))
        native.n_steps = len(plan.steps)
        for i, step in enumerate(plan.steps):
            fill_step(&native.steps[i], step)
        native.outputs = ints(tuple(plan.outputs))
        native.n_outputs = self.n_outputs = len(plan.outputs)
        native.n_slots = plan.n_slots
        native.n_syms = plan.n_syms

    def __dealloc__(self):
        if self.native != NULL:
            gl_plan_free(self.native)

    cdef int run(self, PyObject** inputs, PyObject** outputs) noexcept:
        cdef gl_run_state state
        cdef int status = gl_run(self.native, inputs, outputs, &state)
        if status != KERNEL_OK:
            self.explain(&state)
        return status

    cdef int explain(self, gl_run_state *state) noexcept:
        """Says in ``last_decline`` why a run did not succeed."""
        try:
            reason = state.reason.decode() if state.reason != NULL else "out of memory"
            error = (<bytes>state.error).decode()
            self.last_decline = f"{reason}: {error}" if error else reason
        except Exception:
            self.last_decline = "unknown"
        return 0

    def __call__(self, *inputs):
        if len(inputs) != self.n_inputs:
            raise TypeError(f"expected {self.n_inputs} inputs, got {len(inputs)}")
        cdef PyObject **buffers = <PyObject **>allocate(self.n_inputs + self.n_outputs, sizeof(PyObject *))
        cdef PyObject **outputs = buffers + self.n_inputs
        try:
            for i in range(self.n_inputs):
                buffers[i] = <PyObject *>inputs[i]
            self.status = self.run(buffers, outputs)
            if self.status != KERNEL_OK:
                return None
            result = tuple([<object>outputs[i] for i in range(self.n_outputs)])
            for i in range(self.n_outputs):
                Py_XDECREF(outputs[i])
            return result
        finally:
            PyMem_Free(buffers)
