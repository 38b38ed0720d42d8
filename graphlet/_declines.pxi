# How a call is left to the original instructions: counted, and after many of them with less and less ado.
# Part of _dispatch.pyx.

cdef PyObject* decline(StubHandle handle, Reason reason) noexcept:
    """What tells the stub so, counted."""
    global total_python_ops
    cdef Region region = handle.region
    region._declines[<int>reason] += 1
    total_declines[<int>reason] += 1
    region.python_ops += region.typical_ops
    total_python_ops += region.typical_ops
    if watcher is not None:
        tell(region.name, region.typical_ops, <str>_REASONS[<int>reason])
    return decline_unseen(handle)


cdef inline PyObject* decline_unseen(StubHandle handle) noexcept:
    """A new reference to what tells the stub so."""
    if handle.bare:
        Py_INCREF(handle)
        return <PyObject*>handle
    Py_INCREF(None)
    return <PyObject*>None


cdef void be_idle(Region region, int n_calls) noexcept:
    """Nothing runs in so many calls; after many of them, once, whoever wants to know is told."""
    if region.idle < LONG_IDLE:
        region.idle += n_calls
        if region.idle >= LONG_IDLE:
            retire(region.on_idle)


cdef void sleep_through(Region region, int n_calls) noexcept:
    """As if so many calls had been declined, of a region that was to decline them."""
    if region.cold:
        be_idle(region, n_calls)
    region.sleep_left = max(region.sleep_left - n_calls, 0)
    gl_costs_pass(&region.costs, n_calls)


cdef PyObject* decline_tired(StubHandle handle, Reason reason) noexcept:
    """Decline, and after too many in a row sleep for ever longer."""
    cdef Region region = handle.region
    region.streak += 1
    if region.streak >= PATIENCE:
        be_idle(region, region.next_sleep)
        region.sleep_left = region.next_sleep
        region.next_sleep = min(2 * region.next_sleep, <int>LONGEST_SLEEP)
        region.streak = PATIENCE - 1
    return decline(handle, reason)


cdef bint stand_back(
    Region region, PyThreadState* tstate, PyObject** live_ins, Py_ssize_t n_live_ins, Reason* reason
) noexcept:
    """Whether to leave this call to the original instructions because they are faster, or to find out."""
    cdef int says
    cdef bint was_settled = region.costs.is_settled
    cdef gl_place place = gl_place(tstate, gl_running_code(tstate), region.begins, region.reaches)
    if not may_try:
        return False
    if gl_stands_back_there(&place):
        reason[0] = TRIAL
        return True
    if not gl_costs_are_due(&region.costs, region.hits):
        return False
    says = gl_costs_say(&region.costs, live_ins, n_live_ins, region.hits, may_be_measured(region), &place)
    if region.costs.is_settled and not was_settled:
        retire(region.on_idle)
    reason[0] = SLOWER if says == GL_SLOWER else TRIAL
    return says != GL_RUN


cdef bint may_be_measured(Region region) noexcept:
    """The specialisation in use has a native kernel, since Python ones are somebody's choice, and all its code."""
    cdef tuple specs = region._specs
    cdef Kernel kernel
    if region.latest >= PyTuple_GET_SIZE(specs):
        return False
    kernel = (<Specialization>PyTuple_GET_ITEM(specs, region.latest)).kernel
    return type(kernel) is not PyKernel and not (kernel.awaits_code and gl_costs_may_wait(&region.costs))
