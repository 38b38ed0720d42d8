"""The block machine as a kernel: a plan (``plan.py``) turned into native structs, run in one C call."""

import operator
import os
from threading import get_ident
from time import sleep
from types import BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType

from cpython.exc cimport PyErr_Clear
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.string cimport memcpy, memset

import numpy as np

from graphlet.runtime._code cimport Code
from graphlet.runtime._kernel cimport KERNEL_OK, Kernel
from graphlet.runtime._native cimport *
from graphlet.runtime.plan import ArrayCheck, Bands, Build, Call, CastOp, Fused, LoopOp, TupleCheck, TypeCheck


if gl_init() < 0:
    raise ImportError("the block machine cannot be set up")


def forget_other_threads():
    """Behind a fork they are not there."""
    gl_warnings_forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_other_threads)


cdef dict WALKS = {"plain": GL_PLAIN, "whole": GL_WHOLE, "rows": GL_ROWS, "columns": GL_COLUMNS}
cdef dict TAIL_KINDS = {"sum": GL_SUM, "ordered": GL_ORDERED, "extreme": GL_EXTREME}
cdef dict ARGS = {"arg_min": -1, "arg_max": 1}
cdef dict BUILD_KINDS = {
    "tuple": GL_BUILD_TUPLE, "list": GL_BUILD_LIST, "slice": GL_BUILD_SLICE, "dict": GL_BUILD_DICT,
}


# Ufuncs, C functions, and methods of C types.
cdef tuple C_FUNCTIONS = (np.ufunc, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)


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
    elif isinstance(spec, TupleCheck) and issubclass(spec.type, (tuple, list)):
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
    step.ignored, step.forced = spec.ignored, spec.forced
    fill_check(&step.check, spec.check)
    cdef str name = getattr(spec.fn, "__name__", "")
    if not spec.kwnames and getattr(operator, name, None) is spec.fn:
        gl_find_operator(name.encode(), step)
    return 0


cdef int fill_operand(gl_array_in *native, object spec, int n_dims) except -1:
    if len(spec.axes) != n_dims or not all([-1 <= axis < spec.ndim for axis in spec.axes]):
        raise ValueError(f"axes of {spec}")
    native.slot = spec.slot
    native.ndim = spec.ndim
    native.itemsize = spec.dtype.itemsize
    native.axes = ints(spec.axes)
    native.is_full = spec.axes == tuple(range(spec.ndim))
    native.is_point = max(spec.axes) < 0
    return 0


cdef int fill_op(gl_op *op, object spec, int out) except -1:
    registers = (*spec.args, out)
    if len(registers) > GL_MAX_ARGS or not all([0 <= reg < out for reg in spec.args]):
        raise ValueError(f"registers of {spec}")
    op.n_args = len(registers)
    for i, reg in enumerate(registers):
        op.reg[i] = reg
    op.itemsize = spec.dtype.itemsize
    if isinstance(spec, LoopOp):
        gl_fill_loop(op, spec.loop)
    elif isinstance(spec, CastOp):
        op.kind = GL_CONVERT if spec.implicit else GL_CAST
        gl_fill_cast(op, <PyArray_Descr *>spec.source, <PyArray_Descr *>spec.dtype)
    else:
        op.kind = GL_WHERE
    return 0


