from cpython.ref cimport PyObject

from graphlet._guards cimport GuardProgram
from graphlet._publish cimport Commits, Epilogue
from graphlet.runtime._kernel cimport Kernel

# Why a call was declined.
cdef enum Reason:
    SWITCHED_OFF  # set_policy(run=False)
    WATCHED
    ASLEEP        # too many declines in a row
    GUARDS        # no specialisation fits
    KERNEL        # the kernel declined
    COMMIT        # a write might have failed
    LIVE_OUTS     # a live-out could not be built
    OLD_CODE      # a running frame's older code has no such exit
    CALL          # not called as by a stub
    TRIAL         # to be measured
    SLOWER        # than the original instructions, as measured
    POSTPONED     # learning has taken its share of the time

# What came of one specialisation.
cdef enum Verdict:
    MISSED        # guards or shapes do not fit: another specialisation may
    HIT
    NO_SUCH_EXIT  # it fits, but the code that called has no such exit
    DECLINED
    RAISED

cdef class PyKernel(Kernel):
    cdef readonly object call
    cdef int take(self, object results, PyObject** outputs) noexcept
    cdef void note(self, object error) noexcept

cdef class Specialization:
    cdef readonly str name
    cdef readonly GuardProgram guards
    cdef readonly Kernel kernel
    cdef readonly tuple input_registers
    cdef readonly int exit
    cdef readonly int array_ops
    cdef readonly bint draws
    # For code with so many exits or fewer: other code has a better one. 0: for all.
    cdef readonly int for_exits
    cdef readonly long long hits
    cdef readonly long long declines
    cdef readonly long long misses
    # Number of the guard that failed last, -1 if none did; -2 when the kernel found that shapes do not fit.
    cdef readonly int last_failed_guard
    cdef Epilogue epilogue
    cdef Commits commits
    cdef int n_commits
    # The one live-out, if it is handed over bare, is the kernel's one output; nothing else happens, nothing is held.
    cdef bint is_plain
    cdef int n_inputs
    cdef int n_outputs
    cdef int n_registers
    # Positions: of kernel inputs; of loaded registers in use (held while the kernel runs; live-ins are the caller's).
    cdef int* inputs
    cdef int* pins
    cdef int n_pins
    cdef PyObject** inlined    # code objects, not owned: alive if the guards hold
    cdef int n_inlined
    cdef int* drops            # slots of the frame
    cdef int n_drops
    cdef int n_left
    cdef check(self)

# Try one specialisation. HIT: ``result`` is a new reference, what a stub with so many exits gets, ``bare``: the one
# live-out itself. RAISED: an exception is set.
cdef Verdict run_one(
    Specialization spec,
    PyObject** live_ins,
    PyObject* globals_,
    int n_exits,
    bint bare,
    PyObject** result,
    Reason* reason,
) noexcept
