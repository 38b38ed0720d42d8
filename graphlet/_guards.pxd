from cpython.ref cimport PyObject

cdef class GuardProgram:
    # number of registers run() fills; the first n_live_ins of them are the live-ins themselves
    cdef readonly int n_live_ins
    cdef readonly int n_registers
    # Returns -1 when all guards hold, else the number of the failing guard (see GuardProgram.guards). Registers are
    # borrowed references, except owned ones (ints made for ShapeItem): release(registers) drops those. Never raises.
    cdef int run(self, PyObject** live_ins, PyObject* globals_, PyObject** registers) noexcept
    cdef void release(self, PyObject** registers) noexcept
