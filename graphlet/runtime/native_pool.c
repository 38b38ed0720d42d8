/* A pool of memory blocks for the arrays that kernels make.

   A block that is given back to the C library at each call costs a page fault per 4 KiB when it is taken again, which is
   more than a fused kernel costs. So blocks of dead arrays wait here for the next array of about their size. The arrays
   own their memory (OWNDATA) through a handler of NumPy's (NEP 49). All of it runs under the interpreter lock.

   What waits never adds to the most that was in use at one time: before a new block is asked for, waiting ones go. Large
   ones are the system's to take while they wait, should it need memory, and what waits for long is given back. */

#include "native_pool.h"
#include "native_clock.h"

#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#define HEADER 64                         /* bytes in front of the data, which keeps 64-byte alignment */
#define SMALLEST ((size_t)32 << 10)       /* smaller arrays are the C library's business */
#define HUGE_FROM ((size_t)4 << 20)       /* blocks from here on ask for huge pages, as NumPy's own do */
#define N_WAITING 32
#define MOST_WAITING ((size_t)1 << 30)    /* bytes */
#define PART_WAITING 16                   /* and no more than such a part of the memory there is */
#define GRAIN ((size_t)4 << 10)
#define LONGEST_NS ((int64_t)10 * 1000000000) /* that a block waits while others are used */

typedef struct {
    size_t capacity; /* of data */
    size_t mapped;   /* bytes mapped, 0 for a block of the C library */
    void *base;
    int64_t since;   /* when it began to wait */
} header;

static void *waiting[N_WAITING]; /* data pointers, oldest first */
static int n_waiting;
static size_t waiting_bytes, used_bytes, most_used, most_waiting;
static PyObject *handler_capsule, *handler_variable;

static header *header_of(void *data) { return (header *)((char *)data - HEADER); }

