/* array[mask] for a mask of the array's own shape: the elements are packed without a branch on each truth value.

   NumPy's own copies run by run, so that masks without order cost it a wrong guess for every other element. */
#include "native_block.h"
#include "native_pool.h"

enum { LONG_PICK = 1 << 20, /* bytes of the array from which others may run meanwhile */
       WORD = sizeof(uint64_t), RARE = 16 };
#define ALL 0x0101010101010101u /* truth values in a row */

static int is_pickable(PyArrayObject *array) {
    npy_intp size = PyArray_ITEMSIZE(array);
    return (PyArray_NDIM(array) == 1 || PyArray_IS_C_CONTIGUOUS(array)) && PyArray_SIZE(array) > 0
        && !PyDataType_REFCHK(PyArray_DESCR(array)) && size > 0 && size <= 16 && (size & (size - 1)) == 0;
}

static int is_mask_of(PyObject *value, PyArrayObject *array) {
    if (!PyArray_CheckExact(value)) return 0;
    PyArrayObject *mask = (PyArrayObject *)value;
    return PyArray_TYPE(mask) == NPY_BOOL && PyArray_IS_C_CONTIGUOUS(mask)
        && PyArray_NDIM(mask) == PyArray_NDIM(array)
        && PyArray_CompareLists(PyArray_DIMS(mask), PyArray_DIMS(array), PyArray_NDIM(array));
}

static int are_false(const uint8_t *mask) {
    uint64_t words[4];
    memcpy(words, mask, sizeof words);
    return !(words[0] | words[1] | words[2] | words[3]);
}

typedef struct {
    char *to;
    npy_intp left; /* to pick */
    const char *from;
    npy_intp stride;
    const uint8_t *mask;
    npy_intp n; /* truth values; another thread may change them, so this bounds the search as well */
} picking;

/* Eight at a time. Where few are picked (``RARELY``) each is looked for; else every element is written where the next one
   picked belongs, and stays if it is one, and eight picked in a row are copied at once. */
#define PACK(NAME, SIZE, RARELY)                                                            \
    static npy_intp NAME##SIZE(picking p) {                                                 \
        while (p.left > 0 && p.n > 0) {                                                     \
            if ((RARELY) && p.n >= 4 * WORD && are_false(p.mask)) {                         \
                p.mask += 4 * WORD, p.from += 4 * WORD * p.stride, p.n -= 4 * WORD;         \
                continue;                                                                   \
            }                                                                               \
            int width = p.left >= WORD && p.n >= WORD ? WORD : 1;                           \
            uint64_t word = 1;                                                              \
            if (width == WORD) memcpy(&word, p.mask, WORD);                                 \
            if (!(RARELY) && word == ALL && p.stride == SIZE) {                             \
                memcpy(p.to, p.from, WORD * SIZE);                                          \
                p.to += WORD * SIZE;                                                        \
                p.left -= WORD;                                                             \
            }                                                                               \
            else if (word) {                                                                \
                for (int i = 0; i < width; i++) {                                           \
                    int picked = p.mask[i] != 0;                                            \
                    if (!(RARELY) || picked) memcpy(p.to, p.from + i * p.stride, SIZE);     \
                    p.to += picked * SIZE;                                                  \
                    p.left -= picked;                                                       \
                }                                                                           \
            }                                                                               \
            p.mask += width, p.from += width * p.stride, p.n -= width;                      \
        }                                                                                   \
        return p.left;                                                                      \
    }
#define PACK_BOTH(SIZE) PACK(pack_, SIZE, 0) PACK(find_, SIZE, 1)

PACK_BOTH(1)
PACK_BOTH(2)
PACK_BOTH(4)
PACK_BOTH(8)
PACK_BOTH(16)

/* How many are missing in the end: some if the mask changed meanwhile. */
static npy_intp pick(picking p, npy_intp size) {
    int rarely = p.left < p.n / RARE;
    switch (size) {
    case 1: return rarely ? find_1(p) : pack_1(p);
    case 2: return rarely ? find_2(p) : pack_2(p);
    case 4: return rarely ? find_4(p) : pack_4(p);
    case 8: return rarely ? find_8(p) : pack_8(p);
    default: return rarely ? find_16(p) : pack_16(p);
    }
}

PyObject *gl_pick(PyObject *value, PyObject *where) {
    if (!PyArray_CheckExact(value)) return NULL;
    PyArrayObject *array = (PyArrayObject *)value, *mask = (PyArrayObject *)where;
    if (!is_pickable(array) || !is_mask_of(where, array)) return NULL;
    npy_intp n = PyArray_SIZE(array), size = PyArray_ITEMSIZE(array);
    npy_intp stride = PyArray_NDIM(array) == 1 ? PyArray_STRIDE(array, 0) : size;
    npy_intp count = PyArray_CountNonzero(mask);
    PyArray_Descr *descr = PyArray_DESCR(array);
    Py_INCREF(descr);
    PyObject *result = gl_new_array(descr, 1, &count, NULL, 0);
    if (!result) return NULL;
    picking all = {PyArray_BYTES((PyArrayObject *)result), count, PyArray_BYTES(array), stride,
                   (const uint8_t *)PyArray_BYTES(mask), n};
    PyThreadState *state = n * size >= LONG_PICK ? PyEval_SaveThread() : NULL;
    npy_intp missing = pick(all, size);
    if (state) PyEval_RestoreThread(state);
    if (missing) Py_CLEAR(result);
    return result;
}