cdef int fill_group(gl_group *group, object spec) except -1:
    cdef int first = len(spec.arrays) + len(spec.scalars) + len(spec.constants)
    group.n_regs = first + len(spec.ops)
    if group.n_regs > GL_MAX_REGS or len(spec.scalars) > GL_MAX_SCALARS or not 0 < len(spec.dims) <= GL_MAX_NDIM:
        raise ValueError("group is too large")
    group.ndim = len(spec.dims)
    group.dims = <npy_intp *>allocate(group.ndim, sizeof(npy_intp))
    for i, dim in enumerate(spec.dims):
        group.dims[i] = dim
    group.arrays = <gl_array_in *>allocate(len(spec.arrays), sizeof(gl_array_in))
    for i, source in enumerate(spec.arrays):
        fill_operand(&group.arrays[i], source, group.ndim)
        group.n_arrays += 1
    group.scalars = <gl_scalar_in *>allocate(len(spec.scalars), sizeof(gl_scalar_in))
    for i, source in enumerate(spec.scalars):
        group.scalars[i].slot = source.slot
        group.scalars[i].descr = <PyArray_Descr *>new_reference(source.dtype)
        group.n_scalars += 1
    group.constants = <char *>allocate(len(spec.constants), GL_CELL)
    group.n_constants = len(spec.constants)
    for i, value in enumerate(spec.constants):
        memcpy(&group.constants[i * GL_CELL], <char *>(<bytes>value), min(<int>len(value), <int>GL_CELL))
    group.ops = <gl_op *>allocate(len(spec.ops), sizeof(gl_op))
    for i, op in enumerate(spec.ops):
        fill_op(&group.ops[i], op, first + i)
        group.n_ops += 1
    return fill_places(group, spec, first)


cdef int fill_places(gl_group *group, object spec, int first) except -1:
    """Where results go, and what to run when the machine stands back."""
    group.outputs = <gl_output *>allocate(len(spec.outputs), sizeof(gl_output))
    if len(spec.buffers) != group.n_ops or min(spec.buffers, default=0) < -len(spec.outputs):
        raise ValueError("a result has no place")
    for i, output in enumerate(spec.outputs):
        if not first <= output.reg < group.n_regs:
            raise ValueError(f"{output} is no result")
        group.outputs[i].slot = output.slot
        group.outputs[i].reg = output.reg
        group.outputs[i].descr = <PyArray_Descr *>new_reference(output.dtype)
        group.n_outputs += 1
        if spec.buffers[output.reg - first] != -1 - i:
            raise ValueError(f"{output} has no array")
    fill_tails(group, spec)
    fill_stages(group, spec, first)
    group.scratch = ints(spec.buffers)
    group.n_buffers = max(max(spec.buffers, default=-1) + 1, 0)
    group.width = max([item.dtype.itemsize for item in (*spec.arrays, *spec.ops)])
    group.block = spec.block
    group.buffer = <size_t>group.width * (spec.block + GL_TAIL)
    group.strict = spec.strict
    group.shareable = spec.shareable
    group.ignored, group.forced = spec.ignored, spec.forced
    group.has_casts = any([isinstance(op, CastOp) for op in spec.ops])
    group.fallback = <gl_step *>allocate(len(spec.fallback), sizeof(gl_step))
    for i, step in enumerate(spec.fallback):
        group.n_fallback += 1
        fill_step(&group.fallback[i], step)
    return 0


cdef int fill_tails(gl_group *group, object spec) except -1:
    if len(spec.tails) > GL_MAX_TAILS or not (spec.tails or spec.outputs):
        raise ValueError("number of results")
    group.walk = <gl_walk><int>WALKS[spec.walk]
    group.reduced_from, group.reduced_to = spec.reduced
    if not 0 <= group.reduced_from <= group.reduced_to <= group.ndim:
        raise ValueError("axes that are reduced")
    group.tails = <gl_tail *>allocate(len(spec.tails), sizeof(gl_tail))
    group.needs_c = group.walk in (GL_ROWS, GL_COLUMNS)
    cdef gl_tail *native
    for i, tail in enumerate(spec.tails):
        if not 0 <= tail.reg < group.n_regs or group.walk == GL_PLAIN or len(tail.start) > GL_CELL:
            raise ValueError(f"{tail}")
        native = &group.tails[i]
        native.reg, native.slot = tail.reg, tail.slot
        native.op.itemsize = tail.dtype.itemsize
        native.descr = <PyArray_Descr *>new_reference(tail.dtype)
        native.keepdims = tail.keepdims
        memcpy(native.start, <char *>(<bytes>tail.start), len(tail.start))
        group.n_tails += 1
        if tail.kind in ARGS:
            gl_fill_arg(native, <PyArray_Descr *>tail.source, ARGS[tail.kind])
            group.needs_c = 1
            continue
        native.kind = <gl_tail_kind><int>TAIL_KINDS[tail.kind]
        gl_fill_loop(&native.op, tail.loop)
        native.mean, native.mean_limit = tail.mean, tail.mean_limit
    return 0


