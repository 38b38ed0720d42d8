/* Plans that are one group, called with small dense arrays of one shape: from the arguments to the results without
   slots, steps and nests. Whatever is different about a call makes it an ordinary run. */
#include "native_group.h"
#include "native_share.h"

enum { MOST = 1024 }; /* elements */

/* An array that is read. */
typedef struct {
    int input, ndim;
    int flags;                 /* that it must have */
    npy_intp itemsize;
    PyArray_Descr *descr;      /* the plan's */
} array_in;

struct gl_direct {
    gl_group *group;
    array_in *arrays;          /* of the group, in order: of its dimensions or of none */
    int shaped;                /* the first input with its dimensions */
    int n_checked, *checked;   /* inputs that are no arrays */
    int *outputs;              /* for each of the plan's the group's */
    int alike[GL_MAX_NDIM];    /* the first axis that is of the same symbol */
    int only_loops;            /* the operations are loops, and in no stage */
    int by_one;                /* one element is another matter */
    int in_place;              /* so is what does not lie dense: see native_nans.c */
    /* One loop on arrays and constants: where its operands are. */
    int is_single;
    char *constants[GL_MAX_ARGS]; /* NULL: an array */
    int numbers[GL_MAX_ARGS];     /* of arrays */
};

/* ---- once ---- */

static int is_dense_input(const gl_plan *plan, const gl_group *group, const gl_array_in *in) {
    if (in->slot >= plan->n_inputs || plan->inputs[in->slot].kind != GL_CHECK_ARRAY) return 0;
    if (in->ndim == 0) return 1;
    const gl_check *check = &plan->inputs[in->slot];
    if (!in->is_full || in->ndim != group->ndim || check->n != group->ndim) return 0;
    return memcmp(check->dims, group->dims, group->ndim * sizeof *group->dims) == 0;
}

/* The first input with the group's dimensions; -1: some array is another. */
static int find_shaped(const gl_plan *plan, const gl_group *group) {
    int found = -1;
    for (int i = group->n_arrays - 1; i >= 0; i--) {
        if (!is_dense_input(plan, group, &group->arrays[i])) return -1;
        if (group->arrays[i].ndim > 0) found = group->arrays[i].slot;
    }
    return found;
}

static int is_always_doubted(const gl_group *group) {
    for (int i = 0; i < group->n_ops; i++) {
        enum gl_nans nans = group->ops[i].nans;
        if (nans == GL_PLACED_APART || (nans == GL_PLACED && group->has_casts)) return 1;
    }
    return 0;
}

static int is_read(const gl_group *group, int slot) {
    for (int i = 0; i < group->n_arrays; i++) {
        if (group->arrays[i].slot == slot) return 1;
    }
    for (int i = 0; i < group->n_scalars; i++) {
        if (group->scalars[i].slot == slot) return 1;
    }
    return 0;
}

static int number_of_output(const gl_group *group, int slot) {
    for (int i = 0; i < group->n_outputs; i++) {
        if (group->outputs[i].slot == slot) return i;
    }
    return -1;
}

/* Every input is read, and each result is an output once. */
static int is_whole(const gl_plan *plan, const gl_group *group) {
    if (plan->n_outputs != group->n_outputs || group->n_tails || !group->n_ops) return 0;
    for (int i = 0; i < plan->n_inputs; i++) {
        if (!is_read(group, i)) return 0;
    }
    for (int i = 0; i < plan->n_outputs; i++) {
        if (number_of_output(group, plan->outputs[i]) < 0) return 0;
        for (int k = 0; k < i; k++) {
            if (plan->outputs[i] == plan->outputs[k]) return 0;
        }
    }
    return 1;
}

