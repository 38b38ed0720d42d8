from cpython.ref cimport PyObject

# Registers are the guard program's, outputs the kernel's; both are borrowed here.

cdef class Recipe:
    cdef int kind
    cdef int index
    cdef object constant
    cdef tuple items

cdef class Epilogue:
    cdef tuple _temps
    cdef tuple _liveouts
    # what becomes of the stores: targets and values in turns, names, kinds
    cdef tuple _stored
    cdef tuple _names
    cdef tuple _kinds
    cdef readonly int n_stores
    # the one live-out if there is no more to make than that and it exists, else None
    cdef Recipe only
    cdef bint is_output(self)
    # positions of the registers that are read
    cdef readonly frozenset registers
    # A new tuple of the live-outs; what is to be stored is appended to ``stored`` (None if there are no stores).
    # Reads no array data; may raise.
    cdef tuple build(self, PyObject** registers, PyObject** outputs, list stored)

# Carries out the stores that build() made ready, in order. False, with an exception set, if one failed.
cdef bint store(Epilogue epilogue, list stored) noexcept

# A new reference to what Epilogue.only says.
cdef PyObject* leaf(Recipe recipe, PyObject** registers, PyObject** outputs) noexcept

cdef class Commits:
    cdef tuple _pairs
    cdef tuple _indices
    cdef readonly int n_commits
    cdef readonly frozenset registers
    # The writes as a list [target, value, index, target, value, index ...], each known to succeed; None where one
    # of them might fail. Writes nothing; may raise. What is its own target needs no write.
    cdef list prepare(self, PyObject** registers, PyObject** outputs)

# Carries out what prepare() made ready, in order. False, with an exception set, if one failed.
cdef bint publish(list writes) noexcept
