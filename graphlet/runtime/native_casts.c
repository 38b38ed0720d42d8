/* Casts of dense runs, the exact ones only: nothing that loses more than rounding does, nothing with half precision. */
#include "native_group.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

typedef npy_bool t_b;
typedef npy_int8 t_i1;
typedef npy_int16 t_i2;
typedef npy_int32 t_i4;
typedef npy_int64 t_i8;
typedef npy_uint8 t_u1;
typedef npy_uint16 t_u2;
typedef npy_uint32 t_u4;
typedef npy_uint64 t_u8;
typedef npy_float t_f;
typedef npy_double t_d;
typedef npy_longdouble t_g;

/* A bool may be any byte, all but 0 are true. */
#define GET_b(x) ((x) != 0)
#define GET_i1(x) (x)
#define GET_i2(x) (x)
#define GET_i4(x) (x)
#define GET_i8(x) (x)
#define GET_u1(x) (x)
#define GET_u2(x) (x)
#define GET_u4(x) (x)
#define GET_u8(x) (x)
#define GET_f(x) (x)
#define GET_d(x) (x)
#define GET_g(x) (x)

#define REAL_TO_REAL(from, to) \
    static void from##_to_##to(const void *source, void *target, npy_intp n) { \
        const t_##from *x = source; \
        t_##to *y = target; \
        for (npy_intp i = 0; i < n; i++) y[i] = (t_##to)GET_##from(x[i]); \
    }
#define REAL_TO_BOOL(from) \
    static void from##_to_b(const void *source, void *target, npy_intp n) { \
        const t_##from *x = source; \
        t_b *y = target; \
        for (npy_intp i = 0; i < n; i++) y[i] = x[i] != 0; \
    }
#define REAL_TO_COMPLEX(from, part) \
    static void from##_to_c##part(const void *source, void *target, npy_intp n) { \
        const t_##from *x = source; \
        t_##part *y = target; \
        for (npy_intp i = 0; i < n; i++) { \
            y[2 * i] = (t_##part)GET_##from(x[i]); \
            y[2 * i + 1] = 0; \
        } \
    }
#define COMPLEX_TO_COMPLEX(from, to) \
    static void c##from##_to_c##to(const void *source, void *target, npy_intp n) { \
        const t_##from *x = source; \
        t_##to *y = target; \
        for (npy_intp i = 0; i < 2 * n; i++) y[i] = (t_##to)x[i]; \
    }
#define COMPLEX_TO_BOOL(from) \
    static void c##from##_to_b(const void *source, void *target, npy_intp n) { \
        const t_##from *x = source; \
        t_b *y = target; \
        for (npy_intp i = 0; i < n; i++) y[i] = x[2 * i] != 0 || x[2 * i + 1] != 0; \
    }

#define TO_FLOATS(from) \
    REAL_TO_REAL(from, f) REAL_TO_REAL(from, d) REAL_TO_REAL(from, g) \
    REAL_TO_COMPLEX(from, f) REAL_TO_COMPLEX(from, d) REAL_TO_COMPLEX(from, g)
#define FROM_INT(from) \
    REAL_TO_BOOL(from) TO_FLOATS(from) \
    REAL_TO_REAL(from, i1) REAL_TO_REAL(from, i2) REAL_TO_REAL(from, i4) REAL_TO_REAL(from, i8) \
    REAL_TO_REAL(from, u1) REAL_TO_REAL(from, u2) REAL_TO_REAL(from, u4) REAL_TO_REAL(from, u8)
#define FROM_FLOAT(from) REAL_TO_BOOL(from) TO_FLOATS(from)
#define FROM_COMPLEX(from) \
    COMPLEX_TO_BOOL(from) COMPLEX_TO_COMPLEX(from, f) COMPLEX_TO_COMPLEX(from, d) COMPLEX_TO_COMPLEX(from, g)

FROM_INT(b) FROM_INT(i1) FROM_INT(i2) FROM_INT(i4) FROM_INT(i8) FROM_INT(u1) FROM_INT(u2) FROM_INT(u4) FROM_INT(u8)
FROM_FLOAT(f) FROM_FLOAT(d) FROM_FLOAT(g)
FROM_COMPLEX(f) FROM_COMPLEX(d) FROM_COMPLEX(g)

enum number { B, I1, I2, I4, I8, U1, U2, U4, U8, F, D, G, CF, CD, CG, N_NUMBERS };

#define FLOAT_COLUMNS(from) \
    [F] = from##_to_f, [D] = from##_to_d, [G] = from##_to_g, [CF] = from##_to_cf, [CD] = from##_to_cd, [CG] = from##_to_cg
#define INT_ROW(from) \
    {[B] = from##_to_b, [I1] = from##_to_i1, [I2] = from##_to_i2, [I4] = from##_to_i4, [I8] = from##_to_i8, \
     [U1] = from##_to_u1, [U2] = from##_to_u2, [U4] = from##_to_u4, [U8] = from##_to_u8, FLOAT_COLUMNS(from)}
#define FLOAT_ROW(from) {[B] = from##_to_b, FLOAT_COLUMNS(from)}
#define COMPLEX_ROW(from) {[B] = from##_to_b, [CF] = from##_to_cf, [CD] = from##_to_cd, [CG] = from##_to_cg}

static gl_cast *const CASTS[N_NUMBERS][N_NUMBERS] = {
    [B] = INT_ROW(b), [I1] = INT_ROW(i1), [I2] = INT_ROW(i2), [I4] = INT_ROW(i4), [I8] = INT_ROW(i8),
    [U1] = INT_ROW(u1), [U2] = INT_ROW(u2), [U4] = INT_ROW(u4), [U8] = INT_ROW(u8),
    [F] = FLOAT_ROW(f), [D] = FLOAT_ROW(d), [G] = FLOAT_ROW(g),
    [CF] = COMPLEX_ROW(cf), [CD] = COMPLEX_ROW(cd), [CG] = COMPLEX_ROW(cg),
};

static int sized(int size, int one) {
    switch (size) {
    case 1: return one;
    case 2: return one + 1;
    case 4: return one + 2;
    case 8: return one + 3;
    default: return -1;
    }
}

static int number_of(const PyArray_Descr *descr) {
    switch (descr->type_num) {
    case NPY_BOOL: return B;
    case NPY_FLOAT: return F;
    case NPY_DOUBLE: return D;
    case NPY_LONGDOUBLE: return G;
    case NPY_CFLOAT: return CF;
    case NPY_CDOUBLE: return CD;
    case NPY_CLONGDOUBLE: return CG;
    }
    if (PyTypeNum_ISSIGNED(descr->type_num)) return sized((int)PyDataType_ELSIZE(descr), I1);
    if (PyTypeNum_ISUNSIGNED(descr->type_num)) return sized((int)PyDataType_ELSIZE(descr), U1);
    return -1;
}

gl_cast *gl_find_cast(const PyArray_Descr *from, const PyArray_Descr *to) {
    int source = number_of(from), target = number_of(to);
    return source < 0 || target < 0 ? NULL : CASTS[source][target];
}