cdef int fill_stages(gl_group *group, object spec, int first) except -1:
    """Which operations may run as one function."""
    cdef int done = 0
    cdef gl_stage *native
    cdef Code code
    group.stages = <gl_stage *>allocate(len(spec.stages), sizeof(gl_stage))
    for i, stage in enumerate(spec.stages):
        regs = (*stage.inputs, *stage.outputs)
        own = range(first + stage.first, first + stage.first + stage.n_ops)
        if (stage.first < done or stage.n_ops < 0 or own.stop > group.n_regs
                or not (stage.n_ops or stage.first == group.n_ops and stage.reductions)
                or not all([0 <= tail < group.n_tails for tail in stage.reductions])
                or max(len(stage.inputs), len(stage.outputs)) > GL_MAX_OPERANDS
                or not all([0 <= reg < own.start for reg in stage.inputs])
                or not all([reg in own for reg in stage.outputs])):
            raise ValueError(f"registers of {stage}")
        done = stage.first + stage.n_ops
        code = stage.code
        native = &group.stages[i]
        native.first, native.n_ops = stage.first, stage.n_ops
        native.n_inputs, native.n_outputs = len(stage.inputs), len(stage.outputs)
        native.regs = ints(regs)
        native.sizes = ints(tuple([size_of(spec, reg) for reg in regs]))
        native.n_reductions = len(stage.reductions)
        native.reductions = ints(stage.reductions)
        native.code = &code.table
        native.owner = new_reference(code)
        for k in range(stage.first, done):
            if group.ops[k].checked:
                native.flagged = &group.ops[k]
        for k in stage.reductions:
            if group.tails[k].op.checked:
                native.flagged = &group.tails[k].op
        native.streams = can_stream(spec, stage, first)
        group.n_stages += 1
    compiled = {i for stage in spec.stages for i in range(stage.first, stage.first + stage.n_ops)}
    for i, op in enumerate(spec.ops):
        if i not in compiled and min(op.args) < group.n_arrays:
            group.loops_read_arrays = 1
    return 0


cdef bint can_stream(object spec, object stage, int first) except -1:
    """Whether all a stage stores are results of the group that nothing behind it reads, 4 bytes an element or more."""
    cdef int end = stage.first + stage.n_ops
    read = {reg for op in spec.ops[end:] for reg in op.args} | {tail.reg for tail in spec.tails}
    places = [reg - first for reg in stage.outputs]
    return bool(places) and not stage.reductions and all(
        [spec.buffers[i] < 0 and i + first not in read and spec.ops[i].dtype.itemsize >= 4 for i in places]
    )


cdef int size_of(object spec, int reg) except -1:
    """Bytes of an element of a register; scalars and constants stand still, whatever their size."""
    n_still = len(spec.scalars) + len(spec.constants)
    if reg < len(spec.arrays):
        return spec.arrays[reg].dtype.itemsize
    return spec.ops[max(reg - len(spec.arrays) - n_still, 0)].dtype.itemsize


cdef int fill_step(gl_step *step, object spec) except -1:
    step.frees = ints(spec.frees)
    step.n_frees = len(spec.frees)
    if isinstance(spec, Fused):
        step.kind = GL_FUSED
        step.group = <gl_group *>allocate(1, sizeof(gl_group))
        return fill_group(<gl_group *>step.group, spec)
    if isinstance(spec, Bands):
        step.kind = GL_BANDS
        step.bands = <gl_bands *>allocate(1, sizeof(gl_bands))
        return fill_bands(step.bands, spec)
    step.n_args = len(spec.args)
    step.args = ints(spec.args)
    step.out = -1 if spec.out is None else spec.out
    if isinstance(spec, Call):
        fill_call(step, spec)
    elif isinstance(spec, Build):
        step.kind = <gl_step_kind><int>BUILD_KINDS[spec.kind]
        step.name = text(spec.kind)
    else:
        raise TypeError(f"not a step: {spec!r}")
    return 0


