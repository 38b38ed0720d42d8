"""The base of everything that runs a graph: a C-level call from borrowed inputs to new outputs."""

cdef class Kernel:
    """Runs one graph; subclasses fill ``run``."""

    cdef int run(self, PyObject** inputs, PyObject** outputs) noexcept:
        return KERNEL_DECLINED
