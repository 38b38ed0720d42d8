/* Results that go straight into memory which was there before.

   A region that fails hands over to the original instructions, which begin anew: they must find everything as it was, or
   not be able to tell. They cannot tell what the memory held when they write all of it, nothing in the region reads it, and
   nothing in front of the instruction that writes it raises. So the group must be the last thing of the run; the target
   must be apart from everything that the run was given; and no flag must count, but for that of the operation whose result
   the program itself puts there, which NumPy reports when it is there. What holds of the plan is known beforehand (see
   block_placed.py), what holds of a run is looked at here. The run goes through to its end, so that memory is never seen
   half-written. */
#include "native_group.h"
#include "native_extent.h" /* behind what says whose NumPy API it is */

enum { WARN_ON_WRITE = 0x80000000 };

npy_intp gl_placed_from = 32768;

static int holds_no_memory(PyObject *value) {
    return value == Py_None || PyFloat_CheckExact(value) || PyLong_CheckExact(value) || PyBool_Check(value) ||
           PyComplex_CheckExact(value) || PyArray_CheckScalar(value);
}

/* Of the root only the target is in use. */
static int is_apart_from_all(const gl_group_run *run, PyArrayObject *target) {
    const gl_plan *plan = run->state->plan;
    for (int i = 0; i < plan->n_inputs + plan->n_constants; i++) {
        PyObject *value = run->state->slots[i];
        if (i == plan->placed_root || (i >= plan->n_inputs && !PyArray_Check(value))) continue;
        if (!PyArray_Check(value) ? !holds_no_memory(value) : !gl_apart((PyArrayObject *)value, target)) return 0;
    }
    for (int i = 0; i < run->group->n_arrays; i++) {
        if (!gl_apart(run->arrays[i], target)) return 0;
    }
    return 1;
}

/* The strides are what a new array would have. */
static int lies_as(PyArrayObject *target, const npy_intp *strides, int fortran) {
    if (!strides) return fortran ? PyArray_IS_F_CONTIGUOUS(target) : PyArray_IS_C_CONTIGUOUS(target);
    for (int i = 0; i < PyArray_NDIM(target); i++) {
        if (PyArray_DIM(target, i) > 1 && PyArray_STRIDE(target, i) != strides[i]) return 0;
    }
    return 1;
}

static int fits(const gl_group_run *run, int output, PyArrayObject *target) {
    const gl_group *group = run->group;
    int needed = NPY_ARRAY_WRITEABLE | NPY_ARRAY_ALIGNED, flags = PyArray_FLAGS(target);
    if (PyArray_NDIM(target) != group->ndim || (flags & needed) != needed || (flags & WARN_ON_WRITE)) return 0;
    if (!PyArray_CompareLists(PyArray_DIMS(target), run->shape, group->ndim)) return 0;
    return PyArray_EquivTypes(PyArray_DESCR(target), group->outputs[output].descr);
}

static int reports_nothing(const gl_group_run *run) {
    if (run->state->plan->placed_always) return 1;
    int mask = gl_errstate_mask(run->state, run->group->ignored, run->group->forced);
    if (mask < 0) PyErr_Clear();
    return mask == 0;
}

PyArrayObject *gl_placed(const gl_group_run *run, int output, const npy_intp *strides, int fortran) {
    const gl_plan *plan = run->state->plan;
    PyObject *target = run->state->slots[plan->placed_target];
    if (run->size * PyDataType_ELSIZE(run->group->outputs[output].descr) < gl_placed_from) return NULL;
    if (run->state->n_given || !target || !PyArray_CheckExact(target)) return NULL;
    PyArrayObject *array = (PyArrayObject *)target;
    if (!fits(run, output, array) || !lies_as(array, strides, fortran)) return NULL;
    if (!is_apart_from_all(run, array) || !reports_nothing(run)) return NULL;
    return (PyArrayObject *)Py_NewRef(target);
}
