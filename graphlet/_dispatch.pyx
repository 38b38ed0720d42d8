"""Regions: what a stub calls. Finds the specialisation whose guards hold, runs its kernel, hands back the live-outs.

A region publishes everything or nothing: on any doubt it declines (returns None), having changed nothing, and the
original instructions run. Ownership goes one way, since the garbage collector does not look into code objects:
code -> StubHandle -> Region -> Specialization; ``on_miss`` must hold the function it serves weakly, if at all.
"""

cimport cython
cimport numpy as cnp
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from cpython.tuple cimport PyTuple_GET_SIZE
from libc.stdint cimport int64_t

from graphlet._specialization cimport (
    ASLEEP, CALL, DECLINED, GUARDS, HIT, KERNEL, MISSED, NO_SUCH_EXIT, OLD_CODE, POSTPONED, RAISED, SLOWER,
    SWITCHED_OFF, TRIAL, WATCHED, PyKernel, Reason, Specialization, Verdict, run_one,
)
from graphlet._work cimport ask, is_busy, may_learn_more, retire, set_limit, tell, watcher
from graphlet.runtime._kernel cimport Kernel

from graphlet.core.empty import EMPTY

cnp.import_array()

cdef extern from "Python.h":
    ctypedef PyObject* (*vectorcallfunc)(PyObject*, PyObject* const*, size_t, PyObject*) noexcept
    Py_ssize_t PyVectorcall_NARGS(size_t) noexcept
    PyObject* PyTuple_GET_ITEM(tuple, Py_ssize_t) noexcept
    object PyVectorcall_Call(object, tuple, PyObject* kwnames)

cdef extern from "native_frame.h":
    ctypedef struct PyThreadState:
        pass
    PyThreadState* gl_thread_state() noexcept
    bint gl_watched(PyThreadState*) noexcept
    PyObject* gl_running_globals(PyThreadState*) noexcept
    PyObject* gl_running_code(PyThreadState*) noexcept
    PyObject* gl_running_slot(PyThreadState*, int) noexcept
    bint gl_finalizing() noexcept
    PyObject* gl_hold_handled(PyThreadState*) noexcept
    void gl_put_back_handled(PyThreadState*, PyObject*) noexcept
    void gl_use_vectorcall(type, Py_ssize_t offset)

cdef enum:
    PATIENCE = 8        # calls without a hit before a region sleeps
    OUTDATED_OFTEN = 16  # calls from code without the exit until an earlier end is looked for; then so many times more
    WARNED_OFTEN = 3    # calls in a row that a kernel did not finish, before the learner looks for the operation
    LONGEST_SLEEP = 1024  # calls
    LONG_POSTPONED = 12  # times in a row: some hundred calls, most of them asleep
    DEFAULT_BUDGET = 64
    MOST_LIVE_INS = 256
    OFFERED_EVERY = 16  # hits
    LONG_IDLE = 16384   # calls without a run

include "_totals.pxi"
include "_costs.pxi"


