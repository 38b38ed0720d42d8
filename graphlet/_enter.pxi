# Calls of functions that are one graph from their first instruction to the return: straight from the caller, without a
# frame for the function. Part of _dispatch.pyx.

cdef extern from "native_frame.h":
    Py_ssize_t gl_request_code_slot(void (*free)(void*) noexcept) noexcept
    int gl_get_code_slot(PyObject* code, Py_ssize_t slot, void** content) noexcept
    int gl_set_code_slot(PyObject* code, Py_ssize_t slot, void* content) noexcept
    bint GL_ENTRANCES
    PyObject* gl_running_function(PyThreadState*) noexcept
    PyObject* gl_function_code(PyObject*) noexcept
    PyObject* gl_function_globals(PyObject*) noexcept
    PyObject* gl_function_closure(PyObject*) noexcept
    void gl_set_vectorcall(PyObject* function, vectorcallfunc) noexcept
    bint gl_has_vectorcall(PyObject* function, vectorcallfunc) noexcept
    PyObject* gl_call_by_frame(PyObject* function, PyObject* const*, size_t, PyObject*) noexcept
    bint gl_unseen_start(PyThreadState*, PyObject* code) noexcept

cdef enum:
    MOST_ARGUMENTS = 16
    FEW_MISSES = 4        # calls in a row, before calls go through the frame again
    LONG_RUN = 20000      # ns from which a frame costs nothing and a sampling profiler should see one

cdef struct Entrance:
    # The code's own: its constants hold the handle, which holds the region.
    PyObject* handle
    PyObject* region
    unsigned long long returns  # by exit number, bit by bit: it is the return of its one value
    int n_arguments             # of a call: all that the code takes
    int n_live_ins
    int first_free              # slot of the first free variable, were there a frame
    int misses                  # in a row
    bint is_closed              # an argument was seen that tells by going, which a caller without a frame holds longer
    int live_ins[MOST_ARGUMENTS]  # number of the argument, or -1 - number of the free variable


cdef void free_entrance(void* content) noexcept:
    PyMem_Free(content)


cdef Py_ssize_t entrance_slot = gl_request_code_slot(free_entrance)
if entrance_slot < 0:
    raise ImportError("CPython has no per-code slot left for graphlet")


cdef inline Entrance* find_entrance(PyObject* code) noexcept:
    """NULL if the code object has none."""
    cdef void* content = NULL
    gl_get_code_slot(code, entrance_slot, &content)
    return <Entrance*>content


def set_entrance(code, StubHandle handle not None, live_ins, returns):
    """Let functions with this code be entered without a frame.

    handle    stands in the code's constants, for the stub at its start
    live_ins  what the stub passes: numbers of arguments, or -1 - number of the free variable whose cell it is
    returns   numbers of exits that return the one value they get
    """
    if not GL_ENTRANCES or len(live_ins) > MOST_ARGUMENTS or not returns:
        return
    cdef Entrance* made = <Entrance*>PyMem_Calloc(1, sizeof(Entrance))
    if made == NULL:
        raise MemoryError
    made.handle = <PyObject*>handle
    made.region = <PyObject*>handle.region
    made.n_arguments = code.co_argcount
    made.n_live_ins = <int>len(live_ins)
    made.first_free = <int>(len({*code.co_varnames, *code.co_cellvars}))
    for i, number in enumerate(live_ins):
        made.live_ins[<int>i] = number
    for number in returns:
        if number < 64:
            made.returns |= <unsigned long long>1 << <int>number
    if gl_set_code_slot(<PyObject*>code, entrance_slot, made) < 0:
        PyMem_Free(made)
        raise MemoryError


def is_entered_directly(function):
    """Whether calls of a function look for the entrance of its code."""
    return bool(gl_has_vectorcall(<PyObject*>function, enter))


cdef inline bint is_open(Region region, PyThreadState* tstate, PyObject* code) noexcept:
    """A call may be served without its frame: nothing is due that needs one, and nobody looks."""
    return (
        may_run
        and not (may_try and gl_costs_ask(&region.costs, region.hits))
        and region.costs.looking < 0
        and region.sleep_left == 0
        and gl_unseen_start(tstate, code)
        and gl_costs_usual(&region.costs) <= LONG_RUN
    )


cdef inline PyObject* latest_of(Region region) noexcept:
    """The specialisation that hit last, borrowed; NULL if there is none."""
    cdef PyObject* specs = <PyObject*>region._specs
    if region.latest >= PyTuple_GET_SIZE(<tuple>specs):
        return NULL
    return PyTuple_GET_ITEM(<tuple>specs, region.latest)


