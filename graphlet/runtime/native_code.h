/* Compiled functions: the table that says which one is for which operands. Shared with the file that fills it. */
#ifndef GRAPHLET_NATIVE_CODE_H
#define GRAPHLET_NATIVE_CODE_H

#include <stdint.h>

/* data, strides: of the operands, then of the results, which are dense; behind them where reductions go: one element a
   row, or one a column, which goes on from what is there (of an argmin the place, and behind all of these where the
   values are). n: elements of a row; steps: from row to row, of the operands; then, for columns, the number of the first row, and
   how many rows to pass before going on to the next columns. Not 0: the operations themselves have to say (which
   of two NaNs survives is a matter of operand order, which compilers change). */
typedef int64_t gl_code_fn(char *const *data, const intptr_t *strides, int64_t n, int64_t rows, const intptr_t *steps);

enum { GL_MAX_VARIANTS = 8, GL_MAX_OPERANDS = 24, GL_STREAMED = 64 };
/* Behind stores past the cache, before another thread may read. */
static inline void gl_stores_done(void) {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
}

enum { GL_STILL = 0, GL_DENSE = 1, GL_STRIDED = 2, GL_REVERSED = 3, GL_STRIDE_KINDS = 4 };

typedef struct {
    int n_variants;      /* grows, behind what it counts */
    struct {
        uint64_t key;    /* stride kinds of the operands as digits to the base GL_STRIDE_KINDS, the first one lowest; then
                            1 if it stores past the cache, to addresses that are multiples of GL_STREAMED */
        gl_code_fn *fn;  /* NULL: cannot be compiled */
    } variants[GL_MAX_VARIANTS];
    uint64_t wanted;     /* 0, or a key and one */
    int64_t patience;    /* operations times elements, and what it takes to begin, to run before a function is wanted */
} gl_code;

#endif
