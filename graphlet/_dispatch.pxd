# True while graphlet itself works on this thread (a region learning, the hook deciding): neither starts again inside.
cdef bint is_busy() noexcept
cdef void set_busy(bint busy) noexcept