cdef inline bint may_return(Entrance* entrance, Specialization spec) noexcept:
    """The specialisation returns from the function, and runs no Python code that could see or miss the frame."""
    return (
        spec.exit < 64
        and (entrance.returns >> spec.exit) & 1
        and spec.kernel.is_c
        and spec.guards.n_live_ins == entrance.n_live_ins
    )


cdef void offer_entrance(StubHandle handle, PyThreadState* tstate) noexcept:
    """After some hits through its frame: let calls of the running function find the entrance, if its code has one."""
    cdef Entrance* entrance = find_entrance(gl_running_code(tstate))
    cdef PyObject* function = gl_running_function(tstate)
    cdef PyObject* spec = latest_of(handle.region)
    if entrance == NULL or entrance.handle != <PyObject*>handle or function == NULL or spec == NULL:
        return
    if handle.region.costs.n_resting == 0 and not entrance.is_closed and may_return(entrance, <Specialization>spec):
        entrance.misses = 0
        gl_set_vectorcall(function, enter)


cdef void collect(Entrance* entrance, PyObject* function, PyObject* const* args, PyObject** live_ins) noexcept:
    """What the stub would pass; a function whose code has free variables has a closure."""
    cdef PyObject* closure = gl_function_closure(function)
    cdef int i
    for i in range(entrance.n_live_ins):
        if entrance.live_ins[i] >= 0:
            live_ins[i] = args[entrance.live_ins[i]]
        else:
            live_ins[i] = PyTuple_GET_ITEM(<tuple>closure, -1 - entrance.live_ins[i])


cdef inline Verdict run_whole(
    Entrance* entrance, PyThreadState* tstate, PyObject* function, PyObject* const* args, PyObject** result
) noexcept:
    """HIT: a new reference to what the function returns. RAISED: an exception is set."""
    cdef PyObject* live_ins[MOST_ARGUMENTS]
    cdef PyObject* region = entrance.region
    cdef PyObject* spec = latest_of(<Region>region)
    cdef PyObject* handled
    cdef Reason reason = CALL
    cdef Verdict verdict
    cdef Holder holder
    if spec == NULL or not may_return(entrance, <Specialization>spec):
        return MISSED
    if (<Specialization>spec).n_drops:
        holder = Holder(
            tstate, args, entrance.n_arguments, gl_function_closure(function), entrance.first_free, NULL, 0
        )
        if tells_by_going(<Specialization>spec, &holder):
            entrance.is_closed = True
            return MISSED
    collect(entrance, function, args, live_ins)
    Py_INCREF(<object>spec)  # it may be dropped while it runs
    handled = gl_hold_handled(tstate)
    verdict = run_one(
        <Specialization>spec, live_ins, gl_function_globals(function), (<Specialization>spec).exit + 1, True, result,
        &reason,
    )
    gl_put_back_handled(tstate, handled)
    if verdict == HIT:
        note_hit(<Region>region, <Specialization>spec)
    Py_DECREF(<object>spec)
    return verdict  # of a miss the stub will find the same, and count it


cdef PyObject* enter(PyObject* function, PyObject* const* args, size_t nargsf, PyObject* kwnames) noexcept:
    """The vectorcall of such functions."""
    cdef PyThreadState* tstate = gl_thread_state()
    cdef PyObject* code = gl_function_code(function)
    cdef Entrance* entrance = find_entrance(code)
    cdef PyObject* region = NULL if entrance == NULL else entrance.region
    cdef PyObject* result = NULL
    cdef Verdict verdict
    if entrance == NULL or entrance.is_closed or (<Region>region).costs.n_resting > 0:
        gl_set_vectorcall(function, NULL)  # while it rests, CPython makes the frame, which is faster than to do so here
    elif kwnames == NULL and PyVectorcall_NARGS(nargsf) == entrance.n_arguments and is_open(
        <Region>region, tstate, code
    ):
        Py_INCREF(<object>code)  # holds the entrance
        verdict = run_whole(entrance, tstate, function, args, &result)
        entrance.misses = 0 if verdict == HIT else entrance.misses + 1
        if entrance.misses >= FEW_MISSES:
            gl_set_vectorcall(function, NULL)
        Py_DECREF(<object>code)
        if verdict == HIT or verdict == RAISED:
            return result
    return gl_call_by_frame(function, args, nargsf, kwnames)
