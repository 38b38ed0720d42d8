# What a frame lets go of in a region: no program may tell that it goes later than plainly.
# Part of _dispatch.pyx.

cdef extern from "native_going.h":
    bint gl_going_tells(PyObject*) noexcept
    int gl_count_inside(PyObject* holder, PyObject* object_) noexcept
    Py_ssize_t Py_REFCNT(PyObject*) noexcept

cdef enum:
    MOST_REFERENCES = 8   # to an object that goes in one region

cdef extern from "native_frame.h":
    PyObject* gl_handled(PyThreadState*) noexcept

cdef extern from "Python.h":
    bint PyObject_IS_GC(PyObject*) noexcept
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
    cdef int i
    for i in range(spec.n_left):
        if tells(held_at(holder, spec.drops[i])):
            return True
    for i in range(spec.n_left, spec.n_drops):
        if goes_and_tells(held_at(holder, spec.drops[i]), spec.drops, spec.n_drops, holder):
            return True
    return False


cdef bint tells_in_frame(Specialization spec, PyObject** live_ins, Py_ssize_t n_live_ins) noexcept:
    """The same for the running frame."""
    cdef Holder holder = Holder(gl_thread_state(), NULL, 0, NULL, 0, live_ins, n_live_ins)
    return tells_by_going(spec, &holder)


cdef int look_at_frame(Region region, PyObject** live_ins, Py_ssize_t n_live_ins) except -1:
    """Notes which slots hold objects whose going somebody can tell, and which of these would go."""
    cdef Holder holder = Holder(gl_thread_state(), NULL, 0, NULL, 0, live_ins, n_live_ins)
    cdef int slot
    region.noticed = tuple([slot for slot in range(region.n_frame_slots) if tells(held_at(&holder, slot))])
    region.telling = tuple([
        slot for slot in region.noticed if goes_and_tells(held_at(&holder, slot), NULL, region.n_frame_slots, &holder)
    ])
    return 0


cdef inline bint tells(PyObject* value) noexcept:
    """Whether somebody can tell when an object goes."""
    return value != NULL and gl_going_tells(value)


cdef inline int slot_at(int* slots, int i) noexcept:
    """One of these slots; without a list, of all."""
    return i if slots == NULL else slots[i]


cdef bint goes_and_tells(PyObject* value, int* slots, int n_slots, Holder* holder) noexcept:
    """Whether nobody holds an object but what lets go of these slots, so that it goes, and somebody can tell."""
    cdef Py_ssize_t own
    if value == NULL or Py_REFCNT(value) > MOST_REFERENCES + holder.n_live_ins or not tells(value):
        return False
    own = references_that_go(value, slots, n_slots, holder)
    return Py_REFCNT(value) <= own or Py_REFCNT(value) <= own + held_inside(value, slots, n_slots, holder)


cdef Py_ssize_t references_that_go(PyObject* value, int* slots, int n_slots, Holder* holder) noexcept:
    """Those of the slots, of the call of the region, and of an exception that is being handled."""
    cdef Py_ssize_t count = value == gl_handled(holder.tstate)
    cdef Py_ssize_t i
    for i in range(n_slots):
        count += held_at(holder, slot_at(slots, <int>i)) == value
    for i in range(holder.n_live_ins):
        count += holder.live_ins[i] == value
    return count


cdef Py_ssize_t held_inside(PyObject* value, int* slots, int n_slots, Holder* holder) noexcept:
    """How many references to an object go with other objects that hold it."""
    cdef Py_ssize_t count = 0
    cdef PyObject* other
    cdef int i
    for i in range(n_slots):
        other = held_at(holder, slot_at(slots, i))
        if other == NULL or other == value or not PyObject_IS_GC(other):
            continue
        if Py_REFCNT(other) <= references_that_go(other, slots, n_slots, holder):
            count += gl_count_inside(other, value)
    return count
