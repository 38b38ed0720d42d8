"""Specialisations: one way through a region, from live-ins to live-outs, with nothing published before all is sure."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject

from graphlet._publish cimport leaf, publish, store
from graphlet.runtime._kernel cimport KERNEL_DECLINED, KERNEL_MISMATCH, KERNEL_OK
from graphlet.runtime._streams cimport Streams, begin, finish

from graphlet.core.errors import MismatchError

cdef extern from "native_frame.h":
    bint gl_is_ordinary_exception() noexcept
    PyObject* gl_take_exception() noexcept
    ctypedef struct PyThreadState:
        pass
    PyThreadState* gl_thread_state() noexcept
    PyObject* gl_running_code(PyThreadState*) noexcept
    bint gl_starts_reported(PyObject*) noexcept
    bint gl_anything_reported(PyObject*) noexcept

cdef extern from "Python.h":
    PyObject* PyObject_Vectorcall(PyObject*, PyObject**, size_t, PyObject*) noexcept
    PyObject* PyTuple_GET_ITEM(tuple, Py_ssize_t) noexcept
    PyObject* PyErr_Occurred() noexcept
    int PyErr_ExceptionMatches(object) noexcept
    void PyErr_Clear() noexcept
    void PyErr_SetObject(object, object) noexcept

cdef enum:
    N_SLOTS_ON_STACK = 96

cdef object MISMATCH = MismatchError


cdef class PyKernel(Kernel):
    """A kernel that calls Python: ``call(*inputs)`` gives a tuple or list of ``n_outputs`` objects.

    An exception or any other result declines; so whoever makes ``call`` has NumPy raise where it would warn.
    MismatchError, KeyboardInterrupt and its like are not swallowed: they stay set, which other kernels never do.
    """

    def __init__(self, call, int n_inputs, int n_outputs):
        if not callable(call):
            raise TypeError(f"a kernel calls something, got {type(call).__name__}")
        if n_inputs < 0 or n_outputs < 0:
            raise ValueError(f"{n_inputs} inputs and {n_outputs} outputs")
        self.call = call
        self.n_inputs = n_inputs
        self.n_outputs = n_outputs

    cdef int run(self, PyObject** inputs, PyObject** outputs) noexcept:
        cdef PyObject* results = PyObject_Vectorcall(<PyObject*>self.call, inputs, self.n_inputs, NULL)
        cdef PyObject* error
        if results == NULL:
            if PyErr_ExceptionMatches(MISMATCH):
                return KERNEL_DECLINED
            error = gl_take_exception()
            if error != NULL:
                self.note(<object>error)
                Py_DECREF(<object>error)
            return KERNEL_DECLINED
        cdef int verdict = self.take(<object>results, outputs)
        Py_DECREF(<object>results)
        return verdict

    cdef int take(self, object results, PyObject** outputs) noexcept:
        cdef int i
        if not isinstance(results, (tuple, list)) or len(results) != self.n_outputs:
            self.last_decline = f"returned {type(results).__name__}, expected a tuple of {self.n_outputs}"
            return KERNEL_DECLINED
        cdef tuple items = tuple(results)
        for i in range(self.n_outputs):
            outputs[i] = PyTuple_GET_ITEM(items, i)
            Py_INCREF(<object>outputs[i])
        return KERNEL_OK

    cdef void note(self, object error) noexcept:
        """Keep an exception's text; the exception itself holds frames, and so arrays."""
        try:
            self.last_decline = f"{type(error).__name__}: {error}"
        except Exception:
            self.last_decline = type(error).__name__


