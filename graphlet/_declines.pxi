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