static void *map_block(size_t capacity) {
#ifdef __linux__
    const size_t huge = (size_t)2 << 20;
    size_t n_mapped = capacity + HEADER + huge;
    char *base = mmap(NULL, n_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    char *data = (char *)(((uintptr_t)base + HEADER + huge - 1) / huge * huge);
    madvise(data, capacity, MADV_HUGEPAGE);
    *header_of(data) = (header){capacity, n_mapped, base, 0};
    return data;
#else
    return NULL;
#endif
}

static void *new_block(size_t capacity) {
    void *data = capacity >= HUGE_FROM ? map_block(capacity) : NULL;
    if (data) return data;
    char *base = malloc(capacity + 2 * HEADER);
    if (!base) return NULL;
    data = (void *)(((uintptr_t)base + 2 * HEADER - 1) / HEADER * HEADER);
    *header_of(data) = (header){capacity, 0, base, 0};
    return data;
}

static void drop_block(void *data) {
    header *head = header_of(data);
#ifdef __linux__
    if (head->mapped) {
        munmap(head->base, head->mapped);
        return;
    }
#endif
    free(head->base);
}

static void forget_waiting(int position) {
    waiting_bytes -= header_of(waiting[position])->capacity;
    n_waiting--;
    memmove(waiting + position, waiting + position + 1, (n_waiting - position) * sizeof(void *));
}

static void drop_oldest(void) {
    void *oldest = waiting[0];
    forget_waiting(0);
    drop_block(oldest);
}

static size_t limit_of_waiting(void) {
    size_t limit = MOST_WAITING;
#ifdef __linux__
    size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    if (memory / PART_WAITING < limit) limit = memory / PART_WAITING;
#endif
    return limit;
}

/* Then a new block takes no more than there was at one time. */
static void make_room(size_t capacity) {
    size_t most = used_bytes + capacity > most_used ? used_bytes + capacity : most_used;
    while (n_waiting && used_bytes + waiting_bytes + capacity > most) drop_oldest();
}

/* The block that waits for the shortest time and fits without wasting more than an eighth. */
static void *take(size_t capacity) {
    for (int i = n_waiting - 1; i >= 0; i--) {
        void *data = waiting[i];
        size_t found = header_of(data)->capacity;
        if (found >= capacity && found - capacity <= capacity / 8) {
            forget_waiting(i);
            return data;
        }
    }
    return NULL;
}

static void *pool_malloc(void *ctx, size_t size) {
    (void)ctx;
    if (size < SMALLEST) return new_block(size);
    size_t capacity = (size + GRAIN - 1) / GRAIN * GRAIN;
    void *data = take(capacity);
    if (!data) {
        make_room(capacity);
        data = new_block(capacity);
        if (!data) return NULL;
    }
    used_bytes += header_of(data)->capacity;
    if (used_bytes > most_used) most_used = used_bytes;
    return data;
}

/* The system may take the pages; who writes to them has them back, or new ones. */
static void lend(void *data) {
#ifdef MADV_FREE
    header *head = header_of(data); /* on the page in front of the data */
    if (head->mapped) madvise(data, head->capacity, MADV_FREE);
#else
    (void)data;
#endif
}

static void pool_free(void *ctx, void *data, size_t size) {
    (void)ctx;
    (void)size;
    if (!data) return;
    size_t capacity = header_of(data)->capacity;
    if (capacity < SMALLEST) {
        drop_block(data);
        return;
    }
    used_bytes -= capacity;
    if (!most_waiting) most_waiting = limit_of_waiting();
    if (capacity > most_waiting / 2) {
        drop_block(data);
        return;
    }
    int64_t now = gl_now();
    while (n_waiting && (n_waiting == N_WAITING || waiting_bytes + capacity > most_waiting)) drop_oldest();
    while (n_waiting && now - header_of(waiting[0])->since > LONGEST_NS) drop_oldest();
    header_of(data)->since = now;
    lend(data);
    waiting[n_waiting++] = data;
    waiting_bytes += capacity;
}

static void *pool_calloc(void *ctx, size_t n, size_t size) {
    void *data = pool_malloc(ctx, n * size);
    if (data) memset(data, 0, n * size);
    return data;
}

static void *pool_realloc(void *ctx, void *old, size_t size) {
    void *data = pool_malloc(ctx, size);
    if (!data || !old) return data;
    size_t capacity = header_of(old)->capacity;
    memcpy(data, old, capacity < size ? capacity : size);
    pool_free(ctx, old, 0);
    return data;
}

static PyDataMem_Handler handler = {"graphlet_pool", 1, {NULL, pool_malloc, pool_calloc, pool_realloc, pool_free}};

static PyObject *plain(PyArray_Descr *descr, int ndim, const npy_intp *shape, const npy_intp *strides, int fortran) {
    return PyArray_NewFromDescr(&PyArray_Type, descr, ndim, (npy_intp *)shape, (npy_intp *)strides, NULL,
                                strides ? 0 : fortran, NULL);
}

PyObject *gl_new_array(PyArray_Descr *descr, int ndim, const npy_intp *shape, const npy_intp *strides, int fortran) {
    size_t n_bytes = PyDataType_ELSIZE(descr);
    for (int i = 0; i < ndim; i++) n_bytes *= shape[i];
    if (n_bytes < SMALLEST) return plain(descr, ndim, shape, strides, fortran);
    void *data = pool_malloc(NULL, n_bytes);
    if (!data) return plain(descr, ndim, shape, strides, fortran);
    int flags = NPY_ARRAY_BEHAVED | (fortran && !strides ? NPY_ARRAY_F_CONTIGUOUS : 0);
    PyObject *array = PyArray_NewFromDescr(&PyArray_Type, descr, ndim, (npy_intp *)shape, (npy_intp *)strides, data,
                                           flags, NULL);
    if (!array) {
        pool_free(NULL, data, n_bytes);
        return NULL;
    }
    PyArrayObject_fields *fields = (PyArrayObject_fields *)array;
    fields->flags |= NPY_ARRAY_OWNDATA;
    Py_INCREF(handler_capsule);
    fields->mem_handler = handler_capsule;
    return array;
}

/* ---- arrays that NumPy's functions make ---- */

/* The context variable that NumPy keeps its handler in: the one that is there after one was set in an empty context. */
static PyObject *find_variable(void) {
    PyObject *context = PyContext_New();
    if (!context || PyContext_Enter(context) < 0) {
        Py_XDECREF(context);
        return NULL;
    }
    PyObject *before = PyDataMem_SetHandler(handler_capsule), *keys = before ? PySequence_List(context) : NULL;
    int status = PyContext_Exit(context);
    PyObject *found = status == 0 && keys && PyList_GET_SIZE(keys) == 1 ? Py_NewRef(PyList_GET_ITEM(keys, 0)) : NULL;
    Py_XDECREF(before);
    Py_XDECREF(keys);
    Py_DECREF(context);
    if (!found && !PyErr_Occurred()) PyErr_SetString(PyExc_ImportError, "NumPy keeps its memory handler elsewhere");
    return found;
}

int gl_pool_init(void) {
    handler_capsule = PyCapsule_New(&handler, "mem_handler", NULL);
    handler_variable = handler_capsule ? find_variable() : NULL;
    return handler_variable ? 0 : -1;
}

PyObject *gl_pool_enter(void) {
    PyObject *own = NULL;
    if (PyContextVar_Get(handler_variable, NULL, &own) < 0) return NULL;
    int is_plain = !own || own == PyDataMem_DefaultHandler;
    Py_XDECREF(own);
    return is_plain ? PyContextVar_Set(handler_variable, handler_capsule) : Py_NewRef(Py_None);
}

int gl_pool_leave(PyObject *token) {
    int status = token == Py_None ? 0 : PyContextVar_Reset(handler_variable, token);
    Py_DECREF(token);
    return status;
}

/* ---- memory for something else ---- */

void *gl_pool_take(size_t n_bytes) { return pool_malloc(NULL, n_bytes); }

void gl_pool_give(void *data) { pool_free(NULL, data, 0); }

size_t gl_pool_bytes(void) { return waiting_bytes; }

void gl_pool_clear(void) {
    while (n_waiting) {
        void *data = waiting[n_waiting - 1];
        forget_waiting(n_waiting - 1);
        drop_block(data);
    }
    most_used = used_bytes;
}
