# What regions are measured with, by classes of sizes.

cdef extern from "native_sizes.h":
    ctypedef struct gl_costs:
        int looking
    enum:
        GL_RUN
        GL_STAND_BACK
        GL_SLOWER
        GL_COST_CLASSES
    void gl_costs_start(gl_costs*) noexcept
    void gl_costs_trust(gl_costs*) noexcept
    void gl_costs_wake(gl_costs*) noexcept
    void gl_costs_drop(gl_costs*) noexcept
    bint gl_costs_ask(gl_costs*, long long hits) noexcept
    int gl_costs_say(
        gl_costs*, PyObject** live_ins, Py_ssize_t n, long long hits, bint measured, void* thread, void* code
    ) noexcept
    void gl_costs_note(gl_costs*, long long hits, long long taken) noexcept
    int gl_costs_rest_left(gl_costs*) noexcept
    bint gl_costs_measured(gl_costs*, int size_class, long long* medians, int* rest_left) noexcept
    bint gl_costs_elsewhere(gl_costs*, void* code) noexcept
    long long gl_costs_usual(gl_costs*) noexcept
    long long gl_now() noexcept


cdef tuple measured_in(gl_costs* costs):
    """By class of sizes, where something was measured: see ``Region.measured``."""
    cdef long long medians[2]
    cdef int rest_left = 0
    found = []
    for number in range(GL_COST_CLASSES):
        if gl_costs_measured(costs, number, medians, &rest_left):
            found.append((4 ** (number - 1) if number else 0, medians[0], medians[1], rest_left))
    return tuple(found)