static void fill(gl_direct *direct, const gl_plan *plan, gl_group *group) {
    direct->group = group;
    direct->shaped = find_shaped(plan, group);
    direct->only_loops = group->n_stages == 0;
    direct->by_one = group->ndim > 1 && group->strict && group->has_casts; /* see native_group.c */
    for (int i = 0; i < group->n_ops; i++) {
        direct->only_loops &= group->ops[i].kind == GL_LOOP;
        direct->in_place |= group->ops[i].nans >= GL_PLACED;
    }
    for (int i = 0; i < group->n_arrays; i++) {
        const gl_array_in *in = &group->arrays[i];
        int flags = NPY_ARRAY_ALIGNED | (group->ndim > 1 || direct->in_place ? NPY_ARRAY_C_CONTIGUOUS : 0);
        direct->arrays[i] = (array_in){in->slot, in->ndim, flags, in->itemsize, plan->inputs[in->slot].descr};
    }
    for (int i = 0; i < plan->n_inputs; i++) {
        if (plan->inputs[i].kind != GL_CHECK_ARRAY) direct->checked[direct->n_checked++] = i;
    }
    for (int i = 0; i < plan->n_outputs; i++) direct->outputs[i] = number_of_output(group, plan->outputs[i]);
    for (int i = 0; i < group->ndim; i++) {
        while (group->dims[direct->alike[i]] != group->dims[i]) direct->alike[i]++;
    }
}

static void fill_single(gl_direct *direct, const gl_group *group) {
    const gl_op *op = group->ops;
    direct->is_single = direct->only_loops && group->n_ops == 1 && !group->n_scalars && !direct->n_checked;
    for (int k = 0; direct->is_single && k + 1 < op->n_args; k++) {
        int constant = op->reg[k] - group->n_arrays;
        if (constant >= 0) direct->constants[k] = group->constants + constant * GL_CELL;
        else direct->numbers[k] = op->reg[k];
    }
}

void gl_direct_prepare(gl_plan *plan) {
    if (plan->n_steps != 1 || plan->steps[0].kind != GL_FUSED) return;
    gl_group *group = plan->steps[0].group;
    if (!is_whole(plan, group) || find_shaped(plan, group) < 0 || is_always_doubted(group)) return;
    size_t n_ints = plan->n_inputs + plan->n_outputs;
    gl_direct *direct =
        PyMem_Calloc(1, sizeof(gl_direct) + group->n_arrays * sizeof(array_in) + n_ints * sizeof(int));
    if (!direct) return;
    direct->arrays = (array_in *)(direct + 1);
    direct->checked = (int *)(direct->arrays + group->n_arrays);
    direct->outputs = direct->checked + plan->n_inputs;
    fill(direct, plan, group);
    fill_single(direct, group);
    plan->direct = direct;
}

/* ---- each time ---- */

/* Number of elements; 0: not so few, or not the plan's sizes. */
static inline npy_intp size_of(const gl_direct *direct, const npy_intp *shape) {
    const gl_group *group = direct->group;
    npy_intp size = 1;
    for (int i = 0; i < group->ndim; i++) {
        npy_intp dim = group->dims[i];
        if (shape[i] > MOST || shape[i] != (dim < 0 ? shape[direct->alike[i]] : dim)) return 0;
        size *= shape[i];
        if (size > MOST) return 0;
    }
    if (size == 1 && (direct->by_one || direct->in_place)) return 0;
    return size < group->block + GL_TAIL && size < gl_least_shared ? size : 0;
}

static inline int has_shape(PyArrayObject *array, int ndim, const npy_intp *shape) {
    for (int i = 0; i < ndim; i++) {
        if (PyArray_DIM(array, i) != shape[i]) return 0;
    }
    return 1;
}

/* 0: it is another. */
static inline int look_at(const array_in *in, PyObject **inputs, int ndim, const npy_intp *shape, char **data,
                          npy_intp *stride) {
    PyArrayObject *array = (PyArrayObject *)inputs[in->input];
    if (!PyArray_CheckExact(array) || PyArray_DESCR(array) != in->descr || PyArray_NDIM(array) != in->ndim) return 0;
    if (in->flags & ~PyArray_FLAGS(array)) return 0;
    *data = PyArray_BYTES(array);
    *stride = 0;
    if (in->ndim == 0) return 1;
    *stride = ndim == 1 ? PyArray_STRIDE(array, 0) : in->itemsize;
    return has_shape(array, ndim, shape);
}

