from cpython.ref cimport PyObject

cdef class GuardProgram:
    # number of registers run() fills; the first n_live_ins of them are the live-ins themselves
    cdef readonly int n_live_ins
    cdef readonly int n_registers
    # whether some registers own what they hold
    cdef readonly bint owns
    # the text of each guard, by its number
    cdef readonly tuple descriptions
    # Returns -1 when all guards hold, else the number of the failing guard (see descriptions). Registers are
    # borrowed references, except owned ones (ints made for ShapeItem): release(registers) drops those. Never raises.
    # After a failure nothing is owned.
    cdef int run(self, PyObject** live_ins, PyObject* globals_, PyObject** registers) noexcept
    cdef void release(self, PyObject** registers) noexcept
    # private
    cdef void* program
    cdef list owned
    cdef check_operands(self, instruction, int op, set filled, bint static)
    cdef int try_run(self, tuple live_ins, globals_, list out) except -2
