from cpython.ref cimport PyObject

# The streams of random numbers one run of a graph has drawn from, as they were before it.
cdef class Streams:
    cdef list kept
    # the run that this one happened in the middle of; it outlasts this one
    cdef PyObject* outer
    cdef void put_back(self) noexcept

# From now on what is drawn in this thread can be taken back.
cdef Streams begin()

# What was drawn stays, or has never been.
cdef void finish(Streams streams, bint stays) noexcept