static inline int look_at_arrays(const gl_direct *direct, PyObject **inputs, const npy_intp *shape, gl_group_run *run) {
    for (int i = 0; i < direct->group->n_arrays; i++) {
        if (!look_at(&direct->arrays[i], inputs, direct->group->ndim, shape, &run->ptr[i], &run->stride[i])) return 0;
    }
    return 1;
}

static int look_at_scalars(const gl_plan *plan, PyObject **inputs, gl_group_run *run) {
    const gl_direct *direct = plan->direct;
    const gl_group *group = direct->group;
    int reg = group->n_arrays;
    for (int i = 0; i < direct->n_checked; i++) {
        int input = direct->checked[i];
        if (gl_check_value(&plan->inputs[input], inputs[input], NULL) != GL_OK) return 0;
    }
    for (int i = 0; i < group->n_scalars; i++, reg++) {
        int slot = group->scalars[i].slot;
        PyObject *value = slot < plan->n_inputs ? inputs[slot] : plan->constants[slot - plan->n_inputs];
        if (gl_convert_scalar(run->cells[i], value, group->scalars[i].descr) < 0) return 0;
        run->ptr[reg] = run->cells[i];
        run->stride[reg] = 0;
    }
    for (int i = 0; i < group->n_constants; i++, reg++) {
        run->ptr[reg] = group->constants + i * GL_CELL;
        run->stride[reg] = 0;
    }
    return 1;
}

static void let_go(gl_group_run *run, int n_outputs) {
    for (int i = 0; i < n_outputs; i++) Py_DECREF(run->outputs[i]);
}

static inline PyArrayObject *new_output(const gl_group *group, int number, const npy_intp *shape) {
    PyArray_Descr *descr = group->outputs[number].descr;
    Py_INCREF(descr);
    return (PyArrayObject *)PyArray_NewFromDescr(&PyArray_Type, descr, group->ndim, (npy_intp *)shape, NULL, NULL, 0, NULL);
}

static inline int allocate(gl_group_run *run, const npy_intp *shape) {
    for (int i = 0; i < run->group->n_outputs; i++) {
        run->outputs[i] = new_output(run->group, i, shape);
        if (!run->outputs[i]) {
            let_go(run, i);
            return 0;
        }
    }
    return 1;
}

/* Flags are looked at where the next loop might clear them, and at the end. */
static inline void run_loops(gl_group_run *run, npy_intp size) {
    const gl_op *op = run->group->ops, *end = op + run->group->n_ops;
    char *data[GL_MAX_ARGS];
    npy_intp strides[GL_MAX_ARGS];
    run->interpreted += size * run->group->n_ops;
    for (; op < end; op++) {
        for (int k = 0; k < op->n_args; k++) {
            data[k] = run->ptr[op->reg[k]];
            strides[k] = run->stride[op->reg[k]];
        }
        if (op->loop(op->context, data, &size, strides, op->auxdata) < 0) run->failed = 1;
        if (!op->is_plain || op + 1 == end || !op[1].is_plain) gl_look_at_flags(run, op);
    }
}

/* Flags may be older, and who raised them is not known: if they matter, the operations run again, one by one. */
static int look_closer(gl_group_run *run, gl_run_state *state) {
    const gl_group *group = run->group;
    if (run->flags) gl_clear_flags();
    if (!gl_loops_failed(run) && !(run->flags & gl_errstate_mask(state, group->ignored, group->forced))) return GL_OK;
    gl_drop_exception(state);
    run->flags = run->failed = 0;
    gl_place_values(run);
    gl_run_ops(run, run->size);
    if (run->flags) gl_clear_flags();
    return gl_group_verdict(run, state);
}

