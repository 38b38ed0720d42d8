"""The block machine as a kernel: a plan (``plan.py``) turned into native structs, run in one C call."""

import builtins
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

from graphlet.core.pristine import np

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


include "_fill.pxi"


# Ufuncs, C functions, and methods of C types.
cdef tuple C_FUNCTIONS = (np.ufunc, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)


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


cdef int check_placed(object plan) except -1:
    """Nothing comes behind the step, and nobody else sees what it writes."""
    cdef object last = plan.steps[-1]
    cdef object placed = plan.placed
    if not isinstance(last, Fused) or last.walk != "plain" or not last.shareable or placed.value not in last.writes:
        raise ValueError(f"{placed}: not of the last step")
    if plan.outputs.count(placed.value) != 1 or placed.root >= len(plan.inputs):
        raise ValueError(f"{placed}: others see the value")
    return 0


cdef int operations_of(object steps) except -1:
    """How many operations all groups have."""
    cdef int count = 0
    for step in steps:
        if isinstance(step, Fused):
            count += len(step.ops) + len(step.tails)
        elif isinstance(step, Bands):
            count += operations_of(step.steps)
    return count


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


def broadcast_size(*arrays):
    """How many elements a result of these arrays has, if their shapes go together; -1 if one is no array."""
    return gl_broadcast_size(arrays)


def stream_from(npy_intp n_bytes):
    """Results that together have so many bytes are stored past the cache; returns what it was before."""
    global gl_stream_from
    before = gl_stream_from
    gl_stream_from = n_bytes
    return before


def placed_from(npy_intp n_bytes):
    """Results of so many bytes may go straight into memory that was there before; returns what it was before."""
    global gl_placed_from
    before = gl_placed_from
    gl_placed_from = n_bytes
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
    cdef gl_plan *before  # what it was made with; another thread may be running it
    cdef readonly object plan
    cdef readonly int status
    cdef readonly int n_nodewise  # groups of the last run that were left to NumPy, for their layout or sizes
    cdef readonly long long n_placed  # results, in all runs, that went straight into memory which was there before
    cdef readonly long long n_compiled, n_interpreted  # operations of groups times elements, in all runs
    cdef object on_wish  # called with the kernel when some stage would like to have a function, or patience has ended
    cdef long long patience  # operations times elements to run before it is to be arranged; 0: it has its stages
    cdef int n_operations  # of all groups
    cdef bint has_run

    def __cinit__(self, object plan, object on_wish=None, long long patience=0):
        self.native = filled(plan)
        self.plan = plan
        self.on_wish = on_wish
        self.patience = patience
        self.n_operations = operations_of(plan.steps)
        self.n_inputs, self.n_outputs = self.native.n_inputs, self.native.n_outputs
        self.is_c = all([is_c_step(step) for step in plan.steps])

    def __dealloc__(self):
        if self.native != NULL:
            gl_plan_free(self.native)
        if self.before != NULL:
            gl_plan_free(self.before)

    def arrange(self, object plan, object on_wish):
        """From the next run on this plan of the same graph is in use, whose stages may have functions."""
        if self.before != NULL:
            raise ValueError("it has been arranged")
        cdef gl_plan *native = filled(plan)
        native.exact_threads, native.most_threads = self.native.exact_threads, self.native.most_threads
        self.before, self.native = self.native, native
        self.plan, self.on_wish, self.patience = plan, on_wish, 0

    def refuse(self, what):
        """It cannot be arranged, and goes on as it is."""
        self.on_wish = None

    @property
    def is_direct(self):
        """Whether small dense arrays go straight through its one group."""
        return self.native.direct != NULL

    @property
    def n_lent(self):
        """How many steps lend views to groups, which are not made anew for each run."""
        return sum([self.native.steps[i].lent != NULL for i in range(self.native.n_steps)])

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
        self.n_placed += state.n_placed
        self.n_compiled += state.n_compiled
        self.n_interpreted += state.n_interpreted
        add_to_work(state.n_compiled, state.n_interpreted)
        self.awaits_code = self.on_wish is not None and (
            self.is_worn_out(state.n_interpreted) if self.patience else state.wants_code
        )
        if self.awaits_code:
            self.wish()
        if status != KERNEL_OK:
            self.explain(&state)
        return status

    cdef bint is_worn_out(self, npy_intp work) noexcept:
        """Whether it has run for long enough to be arranged; what runs only once is not."""
        self.patience = max(self.patience - work - GL_BEGINNING * self.n_operations, 1)
        was_first, self.has_run = not self.has_run, True
        return self.patience == 1 and not was_first

    cdef int wish(self) noexcept:
        """Whatever comes of it, the run has succeeded or not without it."""
        try:
            self.on_wish(self)
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
