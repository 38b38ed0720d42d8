# A slot of state per code object: what the rest of graphlet keeps on it, and whether the hook has asked about it.
# Part of _evalframe.pyx, whose hook reads it for every frame.

cdef struct CodeState:
    long long seen   # in which generation the callback was asked about it; 0 never, SKIPPED it never will be
    PyObject* state  # owned, may be NULL
    long long asked_in  # the generation of the next
    int asked        # how often ask_later() was called
    int wait         # calls until the callback is asked again, 0: it is not
    int next_wait
    int to_sleep     # calls, as told to let_sleep(); 0: the wait is for something else

cdef enum:
    SKIPPED = -1
    FIRST_WAIT = 16  # calls
    LONGEST_WAIT = 1 << 16

cdef long long generation = 1


cdef void free_code_state(void* content) noexcept:
    """Runs while the code object dies, possibly with an exception set."""
    cdef CodeState* entry = <CodeState*>content
    cdef PyObject *kind
    cdef PyObject *value
    cdef PyObject *traceback
    if entry == NULL:
        return
    if entry.state != NULL:
        PyErr_Fetch(&kind, &value, &traceback)
        Py_DECREF(<object>entry.state)
        PyErr_Restore(kind, value, traceback)
    PyMem_Free(entry)


cdef Py_ssize_t code_slot = gl_request_code_slot(free_code_state)
if code_slot < 0:
    raise ImportError("CPython has no per-code slot left for graphlet")


cdef inline CodeState* find_code_state(PyObject* code) noexcept:
    """NULL if the code object has none."""
    cdef void* content = NULL
    gl_get_code_slot(code, code_slot, &content)
    return <CodeState*>content


cdef CodeState* ensure_code_state(PyObject* code) noexcept:
    """NULL without memory, with no exception set."""
    cdef CodeState* entry = find_code_state(code)
    if entry != NULL:
        return entry
    entry = <CodeState*>PyMem_Calloc(1, sizeof(CodeState))
    if entry == NULL:
        return NULL
    if gl_set_code_slot(code, code_slot, entry) < 0:
        PyErr_Clear()
        PyMem_Free(entry)
        return NULL
    return entry


cdef CodeState* state_of(object code) except NULL:
    if not PyCode_Check(<PyObject*>code):
        raise TypeError(f"expected a code object, got {type(code).__name__}")
    cdef CodeState* entry = ensure_code_state(<PyObject*>code)
    if entry == NULL:
        raise MemoryError
    return entry


def get_state(code):
    """The object set_state() left on this code object, or None."""
    cdef CodeState* entry = state_of(code)
    return None if entry.state == NULL else <object>entry.state


def set_state(code, state):
    """Keep an object as long as the code object lives; None drops it.

    The garbage collector does not see this reference: nothing below ``state`` may own the code object or its functions.
    """
    cdef CodeState* entry = state_of(code)
    cdef PyObject* old = entry.state
    entry.state = NULL
    if state is not None:
        Py_INCREF(state)
        entry.state = <PyObject*>state
    if old != NULL:
        Py_DECREF(<object>old)


def skip(code):
    """Never call the callback about this code object."""
    state_of(code).seen = SKIPPED


def ask_again(code):
    """Call the callback when the next function of this code object runs, as if it had not been seen."""
    state_of(code).seen = 0


def ask_later(code, int most):
    """The same for any function of it, but ``most`` times only in a session; whether the callback will be called.

    That is at the second call, the fourth, the eighth and so on, if it asks for it each time.
    """
    cdef CodeState* entry = state_of(code)
    if entry.asked_in != generation:
        entry.asked_in = generation
        entry.asked = 0
    entry.asked += 1
    if entry.seen == SKIPPED or entry.asked > most:
        return False
    if entry.asked == 1:
        entry.seen = 0
    else:
        entry.wait = (1 << (entry.asked - 1)) - 1
        entry.to_sleep = 0
    return True


def put_off(code, int longest=LONGEST_WAIT):
    """Call the callback about it again after some calls, ever more of them up to ``longest``."""
    cdef CodeState* entry = state_of(code)
    entry.next_wait = min(2 * entry.next_wait, longest) if entry.next_wait else <int>FIRST_WAIT
    entry.wait = entry.next_wait
    entry.to_sleep = 0


def let_sleep(code, int n_calls):
    """Call the callback about it again after so many calls. is_seen() is false meanwhile, so that they are counted."""
    cdef CodeState* entry = state_of(code)
    entry.wait = entry.to_sleep = n_calls


def slept(code):
    """How many calls there were since let_sleep(), of those told to it; from then on 0."""
    cdef CodeState* entry = state_of(code)
    cdef int n_calls = max(entry.to_sleep - entry.wait, 0)
    entry.to_sleep = 0
    return n_calls


def forget_seen():
    """Call the callback about every code object again, but for those that are skipped."""
    global generation
    generation += 1


def is_seen(code):
    """Whether the callback will not be called about this code object."""
    cdef CodeState* entry = state_of(code)
    cdef bint is_asleep = entry.to_sleep > 0 and entry.wait > 0
    return bool(was_seen(entry) and (entry.seen == SKIPPED or not is_asleep))


cdef inline bint was_seen(CodeState* entry) noexcept:
    return entry.seen == generation or entry.seen == SKIPPED
