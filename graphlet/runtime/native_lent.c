/* Views that only groups read: one array a step, filled in anew for each run.

   To make a view takes longer than a group takes with some hundred elements. What a view is of stays until the run is
   over, so a lent view does without a base: behind the run nobody has it, and where it points to means nothing. */
#include "native_group.h"
#include "native_index.h"

/* ---- which steps lend ---- */

static int is_read_by(const gl_group *group, int slot) {
    for (int i = 0; i < group->n_arrays; i++) {
        if (group->arrays[i].slot == slot) return 1;
    }
    return 0;
}

static int has(const int *slots, int n, int slot) {
    for (int i = 0; i < n; i++) {
        if (slots[i] == slot) return 1;
    }
    return 0;
}

/* Whether a step does anything with a slot but read it as an array of a group. */
static int keeps(const gl_step *step, int slot) {
    if (step->kind == GL_BANDS) return 1; /* which takes its own parts of arrays */
    if (step->kind != GL_FUSED) return has(step->args, step->n_args, slot);
    for (int i = 0; i < step->group->n_scalars; i++) {
        if (step->group->scalars[i].slot == slot) return 1;
    }
    return 0;
}

static int is_lendable(const gl_plan *plan, const gl_step *step) {
    int slot = step->out, is_read = 0;
    if (step->kind != GL_PART || slot < 0 || step->args[0] >= plan->n_inputs) return 0;
    if (has(plan->outputs, plan->n_outputs, slot) || slot == plan->placed_target || slot == plan->placed_root) return 0;
    for (int i = 0; i < plan->n_steps; i++) {
        if (keeps(&plan->steps[i], slot)) return 0;
        is_read |= plan->steps[i].kind == GL_FUSED && is_read_by(plan->steps[i].group, slot);
    }
    return is_read;
}

void gl_lent_prepare(gl_plan *plan) {
    for (int i = 0; i < plan->n_steps; i++) {
        if (is_lendable(plan, &plan->steps[i])) plan->steps[i].lent = PyMem_Calloc(1, sizeof(PyObject *));
    }
}

/* ---- a run ---- */

static void fill(PyArrayObject *view, PyArrayObject *array, const gl_part *part) {
    PyArrayObject_fields *fields = (PyArrayObject_fields *)view;
    fields->data = part->data;
    for (int i = 0; i < part->ndim; i++) {
        fields->dimensions[i] = part->dims[i];
        fields->strides[i] = part->strides[i];
    }
    fields->flags = PyArray_FLAGS(array) & ~NPY_ARRAY_OWNDATA;
    PyArray_UpdateFlags(view, NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS | NPY_ARRAY_ALIGNED);
}

static int is_like(PyObject *view, PyArrayObject *array, const gl_part *part) {
    return view && PyArray_DESCR((PyArrayObject *)view) == PyArray_DESCR(array) &&
           PyArray_NDIM((PyArrayObject *)view) == part->ndim;
}

PyObject *gl_lend(PyObject **lent, PyObject *value, PyObject *index) {
    PyArrayObject *array = (PyArrayObject *)value;
    gl_part part;
    if (*lent && Py_REFCNT(*lent) > 1) return gl_view(value, index); /* another run, in another thread, has it now */
    if (!gl_find_view(value, index, &part)) return NULL;
    if (is_like(*lent, array, &part)) {
        fill((PyArrayObject *)*lent, array, &part);
        return Py_NewRef(*lent);
    }
    PyObject *view = gl_view_of(array, &part, 0);
    if (view) Py_XSETREF(*lent, Py_NewRef(view));
    return view;
}

/* A view that keeps what it is of, like the one that was lent. */
static PyObject *own(PyArrayObject *array, PyArrayObject *lent) {
    gl_part part = {PyArray_BYTES(lent), PyArray_NDIM(lent), {1}, {0}};
    for (int axis = 0; axis < part.ndim; axis++) {
        part.dims[axis] = PyArray_DIM(lent, axis);
        part.strides[axis] = PyArray_STRIDE(lent, axis);
    }
    return gl_view_of(array, &part, 1);
}

/* NumPy's own functions get views of their own. */
int gl_lent_replace(const gl_plan *plan, PyObject **slots) {
    for (int i = 0; i < plan->n_steps; i++) {
        const gl_step *step = &plan->steps[i];
        if (!step->lent || !slots[step->out] || slots[step->out] != *step->lent) continue;
        PyObject *array = slots[step->args[0]], *view = own((PyArrayObject *)array, (PyArrayObject *)*step->lent);
        if (!view) return -1;
        Py_SETREF(slots[step->out], view);
    }
    return 0;
}
