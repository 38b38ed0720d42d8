/* A pool of memory blocks for the arrays that kernels make.

   A block that is given back to the C library at each call costs a page fault per 4 KiB when it is taken again, which is
   more than a fused kernel costs. So blocks of dead arrays wait here for the next array of about their size. The arrays
   own their memory (OWNDATA) through a handler of NumPy's (NEP 49). All of it runs under the interpreter lock. */

#include "native_pool.h"

#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#define HEADER 64                         /* bytes in front of the data, which keeps 64-byte alignment */
#define SMALLEST ((size_t)32 << 10)       /* smaller arrays are the C library's business */
#define HUGE_FROM ((size_t)4 << 20)       /* blocks from here on ask for huge pages, as NumPy's own do */
#define N_WAITING 32
#define MOST_WAITING ((size_t)256 << 20)  /* bytes */
#define GRAIN ((size_t)4 << 10)

typedef struct {
    size_t capacity; /* of data */
    size_t mapped;   /* bytes mapped, 0 for a block of the C library */
    void *base;
} header;

static void *waiting[N_WAITING]; /* data pointers, oldest first */
static int n_waiting;
static size_t waiting_bytes;
static PyObject *handler_capsule;

static header *header_of(void *data) { return (header *)((char *)data - HEADER); }

static void *map_block(size_t capacity) {
#ifdef __linux__
    const size_t huge = (size_t)2 << 20;
    size_t n_mapped = capacity + HEADER + huge;
    char *base = mmap(NULL, n_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    char *data = (char *)(((uintptr_t)base + HEADER + huge - 1) / huge * huge);
    madvise(data, capacity, MADV_HUGEPAGE);
    *header_of(data) = (header){capacity, n_mapped, base};
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
    *header_of(data) = (header){capacity, 0, base};
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
    size_t capacity = (size + GRAIN - 1) / GRAIN * GRAIN;
    void *data = take(capacity);
    return data ? data : new_block(capacity ? capacity : GRAIN);
}

static void pool_free(void *ctx, void *data, size_t size) {
    (void)ctx;
    (void)size;
    if (!data) return;
    size_t capacity = header_of(data)->capacity;
    if (capacity > MOST_WAITING / 2) {
        drop_block(data);
        return;
    }
    while (n_waiting && (n_waiting == N_WAITING || waiting_bytes + capacity > MOST_WAITING)) {
        void *oldest = waiting[0];
        forget_waiting(0);
        drop_block(oldest);
    }
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
    if (!handler_capsule) {
        handler_capsule = PyCapsule_New(&handler, "mem_handler", NULL);
        if (!handler_capsule) {
            Py_DECREF(descr);
            return NULL;
        }
    }
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

size_t gl_pool_bytes(void) { return waiting_bytes; }

void gl_pool_clear(void) {
    while (n_waiting) {
        void *data = waiting[n_waiting - 1];
        forget_waiting(n_waiting - 1);
        drop_block(data);
    }
}
