"""Streams of random numbers that the region at work draws from: as they were before, in case it declines.

A stream's lock is held from the first draw until the region has published or declined, so that no other thread draws
in between; a stream whose lock is taken is not waited for.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.ref cimport PyObject
from libc.string cimport memcpy

cdef extern from *:
    """
    #if defined(_MSC_VER)
    static __declspec(thread) PyObject *gl_streams = NULL;
    #else
    static _Thread_local PyObject *gl_streams = NULL;
    #endif
    static PyObject *gl_get_streams(void) { return gl_streams; }
    static void gl_set_streams(PyObject *streams) { gl_streams = streams; }
    """
    PyObject* gl_get_streams() noexcept
    void gl_set_streams(PyObject*) noexcept
    void PyErr_Fetch(PyObject**, PyObject**, PyObject**) noexcept
    void PyErr_Restore(PyObject*, PyObject*, PyObject*) noexcept


class BusyError(Exception):
    """Another thread draws from a stream at this moment."""


cdef class Kept:
    """Some bytes of an object as they were."""

    cdef object owner
    cdef Py_ssize_t offset
    cdef bytes data
    cdef object lock  # held for it, or None

    cdef void put_back(self) noexcept:
        memcpy(<char*><PyObject*>self.owner + self.offset, PyBytes_AS_STRING(self.data), len(self.data))


cdef Kept _kept(owner, Py_ssize_t offset, Py_ssize_t n_bytes):
    """These bytes as they are now."""
    cdef Kept made = Kept.__new__(Kept)
    made.owner = owner
    made.offset = offset
    made.data = read(owner, offset, n_bytes)
    return made


cdef class Streams:
    """The streams one run of a graph has drawn from."""

    cdef void put_back(self) noexcept:
        for one in reversed(self.kept):
            (<Kept>one).put_back()

    def rewind(self):
        """The streams are again as they were before; returns how they were a moment ago, for ``restore``."""
        cdef Kept one
        now = [_kept(one.owner, one.offset, len(one.data)) for one in self.kept]
        self.put_back()
        return now

    def restore(self, list now):
        """The streams are as ``rewind`` found them. False if one was drawn from meanwhile, but not as far."""
        cdef Kept one, before
        cdef bint is_same = True
        for before, one in zip(self.kept, now, strict=False):
            found = read(one.owner, one.offset, len(one.data))
            is_same = is_same and (found == one.data or found == before.data)
            one.put_back()
        return is_same


cdef Streams begin():
    """From now on what is drawn in this thread can be taken back."""
    cdef Streams made = Streams.__new__(Streams)
    made.kept = []
    made.outer = gl_get_streams()
    gl_set_streams(<PyObject*>made)
    return made


cdef void finish(Streams streams, bint stays) noexcept:
    """What was drawn stays, or has never been. An exception may be set, and still is afterwards."""
    cdef PyObject *kind
    cdef PyObject *value
    cdef PyObject *traceback
    PyErr_Fetch(&kind, &value, &traceback)
    gl_set_streams(streams.outer)
    if not stays:
        streams.put_back()
    for one in reversed(streams.kept):
        if (<Kept>one).lock is not None:
            try:
                (<Kept>one).lock.release()
            except Exception:
                pass
    PyErr_Restore(kind, value, traceback)


def remember(owner, Py_ssize_t offset, Py_ssize_t n_bytes, lock):
    """Keep these bytes of an object, once in each run; ``lock``: what is held meanwhile, if not None."""
    cdef PyObject* running = gl_get_streams()
    if running == NULL:
        return
    cdef Streams streams = <Streams>running
    for one in streams.kept:
        if (<Kept>one).owner is owner:
            return
    if lock is not None and not lock.acquire(False):
        raise BusyError("another thread draws from the same stream")
    cdef Kept made = _kept(owner, offset, n_bytes)
    made.lock = lock
    streams.kept.append(made)


def read(owner, Py_ssize_t offset, Py_ssize_t n_bytes):
    """Some bytes of an object."""
    return PyBytes_FromStringAndSize(<char*><PyObject*>owner + offset, n_bytes)


def write(owner, Py_ssize_t offset, bytes data):
    """Set some bytes of an object."""
    memcpy(<char*><PyObject*>owner + offset, PyBytes_AS_STRING(data), len(data))


def current():
    """The streams of the run at work, or None."""
    cdef PyObject* running = gl_get_streams()
    return None if running == NULL else <Streams>running


def taken_back(call, *args):
    """``call(*args)``; what it draws has never been drawn."""
    cdef Streams streams = begin()
    try:
        return call(*args)
    finally:
        finish(streams, False)
