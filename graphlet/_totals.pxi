# What holds for all regions and threads: whether they may run and learn, and the counts over all of them.
# Part of _dispatch.pyx.

cdef enum:
    N_REASONS = 12

# By number of Reason.
_REASONS = (
    "switched_off", "watched", "asleep", "guards", "kernel", "commit", "live_outs", "old_code", "call", "trial",
    "slower", "postponed",
)

# Whether regions run and whether they may learn, for all threads.
cdef bint may_run = True
cdef bint may_learn = True
cdef bint may_try = True

cdef long long total_hits = 0
cdef long long total_misses = 0
cdef long long total_native_ops = 0
cdef long long total_python_ops = 0
cdef long long total_declines[N_REASONS]


def set_policy(*, bint run, bint learn):
    """For all threads: whether regions may run specialisations, and whether a miss may call ``on_miss``."""
    global may_run, may_learn
    may_run = run
    may_learn = learn


def set_cost_model(bint on):
    """For all threads: whether regions rest where NumPy alone is faster, and learning of ``frugal`` ones has limits."""
    global may_try
    may_try = on
    set_limit(on)


def policy():
    """(run, learn) as set_policy() left them."""
    return bool(may_run), bool(may_learn)


def watched():
    """Whether a tool (sys.settrace, sys.setprofile, sys.monitoring) wants to see what the running frame does."""
    return bool(gl_watched(gl_thread_state()))


cdef dict reasons_as_dict(long long* counts):
    return {name: counts[number] for number, name in enumerate(_REASONS) if counts[number]}


def totals():
    """Counts over all regions since the start or the last reset_totals()."""
    declines = reasons_as_dict(total_declines)
    return {
        "hits": total_hits,
        "misses": total_misses,
        "declines": sum(declines.values()),
        "declines_by_reason": declines,
        "array_ops_native": total_native_ops,
        "array_ops_python": total_python_ops,
    }


def reset_totals():
    """Set the counts over all regions to zero; those of each region stay."""
    global total_hits, total_misses, total_native_ops, total_python_ops
    total_hits = total_misses = total_native_ops = total_python_ops = 0
    for number in range(N_REASONS):
        total_declines[number] = 0
