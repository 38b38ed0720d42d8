/* Python and NumPy scalars as operands: converted once per run, as NumPy converts them (NEP 50). */
#include "native_group.h"

#include <math.h>

enum { CONVERTED = 0, REFUSED = -1 };

#define STORE_INT(num, type, low, high) \
    case num: \
        if (value < (long long)(low) || value > (long long)(high)) return REFUSED; \
        *(type *)cell = (type)value; \
        return CONVERTED

static int store_int(char *cell, long long value, int type_num) {
    switch (type_num) {
        STORE_INT(NPY_BYTE, npy_byte, NPY_MIN_BYTE, NPY_MAX_BYTE);
        STORE_INT(NPY_UBYTE, npy_ubyte, 0, NPY_MAX_UBYTE);
        STORE_INT(NPY_SHORT, npy_short, NPY_MIN_SHORT, NPY_MAX_SHORT);
        STORE_INT(NPY_USHORT, npy_ushort, 0, NPY_MAX_USHORT);
        STORE_INT(NPY_INT, npy_int, NPY_MIN_INT, NPY_MAX_INT);
        STORE_INT(NPY_UINT, npy_uint, 0, NPY_MAX_UINT);
        STORE_INT(NPY_LONG, npy_long, NPY_MIN_LONG, NPY_MAX_LONG);
        STORE_INT(NPY_LONGLONG, npy_longlong, NPY_MIN_LONGLONG, NPY_MAX_LONGLONG);
    case NPY_ULONG:
    case NPY_ULONGLONG:
        if (value < 0) return REFUSED;
        *(npy_ulonglong *)cell = (npy_ulonglong)value;
        return CONVERTED;
    default: return REFUSED;
    }
}

static int store_double(char *cell, double real, double imag, int type_num) {
    float small = (float)real, small_imag = (float)imag;
    switch (type_num) {
    case NPY_DOUBLE: *(double *)cell = real; return CONVERTED;
    case NPY_CDOUBLE:
        ((double *)cell)[0] = real;
        ((double *)cell)[1] = imag;
        return CONVERTED;
    case NPY_FLOAT:
        if (isinf(small) && !isinf(real)) return REFUSED;
        *(float *)cell = small;
        return CONVERTED;
    case NPY_CFLOAT:
        if ((isinf(small) && !isinf(real)) || (isinf(small_imag) && !isinf(imag))) return REFUSED;
        ((float *)cell)[0] = small;
        ((float *)cell)[1] = small_imag;
        return CONVERTED;
    case NPY_LONGDOUBLE: *(npy_longdouble *)cell = real; return CONVERTED;
    case NPY_CLONGDOUBLE:
        ((npy_longdouble *)cell)[0] = real;
        ((npy_longdouble *)cell)[1] = imag;
        return CONVERTED;
    default: return REFUSED;
    }
}

static int store_half(char *cell, PyObject *value, double real, PyArray_Descr *descr) {
    if (fabs(real) >= 65520.0 && !isinf(real)) return REFUSED;
    if (PyArray_Pack(descr, cell, value) == 0) return CONVERTED;
    PyErr_Clear();
    return REFUSED;
}

/* From 2**63 on, where only the largest unsigned type goes. */
static int store_large(char *cell, PyObject *value, PyArray_Descr *descr) {
    if (PyDataType_ELSIZE(descr) != sizeof(npy_ulonglong)) return REFUSED;
    npy_ulonglong number = PyLong_AsUnsignedLongLong(value);
    if (number == (npy_ulonglong)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        return REFUSED;
    }
    *(npy_ulonglong *)cell = number;
    return CONVERTED;
}

static int convert_int(char *cell, PyObject *value, PyArray_Descr *descr) {
    if (PyTypeNum_ISINTEGER(descr->type_num)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow > 0 && PyTypeNum_ISUNSIGNED(descr->type_num)) return store_large(cell, value, descr);
        return overflow ? REFUSED : store_int(cell, number, descr->type_num);
    }
    double real = PyLong_AsDouble(value);
    if (real == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return REFUSED;
    }
    int is_long = descr->type_num == NPY_LONGDOUBLE || descr->type_num == NPY_CLONGDOUBLE;
    if (is_long && fabs(real) >= 9007199254740992.0) return REFUSED; /* NumPy goes through text there */
    if (descr->type_num == NPY_HALF) return store_half(cell, value, real, descr);
    return store_double(cell, real, 0.0, descr->type_num);
}

static int convert_numpy(char *cell, PyObject *value, PyArray_Descr *descr) {
    PyArray_Descr *own = PyArray_DescrFromScalar(value);
    int status = REFUSED;
    if (own && own->type_num == descr->type_num && PyArray_ISNBO(own->byteorder)) {
        PyArray_ScalarAsCtype(value, cell);
        status = CONVERTED;
    } else if (own && PyArray_CastScalarToCtype(value, cell, descr) == 0) {
        status = CONVERTED;
    }
    Py_XDECREF(own);
    PyErr_Clear();
    return status;
}

int gl_convert_scalar(char *cell, PyObject *value, PyArray_Descr *descr) {
    if (PyFloat_CheckExact(value)) {
        double real = PyFloat_AS_DOUBLE(value);
        if (descr->type_num == NPY_HALF) return store_half(cell, value, real, descr);
        return store_double(cell, real, 0.0, descr->type_num);
    }
    if (PyLong_CheckExact(value)) return convert_int(cell, value, descr);
    if (PyBool_Check(value)) {
        if (descr->type_num == NPY_BOOL) {
            *(npy_bool *)cell = value == Py_True;
            return CONVERTED;
        }
        return convert_int(cell, value, descr);
    }
    if (PyComplex_CheckExact(value)) {
        if (!PyTypeNum_ISCOMPLEX(descr->type_num)) return REFUSED;
        return store_double(cell, PyComplex_RealAsDouble(value), PyComplex_ImagAsDouble(value), descr->type_num);
    }
    if (PyArray_IsScalar(value, Generic)) return convert_numpy(cell, value, descr);
    return REFUSED;
}