cdef int fill_bands(gl_bands *bands, object spec) except -1:
    outputs = [output.slot for output in spec.outputs]
    written = [slot for part in spec.steps for slot in part.writes if slot not in outputs]
    if not outputs or len(outputs) + len(spec.by_rows) > GL_MAX_BANDED:
        raise ValueError("number of arrays in bands")
    bands.along = spec.along
    bands.inputs = ints(spec.by_rows)
    bands.n_inputs = len(spec.by_rows)
    bands.written = ints((*outputs, *written))
    bands.n_written = len(outputs) + len(written)
    bands.outputs = <gl_band_output *>allocate(len(outputs), sizeof(gl_band_output))
    for i, output in enumerate(spec.outputs):
        bands.outputs[i].slot = output.slot
        bands.outputs[i].descr = <PyArray_Descr *>new_reference(output.dtype)
        bands.outputs[i].dims = <npy_intp *>allocate(len(output.dims), sizeof(npy_intp))
        for k, dim in enumerate(output.dims):
            bands.outputs[i].dims[k] = dim
        bands.outputs[i].ndim = len(output.dims)
        bands.n_outputs += 1
    bands.steps = <gl_step *>allocate(len(spec.steps), sizeof(gl_step))
    for i, part in enumerate(spec.steps):
        bands.n_steps += 1
        fill_step(&bands.steps[i], part)
    return 0


cdef int check_plan(object plan) except -1:
    """Every slot is written once, before it is read, and read no more once freed."""
    live = set(range(len(plan.inputs) + len(plan.constants)))
    permanent = frozenset(live)
    written = set(live)
    for step in plan.steps:
        check_step(step, plan.n_slots, permanent, live, written)
    if not live.issuperset(plan.outputs):
        raise ValueError("an output has no value")
    return 0


cdef int check_step(object step, int n_slots, frozenset permanent, set live, set written) except -1:
    if not live.issuperset(step.reads):
        raise ValueError(f"{step} reads a slot without a value")
    parts = step.fallback if isinstance(step, Fused) else step.steps if isinstance(step, Bands) else None
    if parts is not None:
        inner_live, inner_written = set(live), set(written)
        for part in parts:
            check_step(part, n_slots, permanent, inner_live, inner_written)
        if inner_live != live.union(step.writes):
            raise ValueError(f"{step}: its parts leave other values")
    for slot in step.writes:
        if slot in written or not 0 <= slot < n_slots:
            raise ValueError(f"{step} writes a slot twice")
        live.add(slot)
        written.add(slot)
    if not (live - permanent).issuperset(step.frees):
        raise ValueError(f"{step} frees a slot without a value")
    live.difference_update(step.frees)
    return 0


cdef bint is_c_step(object step):
    """No Python function is called, whatever the sizes."""
    if isinstance(step, Call):
        return isinstance(step.fn, C_FUNCTIONS)
    parts = step.fallback if isinstance(step, Fused) else step.steps if isinstance(step, Bands) else ()
    return all([is_c_step(part) for part in parts])


def loop_facts(capsule):
    """Whether an inner loop needs the interpreter, and whether NumPy looks at the flags it raises."""
    cdef int requires_python = 0, checked = 0
    gl_loop_facts(capsule, &requires_python, &checked)
    return bool(requires_python), bool(checked)


def scalar_bytes(value, dtype):
    """A scalar as NumPy converts it to a dtype when it meets an array; None if it would not, or would warn."""
    cdef char cell[64]
    memset(cell, 0, 64)
    if gl_convert_scalar(cell, value, <PyArray_Descr *>dtype) < 0:
        return None
    return cell[:dtype.itemsize]


