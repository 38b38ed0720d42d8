/* Functions of the operator module that the interpreter has as C functions of objects. */
#include "native_block.h"

#define COMPARISON(name, op) \
    static PyObject *compare_##name(PyObject *a, PyObject *b) { return PyObject_RichCompare(a, b, op); }
COMPARISON(lt, Py_LT)
COMPARISON(le, Py_LE)
COMPARISON(eq, Py_EQ)
COMPARISON(ne, Py_NE)
COMPARISON(gt, Py_GT)
COMPARISON(ge, Py_GE)

static PyObject *power(PyObject *a, PyObject *b) { return PyNumber_Power(a, b, Py_None); }

static PyObject *logical_not(PyObject *a) {
    int truth = PyObject_Not(a);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyObject *truth(PyObject *a) {
    int value = PyObject_IsTrue(a);
    return value < 0 ? NULL : PyBool_FromLong(value);
}

static const struct { const char *name; binaryfunc fn; } BINARY[] = {
    {"add", PyNumber_Add}, {"sub", PyNumber_Subtract}, {"mul", PyNumber_Multiply}, {"truediv", PyNumber_TrueDivide},
    {"floordiv", PyNumber_FloorDivide}, {"mod", PyNumber_Remainder}, {"matmul", PyNumber_MatrixMultiply}, {"pow", power},
    {"and_", PyNumber_And}, {"or_", PyNumber_Or}, {"xor", PyNumber_Xor}, {"lshift", PyNumber_Lshift},
    {"rshift", PyNumber_Rshift}, {"getitem", PyObject_GetItem}, {"lt", compare_lt}, {"le", compare_le},
    {"eq", compare_eq}, {"ne", compare_ne}, {"gt", compare_gt}, {"ge", compare_ge},
};

static const struct { const char *name; unaryfunc fn; } UNARY[] = {
    {"neg", PyNumber_Negative}, {"pos", PyNumber_Positive}, {"inv", PyNumber_Invert}, {"invert", PyNumber_Invert},
    {"abs", PyNumber_Absolute}, {"index", PyNumber_Index}, {"not_", logical_not}, {"truth", truth},
};

int gl_find_operator(const char *name, gl_step *step) {
    for (size_t i = 0; i < sizeof BINARY / sizeof *BINARY; i++) {
        if (strcmp(name, BINARY[i].name) == 0 && step->n_args == 2) {
            step->kind = GL_BINARY;
            step->binary = BINARY[i].fn;
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof UNARY / sizeof *UNARY; i++) {
        if (strcmp(name, UNARY[i].name) == 0 && step->n_args == 1) {
            step->kind = GL_UNARY;
            step->unary = UNARY[i].fn;
            return 1;
        }
    }
    return 0;
}
