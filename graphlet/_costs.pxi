# What regions are measured with, by classes of sizes.

cdef extern from "native_sizes.h":
    ctypedef struct gl_costs:
        int looking
        bint is_settled
        int n_resting  # classes of sizes
    ctypedef struct gl_place:
        void* thread
        void* code
        int begins
        int reaches
    enum:
        GL_RUN
        GL_STAND_BACK
        GL_SLOWER
        GL_COST_CLASSES
    void gl_costs_start(gl_costs*) noexcept
    void gl_costs_trust(gl_costs*) noexcept
    void gl_costs_doubt(gl_costs*, bint is_doubted) noexcept
    void gl_costs_wake(gl_costs*) noexcept
    void gl_costs_drop(gl_costs*) noexcept
    bint gl_costs_ask(gl_costs*, long long hits) noexcept
    bint gl_costs_may_wait(gl_costs*) noexcept
    bint gl_costs_are_due(gl_costs*, long long hits) noexcept
    bint gl_stands_back_there(gl_place*) noexcept
    int gl_costs_say(
        gl_costs*, PyObject** live_ins, Py_ssize_t n, long long hits, bint measured, gl_place*
    ) noexcept
    void gl_costs_note(gl_costs*, long long hits, long long taken) noexcept
    int gl_costs_rest_left(gl_costs*) noexcept
    int gl_costs_all_rest(gl_costs*) noexcept
    void gl_costs_pass(gl_costs*, int n_calls) noexcept
    bint gl_costs_measured(gl_costs*, int size_class, long long* medians, int* rest_left) noexcept
    bint gl_costs_elsewhere(gl_costs*, void* code) noexcept
    long long gl_costs_usual(gl_costs*) noexcept
    int64_t gl_clock() noexcept
    void gl_set_clock(int64_t (*clock)() noexcept) noexcept


cdef object clock_of_tests = None


cdef int64_t ask_clock_of_tests() noexcept:
    return clock_of_tests()


def set_clock(clock):
    """For tests: what the cost model takes for the time, a function that gives ns; None: the real one."""
    global clock_of_tests
    clock_of_tests = clock
    if clock is None:
        gl_set_clock(NULL)
    else:
        gl_set_clock(ask_clock_of_tests)


cdef tuple measured_in(gl_costs* costs):
    """By class of sizes, where something was measured: see ``Region.measured``."""
    cdef long long medians[2]
    cdef int rest_left = 0
    found = []
    for number in range(GL_COST_CLASSES):
        if gl_costs_measured(costs, number, medians, &rest_left):
            found.append((4 ** (number - 1) if number else 0, medians[0], medians[1], rest_left))
    return tuple(found)