cdef class Specialization:
    """One way through a region: guards, what the kernel gets, and what becomes of its outputs.

    input_registers    for each kernel input, the guard program's register it comes from
    exit               number of the stub's exit to leave by
    temps, liveouts    recipes (see Epilogue): shared objects, then the values of stores and pushes in the stub's order
    commits            (target, value), recipes or plain numbers of kernel outputs; with an index behind them
                       (a recipe) only the elements that it names are written
    stores             what is stored in existing objects behind the commits (see Epilogue)
    array_ops          array operations as the user wrote them
    inlined            addresses of the code objects of Python functions that run as part of the graph. The guards must
                       see to it that they are alive. The specialisation declines while a tool wants to see them run.
    draws              whether the kernel draws random numbers, which is taken back if it declines
    drops              slots of the frame that plainly let go of what they hold where the region begins
    n_left             how many of these, from the first, do not in the region: what they would get is not read again
    """

    def __cinit__(
        self,
        str name not None,
        GuardProgram guards not None,
        input_registers,
        Kernel kernel not None,
        int exit,
        temps,
        liveouts,
        commits,
        int array_ops=0,
        inlined=(),
        stores=(),
        bint draws=False,
        int for_exits=0,
        drops=(),
        int n_left=0,
    ):
        self.name = name
        self.guards = guards
        self.kernel = kernel
        self.input_registers = tuple(input_registers)
        self.exit = exit
        self.array_ops = array_ops
        self.draws = draws
        self.for_exits = for_exits
        self.last_failed_guard = -1
        self.n_inputs = kernel.n_inputs
        self.n_outputs = kernel.n_outputs
        self.n_registers = guards.n_registers
        self.epilogue = Epilogue(temps, liveouts, stores, self.n_outputs, self.n_registers)
        self.commits = Commits(commits, self.n_outputs, self.n_registers)
        self.n_commits = self.commits.n_commits
        self.check()
        used = {*self.input_registers, *self.epilogue.registers, *self.commits.registers}
        loaded = sorted([register for register in used if register >= guards.n_live_ins])
        self.n_pins = len(loaded)
        self.is_plain = (
            self.n_commits == self.epilogue.n_stores == self.n_pins == 0 and self.n_outputs == 1 and not draws
            and self.epilogue.is_output() and not guards.owns
        )
        self.inputs = allocate_ints(self.input_registers)
        self.pins = allocate_ints(loaded)
        self.inlined = allocate_pointers(inlined)
        self.n_inlined = len(inlined)
        self.drops = allocate_ints(drops)
        self.n_drops = len(drops)
        self.n_left = n_left

    def __dealloc__(self):
        PyMem_Free(self.inputs)
        PyMem_Free(self.pins)
        PyMem_Free(self.inlined)
        PyMem_Free(self.drops)

    def __repr__(self):
        return f"<Specialization {self.name}: exit {self.exit}, {self.hits} hits, {self.misses} misses>"

    cdef check(self):
        if len(self.input_registers) != self.n_inputs:
            raise ValueError(f"kernel takes {self.n_inputs} inputs, got {len(self.input_registers)} registers")
        for register in self.input_registers:
            if not 0 <= register < self.n_registers:
                raise ValueError(f"input register {register}: there are {self.n_registers}")
        if self.exit < 0:
            raise ValueError(f"exit {self.exit}: exits count from 0")

    def swap_kernel(self, Kernel kernel not None):
        """Use another kernel with the same inputs and outputs from the next call on."""
        if kernel.n_inputs != self.n_inputs or kernel.n_outputs != self.n_outputs:
            raise ValueError(
                f"expected {self.n_inputs} inputs and {self.n_outputs} outputs,"
                f" got {kernel.n_inputs} and {kernel.n_outputs}"
            )
        self.kernel = kernel


cdef int* allocate_ints(numbers) except NULL:
    cdef int* made = <int*>PyMem_Malloc((len(numbers) + 1) * sizeof(int))
    if made == NULL:
        raise MemoryError
    for i, number in enumerate(numbers):
        made[i] = number
    return made


cdef PyObject** allocate_pointers(addresses) except NULL:
    cdef PyObject** made = <PyObject**>PyMem_Malloc((len(addresses) + 1) * sizeof(PyObject*))
    if made == NULL:
        raise MemoryError
    for i, address in enumerate(addresses):
        made[i] = <PyObject*><size_t>address
    return made


cdef Verdict run_one(
    Specialization spec,
    PyObject** live_ins,
    PyObject* globals_,
    int n_exits,
    bint bare,
    PyObject** result,
    Reason* reason,
) noexcept:
    """Try one specialisation. HIT: ``result`` is a new reference. RAISED: an exception is set."""
    cdef PyObject* on_stack[N_SLOTS_ON_STACK]
    cdef PyObject** slots = on_stack
    cdef int n_slots = spec.n_registers + spec.n_inputs + spec.n_outputs
    cdef Verdict verdict
    if n_slots > N_SLOTS_ON_STACK:
        slots = <PyObject**>PyMem_Malloc(n_slots * sizeof(PyObject*))
        if slots == NULL:
            reason[0] = LIVE_OUTS
            return DECLINED
    verdict = guard(spec, live_ins, globals_, n_exits, slots)
    if verdict == HIT and spec.n_inlined and is_seen_inside(spec):
        spec.guards.release(slots)
        reason[0] = WATCHED
        verdict = DECLINED
    elif verdict == HIT and bare and spec.is_plain:
        verdict = execute_plain(spec, slots, result, reason)
    elif verdict == HIT:
        verdict = execute(spec, n_exits, bare, slots, result, reason)
    if slots != on_stack:
        PyMem_Free(slots)
    return verdict