@cython.final
cdef class Region:
    """One entry point's specialisations, and whom to ask when none fits.

    on_miss(region, live_ins, globals) returns True if it added a specialisation that may fit: that is tried at once.
    ``telling`` says what of the frame may not be let go of in it, ``noticed`` what may not be left behind.
    ``declining`` is set if a kernel did not finish, call after call, ``exits_at_hand`` where code that runs for long
    has no such exit as those used. Exceptions go to sys.unraisablehook, but for GraphBreakError, PerformanceWarning and
    what is no Exception. It is never called inside itself on a thread, nor for a region by two threads at a time; if
    its ``frugal`` is true, only while learning takes no more than its share.
    on_idle.retire() is called when it has run nothing for long, or has been measured to be slower time and again.
    """

    cdef readonly str name
    cdef readonly long long hits
    # Calls for which no specialisation fitted (those learned from included).
    cdef readonly long long misses
    cdef readonly long long native_ops
    cdef readonly long long python_ops
    # Bytes of the original code: where it begins, and where the graph ends that goes furthest.
    cdef readonly int begins
    cdef public int reaches
    # Array operations the interpreter runs when a call is declined: those of the last specialisation in use.
    cdef public int typical_ops
    cdef object __weakref__
    cdef object _on_miss
    cdef public object on_idle
    cdef tuple _specs
    cdef long long _declines[N_REASONS]
    cdef long long _budget
    cdef Py_ssize_t latest     # position of the specialisation that hit last
    cdef bint cold             # nothing to run and nobody to ask
    cdef bint learning
    # on_miss is called since a kernel did not finish, call after call, though the guards of its specialisation hold.
    cdef readonly bint declining
    # on_miss is called since a frame runs older code, which has so many exits and not those that are used; else 0.
    cdef readonly int exits_at_hand
    # Slots of the frame that are in use where the region begins: locals, cells, free variables, stack.
    cdef public int n_frame_slots
    # Where on_miss is called: those with objects whose going somebody can tell; those of them that nobody else holds.
    cdef readonly tuple noticed, telling
    cdef long long outdated, outdated_due  # calls from such frames, and how many until on_miss is called
    cdef bint frugal
    cdef int postponed         # times in a row
    cdef int streak            # calls in a row without a hit
    cdef int sleep_left        # calls
    cdef int next_sleep
    cdef int idle              # calls since the last run, as far as they are counted
    cdef gl_costs costs

    def __cinit__(self, str name not None, int begins=0):
        self.name = name
        self.begins = self.reaches = begins
        self.outdated_due = OUTDATED_OFTEN
        self._specs = self.noticed = self.telling = ()
        self._budget = DEFAULT_BUDGET
        gl_costs_start(&self.costs)
        self.refresh()

    def __dealloc__(self):
        gl_costs_drop(&self.costs)

    def __repr__(self):
        return f"<Region {self.name}: {len(self._specs)} specializations, {self.hits} hits, {self.misses} misses>"

    cdef void refresh(self) noexcept:
        """After a change: look afresh, and wake up."""
        self.cold = PyTuple_GET_SIZE(self._specs) == 0 and (self._on_miss is None or self._budget <= 0)
        self.latest = 0
        self.postponed = 0
        self.streak = 0
        self.sleep_left = 0
        self.next_sleep = PATIENCE

    @property
    def on_miss(self):
        return self._on_miss

    @on_miss.setter
    def on_miss(self, value):
        if value is not None and not callable(value):
            raise TypeError(f"on_miss is called or None, got {type(value).__name__}")
        self._on_miss = value
        self.frugal = getattr(value, "frugal", False)
        self.refresh()

    @property
    def budget(self):
        """How many more times on_miss may be called."""
        return self._budget

    @budget.setter
    def budget(self, long long value):
        self._budget = value
        self.refresh()

    @property
    def specializations(self):
        """All specialisations, newest first."""
        return self._specs

    @property
    def declines(self):
        """Calls that the original instructions had to run; those of a region with nothing to run are not counted."""
        return sum(self.decline_reasons.values())

    @property
    def decline_reasons(self):
        """How many calls were declined for which reason."""
        return reasons_as_dict(self._declines)

    @property
    def asleep(self):
        """Calls to decline unseen, after many declines in a row."""
        return self.sleep_left

    @property
    def resting(self):
        """Calls to decline because NumPy alone was measured to be faster: the most of any class of sizes."""
        return gl_costs_rest_left(&self.costs)

    @property
    def measured(self):
        """By class of the largest array's size: (least elements, ns with the graph, ns without, calls left to rest)."""
        return measured_in(&self.costs)

    @property
    def is_idle(self):
        """Nothing has run for many calls."""
        return self.idle >= LONG_IDLE

    @property
    def is_settled(self):
        """NumPy has been measured to be faster time and again, for some class of sizes."""
        return self.costs.is_settled

    @property
    def dormant(self):
        """Calls to decline whatever they bring: asleep, resting for all sizes, or for good (then a long sleep's)."""
        resting = gl_costs_all_rest(&self.costs) if may_try else 0
        return <int>LONGEST_SLEEP if self.cold else max(self.sleep_left, resting)

    def sleep_through(self, int n_calls):
        """So many calls came by where no stub was: they count as slept."""
        sleep_through(self, n_calls)

    def trust(self):
        """From now on it is never on trial, and never rests."""
        gl_costs_trust(&self.costs)

    def doubt(self, bint on):
        """Whether NumPy alone is expected to be faster: then it is on trial soon, and has to show that it pays."""
        gl_costs_doubt(&self.costs, on)

    def add(self, Specialization spec not None):
        """Add a specialisation in front of the others."""
        self._specs = (spec, *self._specs)
        self.typical_ops = spec.array_ops
        gl_costs_wake(&self.costs)
        self.refresh()

    def clear(self):
        """Drop all specialisations; the ones that run finish."""
        self._specs = ()
        self.refresh()


include "_declines.pxi"
include "_going.pxi"


cdef void note_hit(Region region, Specialization spec) noexcept:
    global total_hits, total_native_ops
    spec.hits += 1
    region.hits += 1
    region.native_ops += spec.array_ops
    region.typical_ops = spec.array_ops
    region.streak = 0
    region.idle = 0
    region.next_sleep = PATIENCE
    total_hits += 1
    total_native_ops += spec.array_ops
    if watcher is not None:
        tell(spec.name, spec.array_ops, "")


