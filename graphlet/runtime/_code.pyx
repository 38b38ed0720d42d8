"""Compiled functions in memory: executable pages, and the tables that block kernels look them up in."""

from _thread import allocate_lock, get_native_id, start_new_thread

from libc.stdint cimport int64_t, intptr_t, uint64_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stddef.h>
    #if defined(__unix__) || defined(__APPLE__)
    #include <sys/mman.h>
    static void *gl_map(size_t size) {
        void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return at == MAP_FAILED ? NULL : at;
    }
    static int gl_seal(void *at, size_t size) { return mprotect(at, size, PROT_READ | PROT_EXEC); }
    static void gl_unmap(void *at, size_t size) { munmap(at, size); }
    #else
    static void *gl_map(size_t size) { (void)size; return NULL; }
    static int gl_seal(void *at, size_t size) { (void)at; (void)size; return -1; }
    static void gl_unmap(void *at, size_t size) { (void)at; (void)size; }
    #endif
    #define gl_publish(target, value) __atomic_store_n(target, value, __ATOMIC_RELEASE)
    #define gl_take(target) __atomic_exchange_n(target, 0, __ATOMIC_RELAXED)
    """
    void *gl_map(size_t size) noexcept
    int gl_seal(void *at, size_t size) noexcept
    void gl_unmap(void *at, size_t size) noexcept
    void gl_publish(int *target, int value) noexcept
    uint64_t gl_take(uint64_t *target) noexcept

cdef extern from "native_code.h":
    cdef enum:
        GL_MAX_VARIANTS
        GL_MAX_OPERANDS
        GL_STRIDE_KINDS

    ctypedef int64_t gl_code_fn(char **data, const intptr_t *strides, int64_t n) noexcept

cdef extern from *:
    """
    static void gl_set_variant(gl_code *code, int i, uint64_t key, void *fn) {
        code->variants[i].key = key;
        code->variants[i].fn = (gl_code_fn *)fn;
    }
    static uint64_t gl_variant_key(const gl_code *code, int i) { return code->variants[i].key; }
    static int gl_variant_works(const gl_code *code, int i) { return code->variants[i].fn != NULL; }
    static int gl_n_variants(const gl_code *code) { return code->n_variants; }
    static int *gl_variants_count(gl_code *code) { return &code->n_variants; }
    static uint64_t *gl_wanted(gl_code *code) { return &code->wanted; }
    static void gl_set_patience(gl_code *code, int64_t patience) { code->patience = patience; }
    """
    void gl_set_variant(gl_code *code, int i, uint64_t key, void *fn) noexcept
    uint64_t gl_variant_key(const gl_code *code, int i) noexcept
    bint gl_variant_works(const gl_code *code, int i) noexcept
    int gl_n_variants(const gl_code *code) noexcept
    int *gl_variants_count(gl_code *code) noexcept
    uint64_t *gl_wanted(gl_code *code) noexcept
    void gl_set_patience(gl_code *code, int64_t patience) noexcept

cdef extern from "Python.h":
    ctypedef struct PyThreadState:
        pass
    PyThreadState *PyThreadState_Get() noexcept
    void PyThreadState_EnterTracing(PyThreadState *) noexcept
    void PyThreadState_LeaveTracing(PyThreadState *) noexcept


KINDS = "0dsr"  # of strides: still, dense, any other, dense backwards; by number
PAST_CACHE = "+"  # behind those of all inputs
MAX_OPERANDS = GL_MAX_OPERANDS


cdef class Piece:
    """Machine code in executable memory, for as long as this object lives."""

    cdef void *at
    cdef size_t size
    cdef readonly size_t address

    def __cinit__(self, bytes image, size_t entry):
        if entry >= <size_t>len(image):
            raise ValueError("the entry is outside of the code")
        self.at = gl_map(len(image))
        if self.at == NULL:
            raise MemoryError("no memory for code")
        self.size = len(image)
        memcpy(self.at, <char *>image, self.size)
        if gl_seal(self.at, self.size) != 0:
            raise MemoryError("memory cannot be made executable")
        self.address = <size_t>self.at + entry

    def __dealloc__(self):
        if self.at != NULL:
            gl_unmap(self.at, self.size)


cdef class Code:
    """The functions that a stage has so far, by the kinds of strides of its inputs, and which one it would like."""

    def __cinit__(self, object stage, int64_t patience):
        self.stage = stage
        self.pieces = []
        gl_set_patience(&self.table, patience)

    def take_wanted(self):
        """The kinds of strides that a function is wanted for, as letters of ``KINDS``; None if there is no wish."""
        cdef uint64_t wanted = gl_take(gl_wanted(&self.table))
        if wanted == 0:
            return None
        return self.kinds_of(wanted - 1)

    cdef str kinds_of(self, unsigned long long key):
        letters = []
        for _ in range(len(self.stage.inputs)):
            letters.append(KINDS[key % GL_STRIDE_KINDS])
            key //= GL_STRIDE_KINDS
        return "".join(letters) + (PAST_CACHE if key else "")

    def add(self, str kinds, Piece piece):
        """From now on this function runs for such operands; None: none does."""
        cdef uint64_t key = kinds.endswith(PAST_CACHE)
        for letter in reversed(kinds.removesuffix(PAST_CACHE)):
            key = key * GL_STRIDE_KINDS + <uint64_t>KINDS.index(letter)
        cdef int n = gl_n_variants(&self.table)
        if n == GL_MAX_VARIANTS or kinds in self.variants():
            return
        self.pieces.append(piece)
        gl_set_variant(&self.table, n, key, NULL if piece is None else <void *>piece.address)
        gl_publish(gl_variants_count(&self.table), n + 1)

    def refuse(self, str kinds):
        """It cannot be compiled for such operands."""
        self.add(kinds, None)

    def variants(self):
        """What there is: whether it could be compiled."""
        return {self.kinds_of(gl_variant_key(&self.table, i)): gl_variant_works(&self.table, i)
                for i in range(gl_n_variants(&self.table))}


def run_apart(fn):
    """Runs a function unseen by tracers, profilers and monitors: it is no part of the program."""
    cdef PyThreadState *state = PyThreadState_Get()
    PyThreadState_EnterTracing(state)
    try:
        fn()
    finally:
        PyThreadState_LeaveTracing(state)


cdef class Wishes:
    """What kernels would like to have, and the thread that makes it: one thing at a time, gone when all are made.

    No Python code runs where a wish is made, which may be anywhere in a program; all of it runs in the thread.
    """

    cdef object work           # work(code, kinds): makes a function
    cdef list waiting
    cdef set pending           # what waits or is being made: kernels go on wishing until they have it
    cdef object running        # a lock that is held while the thread runs; None: there is no thread
    cdef int holds             # reasons not to start
    cdef public bint at_once   # work where the wish is made
    cdef public object last_thread  # what the system calls the thread that was started last
    cdef public str last_error  # why one could not be made

    def __cinit__(self, object work):
        self.work = work
        self.waiting = []
        self.pending = set()

    def collect(self, tuple codes, object kernel=None):
        """Takes note of what these would like."""
        for code in codes:
            kinds = (<Code>code).take_wanted()
            if kinds is not None:
                self.note(self.work, code, kinds)
        self.begin()

    def ask(self, object work, object kernel):
        """``work(kernel, None)`` is to be done."""
        self.note(work, kernel, None)
        self.begin()

    cdef int note(self, object work, object owner, object what) except -1:
        if (id(owner), what) not in self.pending:
            self.pending.add((id(owner), what))
            self.waiting.append((work, owner, what))
        return 0

    cdef int begin(self) except -1:
        if self.at_once:
            run_apart(self.make_all)
        else:
            self.start()
        return 0

    cdef int start(self) except -1:
        if self.running is not None or self.holds or not self.waiting:
            return 0
        lock = allocate_lock()
        lock.acquire()
        self.running = lock
        try:
            start_new_thread(run_apart, (self.make_all_and_go,))
        except RuntimeError:  # no more threads: somebody may wish again
            self.running = None
            lock.release()
        return 0

    def make_all(self):
        while self.waiting and not self.holds:
            work, owner, what = self.waiting.pop(0)
            try:
                work(owner, what)
            except Exception as error:
                self.last_error = f"{type(error).__name__}: {error}"
                owner.refuse(what)
            finally:
                self.pending.discard((id(owner), what))

    def make_all_and_go(self):
        self.last_thread = get_native_id()
        try:
            self.make_all()
        finally:
            lock, self.running = self.running, None
            lock.release()

    def wait(self, double seconds=-1.0):
        """Waits until nothing is being made; whether that is so."""
        self.start()
        lock = self.running
        if lock is None:
            return True
        if not lock.acquire(True, seconds):
            return False
        lock.release()
        return True

    def hold(self, double seconds=-1.0):
        """Starts no more, and waits until what is being made is done."""
        self.holds += 1
        return self.wait(seconds)

    def release(self):
        """Goes on with the next wish: right behind a fork CPython counts the threads of the parent."""
        self.holds -= 1

    def release_in_child(self):
        """Behind a fork: the thread is not there. If it was in the middle of something, no other will start."""
        if self.running is None:
            self.holds -= 1
        self.waiting = []
        self.pending = set()
        self.last_thread = None
