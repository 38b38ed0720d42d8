from cpython.ref cimport PyObject

cdef enum:
    KERNEL_OK = 0
    KERNEL_DECLINED = 1   # nothing was published; the original code decides (floating-point flag, would raise ...)
    KERNEL_MISMATCH = 2   # shapes are not related as during capture: try another specialisation

cdef class Kernel:
    cdef readonly int n_inputs
    cdef readonly int n_outputs
    cdef public str last_decline
    # A run is C code only, which no signal handler interrupts and which looks at no frame.
    cdef readonly bint is_c
    # The last run would have liked code that is being made.
    cdef readonly bint awaits_code
    # inputs: borrowed; outputs: new references on KERNEL_OK, untouched otherwise; never leaves an exception set
    cdef int run(self, PyObject** inputs, PyObject** outputs) noexcept