cdef Verdict run_region(
    StubHandle handle, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_, PyObject** result, Reason* reason
) noexcept:
    """Try the specialisation that hit last, then the others."""
    cdef Region region = handle.region
    cdef tuple specs = region._specs  # held: it may be replaced while one of them runs
    cdef Py_ssize_t n_specs = PyTuple_GET_SIZE(specs)
    cdef Py_ssize_t first = region.latest if region.latest < n_specs else 0
    cdef Py_ssize_t turn, position
    cdef Specialization spec
    cdef Verdict verdict
    cdef Verdict outcome = MISSED
    for turn in range(n_specs):
        position = first if turn == 0 else (turn if turn > first else turn - 1)
        spec = <Specialization>PyTuple_GET_ITEM(specs, position)
        if spec.guards.n_live_ins != n_live_ins or 0 < spec.for_exits < handle.n_exits:
            continue
        if spec.n_drops and tells_in_frame(spec, live_ins, n_live_ins):
            spec.misses += 1
            continue
        verdict = run_one(spec, live_ins, globals_, handle.n_exits, handle.bare, result, reason)
        if verdict == HIT:
            note_hit(region, spec)
            region.latest = position
            return HIT
        if verdict == DECLINED or verdict == RAISED:
            spec.declines += 1
            return verdict
        if verdict == MISSED:
            spec.misses += 1
        if verdict == NO_SUCH_EXIT:
            outcome = verdict
    return outcome


cdef bint may_ask(Region region) noexcept:
    return (
        may_learn
        and region._on_miss is not None
        and region._budget > 0
        and not region.learning
        and not is_busy()
        and not gl_costs_elsewhere(&region.costs, gl_running_code(gl_thread_state()))
        and not gl_finalizing()
    )


cdef PyObject* postpone(StubHandle handle) noexcept:
    """Learning would take more than its share; after too many of these the learner takes the stubs away."""
    cdef Region region = handle.region
    region.postponed += 1
    if region.postponed == LONG_POSTPONED:
        region.refresh()
        retire(region._on_miss)
    return decline_tired(handle, POSTPONED)


cdef PyObject* learn(
    StubHandle handle, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_, Reason reason
) noexcept:
    """No specialisation fits, or its kernel does not finish: learn if that is possible now, and try again once."""
    cdef Region region = handle.region
    cdef PyObject* result = NULL
    cdef Verdict verdict
    cdef int learned
    if not may_ask(region):
        return decline_tired(handle, reason)
    if region.frugal and not may_learn_more():
        return postpone(handle)
    region.postponed = 0
    region.learning = True
    region.declining = reason == KERNEL
    region.exits_at_hand = handle.n_exits if reason == OLD_CODE else 0
    region._budget -= 1
    look_at_frame(region, live_ins, n_live_ins)
    learned = ask(region._on_miss, region, live_ins, n_live_ins, globals_)
    region.learning = False
    if learned < 0:
        return NULL
    if not learned:
        return decline_tired(handle, reason)
    reason = GUARDS
    verdict = run_region(handle, live_ins, n_live_ins, globals_, &result, &reason)
    return conclude(handle, verdict, result, reason)


cdef PyObject* conclude(StubHandle handle, Verdict verdict, PyObject* result, Reason reason) noexcept:
    """What the stub gets; NULL with an exception set for RAISED."""
    if verdict == HIT:
        return result
    if verdict == RAISED:
        return NULL
    if verdict == NO_SUCH_EXIT:
        # A frame that runs older code. Not tired: newer code enters the same region.
        return decline(handle, OLD_CODE)
    return decline_tired(handle, reason)


cdef PyObject* serve(
    StubHandle handle, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_
) noexcept:
    """Run what fits, or learn."""
    global total_misses
    cdef Region region = handle.region
    cdef PyObject* result = NULL
    cdef Reason reason = CALL
    cdef Verdict verdict = run_region(handle, live_ins, n_live_ins, globals_, &result, &reason)
    if verdict == MISSED:
        region.misses += 1
        total_misses += 1
        return learn(handle, live_ins, n_live_ins, globals_, GUARDS)
    if verdict == DECLINED and reason == KERNEL and region.streak == WARNED_OFTEN:
        return learn(handle, live_ins, n_live_ins, globals_, KERNEL)
    if verdict == NO_SUCH_EXIT:
        region.outdated += 1
        if region.outdated >= region.outdated_due:
            region.outdated_due = OUTDATED_OFTEN * region.outdated
            return learn(handle, live_ins, n_live_ins, globals_, OLD_CODE)
    return conclude(handle, verdict, result, reason)


