from cpython.ref cimport PyObject

# True while graphlet itself works on this thread (a region learning, the hook deciding): neither starts again inside.
# Tracers and profilers do not see what happens in between.
cdef bint is_busy() noexcept
cdef void begin_work() noexcept
cdef void end_work() noexcept

# on_miss(region, live_ins, globals): whether it says that there is more to try now; -1: an exception is set.
cdef int ask(object on_miss, object region, PyObject** live_ins, Py_ssize_t n_live_ins, PyObject* globals_) noexcept

# on_miss.retire(), where there is one: its region has been waiting for long.
cdef void retire(object on_miss) noexcept

# Told of every run, for those who want to see them; None: nobody.
cdef object watcher
cdef void tell(str name, int n_ops, str reason) noexcept

# Whether learning for regions that nobody named may take its share of the time only, and whether something is left.
cdef void set_limit(bint on) noexcept
cdef bint may_learn_more() noexcept