static int compute(gl_group_run *run, const gl_direct *direct, gl_run_state *state) {
    gl_group *group = direct->group;
    int needs_scratch = group->n_buffers || group->has_casts;
    run->scratch = NULL;
    if (needs_scratch && gl_take_scratch(group, run) < 0) return GL_NODEWISE;
    run->flags = run->failed = run->unsure = run->wants_code = run->repacked = run->watches = 0;
    run->compiled = run->interpreted = 0;
    run->rows = 1;
    run->streams = run->in_rows = run->in_tile = 0;
    gl_place_values(run);
    if (direct->only_loops) run_loops(run, run->size);
    else gl_run_ops(run, run->size);
    int status = run->flags || gl_loops_failed(run) ? look_closer(run, state) : run->unsure ? GL_NODEWISE : GL_OK;
    if (needs_scratch) gl_give_scratch(group, run);
    state->n_compiled = run->compiled;
    state->n_interpreted = run->interpreted;
    state->wants_code = run->wants_code;
    return status;
}

/* 0: something is different, nothing has happened. */
static inline int run_single(const gl_direct *direct, PyObject **inputs, const npy_intp *shape, npy_intp size,
                             PyObject **outputs) {
    const gl_op *op = direct->group->ops;
    char *data[GL_MAX_ARGS];
    npy_intp strides[GL_MAX_ARGS];
    int last = op->n_args - 1;
    for (int k = 0; k < last; k++) {
        const array_in *in = &direct->arrays[direct->numbers[k]];
        if (direct->constants[k]) {
            data[k] = direct->constants[k];
            strides[k] = 0;
        } else if (!look_at(in, inputs, direct->group->ndim, shape, &data[k], &strides[k])) return 0;
    }
    PyArrayObject *result = new_output(direct->group, 0, shape);
    if (!result) {
        PyErr_Clear();
        return 0;
    }
    data[last] = PyArray_BYTES(result);
    strides[last] = op->itemsize;
    int failed = op->loop(op->context, data, &size, strides, op->auxdata) < 0 || gl_has_raised(direct->group);
    if ((op->is_plain ? gl_sse_flags() : gl_all_flags()) || failed) {
        Py_DECREF(result);
        if (failed) PyErr_Clear();
        return 0;
    }
    outputs[0] = (PyObject *)result;
    return 1;
}

static int run_several(const gl_plan *plan, PyObject **inputs, const npy_intp *shape, npy_intp size, PyObject **outputs,
                       gl_run_state *state) {
    const gl_direct *direct = plan->direct;
    gl_group_run run;
    run.group = direct->group;
    run.state = state;
    run.size = size;
    if (!look_at_arrays(direct, inputs, shape, &run)) return GL_NODEWISE;
    if (run.group->n_arrays < run.group->n_regs - run.group->n_ops && !look_at_scalars(plan, inputs, &run)) {
        return GL_NODEWISE;
    }
    if (!allocate(&run, shape)) {
        gl_drop_exception(state);
        return GL_NODEWISE;
    }
    int status = compute(&run, direct, state);
    if (status != GL_OK) let_go(&run, run.group->n_outputs);
    else for (int i = 0; i < plan->n_outputs; i++) outputs[i] = (PyObject *)run.outputs[direct->outputs[i]];
    return status;
}

int gl_run_direct(const gl_plan *plan, PyObject **inputs, PyObject **outputs, gl_run_state *state) {
    const gl_direct *direct = plan->direct;
    PyArrayObject *shaped = (PyArrayObject *)inputs[direct->shaped];
    if (!PyArray_CheckExact(shaped) || PyArray_NDIM(shaped) != direct->group->ndim) return GL_NODEWISE;
    const npy_intp *shape = PyArray_DIMS(shaped);
    npy_intp size = size_of(direct, shape);
    if (size <= 0) return GL_NODEWISE;
    if (direct->is_single && run_single(direct, inputs, shape, size, outputs)) {
        state->n_interpreted = size;
        return GL_OK;
    }
    return run_several(plan, inputs, shape, size, outputs, state);
}