cdef PyObject* serve_with_slots(
    StubHandle handle, PyThreadState* tstate, PyObject** args, Py_ssize_t n_args, PyObject* globals_
) noexcept:
    """Behind the arguments, what the frame holds in slots that no instruction can read: they may be empty."""
    cdef PyObject* live_ins[MOST_LIVE_INS]
    cdef PyObject* value
    cdef PyObject* result
    cdef Py_ssize_t i
    if n_args + handle.n_slots > MOST_LIVE_INS:
        return decline(handle, CALL)
    for i in range(n_args):
        live_ins[i] = args[i]
    for i in range(handle.n_slots):
        value = gl_running_slot(tstate, handle.slots[i])
        if value == NULL:
            value = <PyObject*>EMPTY
        Py_INCREF(<object>value)
        live_ins[n_args + i] = value
    result = serve(handle, live_ins, n_args + handle.n_slots, globals_)
    for i in range(handle.n_slots):
        Py_DECREF(<object>live_ins[n_args + i])
    return result


cdef PyObject* call_stub(StubHandle handle, PyObject** args, size_t nargsf, PyObject* kwnames) noexcept:
    """The vectorcall of StubHandle."""
    cdef Region region = handle.region
    cdef PyThreadState* tstate = gl_thread_state()
    cdef PyObject* globals_
    cdef PyObject* handled
    cdef PyObject* result
    cdef Reason reason = CALL
    cdef long long began = 0
    cdef long long hits = region.hits
    if region.cold:
        be_idle(region, 1)
        return decline_unseen(handle)
    if region.sleep_left > 0:
        region.sleep_left -= 1
        return decline(handle, ASLEEP)
    if not may_run:
        return decline(handle, SWITCHED_OFF)
    if gl_watched(tstate):
        return decline(handle, WATCHED)
    globals_ = gl_running_globals(tstate)
    if globals_ == NULL or kwnames != NULL:
        return decline(handle, CALL)
    if gl_costs_ask(&region.costs, region.hits) and stand_back(
        region, tstate, args, PyVectorcall_NARGS(nargsf), &reason
    ):
        return decline(handle, reason)
    if region.costs.looking >= 0:
        began = gl_clock()
    handled = gl_hold_handled(tstate)
    if handle.n_slots:
        result = serve_with_slots(handle, tstate, args, PyVectorcall_NARGS(nargsf), globals_)
    else:
        result = serve(handle, args, PyVectorcall_NARGS(nargsf), globals_)
    gl_put_back_handled(tstate, handled)
    if region.costs.looking >= 0 and began:
        gl_costs_note(&region.costs, region.hits, gl_clock() - began)
    if region.hits != hits and region.hits % OFFERED_EVERY == 0:
        offer_entrance(handle, tstate)
    return result


@cython.final
cdef class StubHandle:
    """What stands in a code object's constants and is called by a stub with its live-ins, by position.

    Returns None (declined), a tuple of the live-outs if the stub has one exit, else a pair of that tuple and the number
    of the exit. A bare one has one exit and one live-out, and returns that itself, or itself (declined). Pickles as a
    handle whose region is cold.

    slots   indices into the running frame's locals, cells, free variables and stack: what they hold, or EMPTY, is
            passed on behind the arguments
    """

    cdef vectorcallfunc vectorcall
    cdef readonly Region region
    cdef readonly int n_exits
    cdef readonly bint bare
    cdef readonly int n_slots
    cdef int* slots

    def __cinit__(self, Region region not None, int n_exits, bint bare=False, tuple slots not None=()):
        if n_exits < 0 or (bare and n_exits != 1):
            raise ValueError(f"{n_exits} exits")
        self.slots = <int*>PyMem_Malloc(len(slots) * sizeof(int)) if slots else NULL
        if slots and self.slots == NULL:
            raise MemoryError
        self.n_slots = <int>len(slots)
        for number, slot in enumerate(slots):
            self.slots[<int>number] = slot
        self.bare = bare
        self.vectorcall = <vectorcallfunc><void*>call_stub
        self.region = region
        self.n_exits = n_exits

    def __dealloc__(self):
        PyMem_Free(self.slots)

    def __call__(self, *live_ins):
        return PyVectorcall_Call(self, live_ins, NULL)

    def __repr__(self):
        return f"<StubHandle {self.region.name}: {self.n_exits} exits>"

    def __reduce__(self):
        return stand_in, (self.region.name, self.n_exits, self.bare)

    @property
    def __name__(self):
        return self.region.name

    @property
    def __qualname__(self):
        return self.region.name


include "_enter.pxi"


def stand_in(str name not None, int n_exits, bint bare=False):
    """A handle that always declines: what a pickled one becomes."""
    return StubHandle(Region(name), n_exits, bare)


cdef void make_vectorcall() except *:
    cdef StubHandle handle = StubHandle(Region(""), 0)
    gl_use_vectorcall(StubHandle, <char*>&handle.vectorcall - <char*><PyObject*>handle)


make_vectorcall()
