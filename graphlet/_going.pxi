# What a frame lets go of in a region: no program may tell that it goes later than plainly.
# Part of _dispatch.pyx.

cdef extern from "native_going.h":
    bint gl_going_tells(PyObject*) noexcept
    Py_ssize_t Py_REFCNT(PyObject*) noexcept

cdef extern from "Python.h":
    bint PyCell_Check(PyObject*) noexcept
    PyObject* PyCell_GET(PyObject*) noexcept

# Where values lie: in the running frame, or, args not NULL, where a call has left them that has no frame.
cdef struct Holder:
    PyThreadState* tstate
    PyObject* const* args
    int n_args
    PyObject* closure
    int first_free    # slot of the first free variable
    PyObject** live_ins   # what the region is called with, held by the call
    Py_ssize_t n_live_ins


cdef inline PyObject* held_at(Holder* holder, int slot) noexcept:
    """What a slot, or the cell in it, holds, borrowed; NULL: nothing."""
    cdef PyObject* value = NULL
    if holder.args == NULL:
        value = gl_running_slot(holder.tstate, slot)
    elif slot < holder.n_args:
        return holder.args[slot]
    elif slot >= holder.first_free:
        value = PyTuple_GET_ITEM(<tuple>holder.closure, slot - holder.first_free)
    return PyCell_GET(value) if value != NULL and PyCell_Check(value) else value


cdef bint tells_by_going(Specialization spec, Holder* holder) noexcept:
    """Whether somebody can tell when what a specialisation lets go of goes."""
    cdef PyObject* value
    cdef int i
    for i in range(spec.n_drops):
        value = held_at(holder, spec.drops[i])
        if value == NULL or Py_REFCNT(value) > spec.n_drops + holder.n_live_ins or not gl_going_tells(value):
            continue
        if Py_REFCNT(value) <= references_that_go(spec, value, holder):
            return True
    return False


cdef Py_ssize_t references_that_go(Specialization spec, PyObject* value, Holder* holder) noexcept:
    """Those of the slots, and those that the call of the region holds."""
    cdef Py_ssize_t count = 0
    cdef Py_ssize_t i
    for i in range(spec.n_drops):
        count += held_at(holder, spec.drops[i]) == value
    for i in range(holder.n_live_ins):
        count += holder.live_ins[i] == value
    return count


cdef tuple telling_slots(Region region, Holder* holder):
    """Slots of the frame whose objects tell by going that they are not held any more."""
    cdef list found = []
    cdef PyObject* value
    cdef Py_ssize_t count, i
    cdef int slot
    for slot in range(region.n_frame_slots):
        value = held_at(holder, slot)
        if value == NULL or not gl_going_tells(value):
            continue
        count = 1
        for i in range(holder.n_live_ins):
            count += holder.live_ins[i] == value
        if Py_REFCNT(value) <= count:
            found.append(slot)
    return tuple(found)
