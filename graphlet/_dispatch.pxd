# True while graphlet itself works on this thread (a region learning, the hook deciding): neither starts again inside.
# Tracers and profilers do not see what happens in between.
cdef bint is_busy() noexcept
cdef void begin_work() noexcept
cdef void end_work() noexcept