cdef bint is_seen_inside(Specialization spec) noexcept:
    """Whether a tool is to be told of calls that the graph does not make."""
    cdef int i
    if gl_starts_reported(gl_running_code(gl_thread_state())):
        return True
    for i in range(spec.n_inlined):
        if gl_anything_reported(spec.inlined[i]):
            return True
    return False


cdef inline Verdict guard(
    Specialization spec, PyObject** live_ins, PyObject* globals_, int n_exits, PyObject** registers
) noexcept:
    """HIT: the registers are filled, and to be released."""
    cdef int failing = spec.guards.run(live_ins, globals_, registers)
    if failing >= 0:
        spec.last_failed_guard = failing
        return MISSED
    if spec.exit >= n_exits:
        spec.guards.release(registers)
        return NO_SUCH_EXIT
    return HIT


cdef inline Verdict execute(
    Specialization spec, int n_exits, bint bare, PyObject** registers, PyObject** result, Reason* reason
) noexcept:
    """Kernel and hand-over, with the registers filled; releases them."""
    cdef PyObject** inputs = registers + spec.n_registers
    cdef PyObject** outputs = inputs + spec.n_inputs
    cdef Kernel kernel = spec.kernel  # held: it may be swapped while it runs
    cdef Streams streams = begin() if spec.draws else None
    cdef Verdict verdict
    cdef int i
    cdef int code
    for i in range(spec.n_pins):
        Py_INCREF(<object>registers[spec.pins[i]])
    for i in range(spec.n_inputs):
        inputs[i] = registers[spec.inputs[i]]
    code = kernel.run(inputs, outputs)
    if code == KERNEL_OK:
        if bare and spec.n_commits == 0 and spec.epilogue.n_stores == 0 and spec.epilogue.only is not None:
            result[0] = leaf(spec.epilogue.only, registers, outputs)
            verdict = HIT
        else:
            verdict = hand_over(spec, n_exits, bare, registers, outputs, result, reason)
        for i in range(spec.n_outputs):
            Py_DECREF(<object>outputs[i])
    else:
        verdict = stand_down(spec, code, reason)
    if streams is not None:
        finish(streams, verdict == HIT)
    for i in range(spec.n_pins):
        Py_DECREF(<object>registers[spec.pins[i]])
    spec.guards.release(registers)
    return verdict


cdef Verdict execute_plain(
    Specialization spec, PyObject** registers, PyObject** result, Reason* reason
) noexcept:
    """The same where there is nothing to hold, to release and to make: the kernel's result is handed over."""
    cdef PyObject** inputs = registers + spec.n_registers
    cdef PyObject* kernel = <PyObject*>spec.kernel  # held: it may be swapped while it runs
    cdef int i
    cdef int code
    for i in range(spec.n_inputs):
        inputs[i] = registers[spec.inputs[i]]
    Py_INCREF(<object>kernel)
    code = (<Kernel>kernel).run(inputs, result)
    Py_DECREF(<object>kernel)
    return HIT if code == KERNEL_OK else stand_down(spec, code, reason)


cdef Verdict stand_down(Specialization spec, int code, Reason* reason) noexcept:
    """What it means that the kernel gave nothing."""
    if code == KERNEL_MISMATCH:
        spec.last_failed_guard = -2
        return MISSED
    reason[0] = KERNEL
    return DECLINED if no_interrupt() else RAISED


cdef bint no_interrupt() noexcept:
    """No exception is set that must get through; an ordinary one, which no kernel should leave, is cleared."""
    if PyErr_Occurred() == NULL:
        return True
    if not gl_is_ordinary_exception() or PyErr_ExceptionMatches(MISMATCH):
        return False
    PyErr_Clear()
    return True


cdef Verdict hand_over(
    Specialization spec,
    int n_exits,
    bint bare,
    PyObject** registers,
    PyObject** outputs,
    PyObject** result,
    Reason* reason,
) noexcept:
    """Make everything ready, then write, then it counts."""
    cdef list writes = None
    cdef list stored = None
    cdef object handed
    reason[0] = COMMIT
    try:
        if spec.n_commits:
            writes = spec.commits.prepare(registers, outputs)
            if writes is None:
                return DECLINED
        reason[0] = LIVE_OUTS
        if spec.epilogue.n_stores:
            stored = []
        handed = spec.epilogue.build(registers, outputs, stored)
        if bare:
            handed = (<tuple>handed)[0]
        elif n_exits != 1:
            handed = (handed, spec.exit)
    except Exception:
        return DECLINED
    except BaseException as error:
        PyErr_SetObject(type(error), error)
        return RAISED
    if writes is not None and not publish(writes):
        # Out of memory half-way: the original instructions must not repeat what is done.
        return RAISED
    if stored is not None and not store(spec.epilogue, stored):
        return RAISED
    Py_INCREF(handed)
    result[0] = <PyObject*>handed
    return HIT