def with_warnings_raised(fn, *args):
    """``fn(*args)``, where a warning issued by this thread is an exception.

    The filters belong to all threads, so only one can do this at a time; another waits, and in the end goes without.
    """
    cdef PyObject *filters = NULL
    cdef PyObject *trapped = NULL
    if gl_warnings_trapped_by() == get_ident():
        return fn(*args)
    for _ in range(100):
        trapped = gl_warnings_trap(&filters)
        if trapped != NULL:
            break
        PyErr_Clear()
        sleep(0.001)
    try:
        return fn(*args)
    finally:
        if trapped != NULL:
            gl_warnings_restore(trapped, filters)


cdef long long compiled_work = 0, interpreted_work = 0


cdef void add_to_work(long long compiled, long long interpreted) noexcept:
    global compiled_work, interpreted_work
    compiled_work += compiled
    interpreted_work += interpreted


def work():
    """Operations of groups times elements since the start: in compiled code, and in NumPy's loops on blocks."""
    return compiled_work, interpreted_work


def stream_from(npy_intp n_bytes):
    """Results that together have so many bytes are stored past the cache; returns what it was before."""
    global gl_stream_from
    before = gl_stream_from
    gl_stream_from = n_bytes
    return before


def pool_bytes():
    """Bytes of blocks that wait for the next array."""
    return gl_pool_bytes()


def clear_pool():
    """Give those back to the system."""
    gl_pool_clear()


def limit_threads(int n_threads, bint is_firm):
    """At most so many threads share work; ``is_firm``: even if the process may run on fewer processors."""
    gl_threads_limit(n_threads, is_firm)


def share_from(long long ns):
    """Several threads share work that takes so long; 0: all work that has parts."""
    gl_share_from(ns)


def threads():
    """How many threads may share work now, how many helpers there are; how often work was shared, a helper helped."""
    return gl_threads_allowed(), gl_threads_alive(), gl_n_shared(), gl_threads_helped()


def stop_threads():
    """Waits for helpers to be gone; others come when there is work."""
    gl_threads_stop()


cdef extern from "Python.h":
    int Py_AtExit(void (*)() noexcept) noexcept


Py_AtExit(gl_threads_stop)


cdef class BlockKernel(Kernel):
    """Runs a plan. Called from Python it returns the tuple of outputs, or None when it declined."""

    cdef gl_plan *native
    cdef readonly object plan
    cdef readonly int status
    cdef readonly int n_nodewise  # groups of the last run that were left to NumPy, for their layout or sizes
    cdef readonly long long n_compiled, n_interpreted  # operations of groups times elements, in all runs
    cdef object on_wish  # called without arguments when some stage would like to have a function

    def __cinit__(self, object plan, object on_wish=None):
        check_plan(plan)
        self.plan = plan
        self.on_wish = on_wish
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
        self.is_c = all([is_c_step(step) for step in plan.steps])
        native.n_slots = plan.n_slots
        native.n_syms = plan.n_syms

    def __dealloc__(self):
        if self.native != NULL:
            gl_plan_free(self.native)

    @property
    def exact_threads(self):
        """How many threads share large work; 0: as many as were measured to be good."""
        return self.native.exact_threads

    @exact_threads.setter
    def exact_threads(self, int value):
        self.native.exact_threads = min(max(value, 0), <int>GL_MAX_THREADS)

    @property
    def most_threads(self):
        """How many threads share large work at most; 0: as many as there may be."""
        return self.native.most_threads

    @most_threads.setter
    def most_threads(self, int value):
        self.native.most_threads = min(max(value, 0), <int>GL_MAX_THREADS)

    cdef int run(self, PyObject** inputs, PyObject** outputs) noexcept:
        cdef gl_run_state state
        cdef int status = gl_run(self.native, inputs, outputs, &state)
        self.n_nodewise = state.n_nodewise
        self.n_compiled += state.n_compiled
        self.n_interpreted += state.n_interpreted
        add_to_work(state.n_compiled, state.n_interpreted)
        if state.wants_code and self.on_wish is not None:
            self.wish()
        if status != KERNEL_OK:
            self.explain(&state)
        return status

    cdef int wish(self) noexcept:
        """Whatever comes of it, the run has succeeded or not without it."""
        try:
            self.on_wish()
        except Exception:
            self.on_wish = None
        return 0

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
