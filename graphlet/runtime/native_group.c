/* Running a group: find out what the operands look like, allocate the results, go through the space in blocks. */
#include "native_group.h"
#include "native_clock.h"
#include "native_pool.h"
#include "native_share.h"

enum { CONTIGUOUS = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS, RELEASE_FROM = 60000, PAGE = 64 };
enum { AGAIN = 8, SHORT_RUN = 1024 };

static const double MOST_ELEMENTS = (double)NPY_MAX_INTP / GL_CELL; /* a product of doubles costs less than a division */

/* 0: nothing to do here, or more elements than there can be bytes. */
static int resolve_shape(gl_group_run *run, const npy_intp *syms) {
    const gl_group *group = run->group;
    run->size = 1;
    for (int i = 0; i < group->ndim; i++) {
        npy_intp dim = group->dims[i];
        run->shape[i] = dim < 0 ? syms[-1 - dim] : dim;
        if (run->shape[i] <= 0 || (double)run->size * run->shape[i] > MOST_ELEMENTS) return 0;
        run->size *= run->shape[i];
    }
    return 1;
}

/* Are the sizes of an operand those of the space? */
static int fits(const gl_group_run *run, const gl_array_in *in, PyArrayObject *array) {
    const npy_intp *shape = PyArray_DIMS(array);
    int seen = 0;
    for (int i = 0; i < run->group->ndim; i++) {
        if (in->axes[i] < 0) continue;
        if (shape[in->axes[i]] != run->shape[i]) return 0;
        seen++;
    }
    for (int i = 0; i < in->ndim && seen < in->ndim; i++) seen += shape[i] == 1;
    return seen >= in->ndim;
}

enum layout { NEST = 0, ONE_RUN_C, ONE_RUN_F, REFUSED, UNRELATED };

/* Takes addresses of the arrays, and strides where one run can do. */
static enum layout look_at_arrays(gl_group_run *run, PyObject **slots) {
    const gl_group *group = run->group;
    int common = CONTIGUOUS, nest = 0;
    for (int i = 0; i < group->n_arrays; i++) {
        const gl_array_in *in = &group->arrays[i];
        PyArrayObject *array = (PyArrayObject *)slots[in->slot];
        int flags = PyArray_FLAGS(array);
        if (!(flags & NPY_ARRAY_ALIGNED)) return REFUSED;
        if (!fits(run, in, array)) return UNRELATED;
        run->arrays[i] = array;
        run->ptr[i] = PyArray_BYTES(array);
        run->stride[i] = 0;
        if (in->is_point && group->strict && in->ndim > 0 && run->size == 1) return REFUSED; /* 1 meets 1 */
        if (in->is_point) continue;
        if (!in->is_full) nest = 1;
        else if (group->ndim == 1) run->stride[i] = PyArray_STRIDE(array, 0);
        else {
            common &= flags;
            run->stride[i] = in->itemsize;
        }
    }
    if (nest || !(common & CONTIGUOUS)) return NEST;
    if (common & NPY_ARRAY_C_CONTIGUOUS) return ONE_RUN_C;
    for (int i = 0; i < group->ndim; i++) {
        if (run->shape[i] == 1) return NEST; /* where a size of 1 stands in the strides is the iterator's business */
    }
    return ONE_RUN_F;
}

static int look_at_scalars(gl_group_run *run, PyObject **slots) {
    const gl_group *group = run->group;
    int reg = group->n_arrays;
    for (int i = 0; i < group->n_scalars; i++, reg++) {
        const gl_scalar_in *in = &group->scalars[i];
        run->ptr[reg] = run->cells[i];
        run->stride[reg] = 0;
        if (gl_convert_scalar(run->cells[i], slots[in->slot], in->descr) < 0) return -1;
    }
    for (int i = 0; i < group->n_constants; i++, reg++) {
        run->ptr[reg] = group->constants + i * GL_CELL;
        run->stride[reg] = 0;
    }
    return 0;
}

int gl_allocate_output(gl_group_run *run, int i, const npy_intp *strides, int fortran) {
    const gl_group *group = run->group;
    int slot = group->outputs[i].slot;
    if (gl_is_given(run->state, slot)) {
        run->outputs[i] = fortran ? NULL : gl_given(run->state, slot, group->ndim, run->shape, strides);
        return run->outputs[i] ? GL_OK : GL_NODEWISE;
    }
    if (slot == run->state->plan->placed_value) {
        run->outputs[i] = gl_placed(run, i, strides, fortran);
        if (run->outputs[i]) return GL_OK;
    }
    PyArray_Descr *descr = group->outputs[i].descr;
    Py_INCREF(descr);
    run->outputs[i] = (PyArrayObject *)gl_new_array(descr, group->ndim, run->shape, strides, fortran);
    return run->outputs[i] ? GL_OK : GL_DECLINED;
}

static int allocate_run(gl_group_run *run, int fortran) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_outputs; i++) {
        int status = gl_allocate_output(run, i, NULL, fortran);
        if (status != GL_OK) return status;
    }
    return GL_OK;
}

/* Where each value goes: into an output, or into a scratch buffer. */
void gl_place_values(gl_group_run *run) {
    const gl_group *group = run->group;
    int first = gl_first_value(group);
    for (int reg = first; reg < group->n_regs; reg++) {
        int where = group->scratch[reg - first];
        run->stride[reg] = group->ops[reg - first].itemsize;
        run->ptr[reg] = where < 0 ? PyArray_BYTES(run->outputs[-1 - where])
                                  : run->scratch + where * group->buffer;
    }
}

/* ---- scratch memory ---- */

int gl_take_scratch(gl_group *group, gl_group_run *run) {
    run->scratch = NULL;
    size_t n_all = group->n_buffers + group->n_arrays + 1;
    if (group->arena_busy || !group->arena) {
        char *memory = PyMem_RawMalloc(group->buffer * n_all + PAGE);
        if (!memory) return -1;
        if (group->arena_busy) run->scratch = memory;
        else group->arena = memory;
    }
    int is_own = run->scratch != NULL;
    char *memory = is_own ? run->scratch : group->arena;
    if (!is_own) group->arena_busy = 1;
    run->arena = memory;
    run->owns_arena = is_own;
    run->scratch = (char *)(((uintptr_t)memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    run->spare = run->scratch + group->buffer * (n_all - 1);
    return 0;
}

void gl_give_scratch(gl_group *group, gl_group_run *run) {
    if (!run->scratch) return;
    if (run->owns_arena) PyMem_RawFree(run->arena);
    else group->arena_busy = 0;
}

/* ---- the run ---- */

npy_intp gl_stream_from = (npy_intp)32 << 20; /* the last cache of processors of today, or what a program has of it */

static npy_intp output_bytes(const gl_group_run *run) {
    npy_intp bytes = 0;
    for (int i = 0; i < run->group->n_outputs; i++) bytes += PyArray_NBYTES(run->outputs[i]);
    return bytes;
}

static void compute_alone(gl_group_run *run, const gl_nest *nest, gl_turn *turn) {
    gl_pieces pieces;
    PyThreadState *released = NULL;
    if (run->size * (run->group->n_ops + run->group->n_tails) > RELEASE_FROM) released = PyEval_SaveThread();
    if (run->flags_cleared) gl_clear_flags();
    if (run->group->n_tails) gl_run_tails(run, nest);
    else if (!nest && run->size < run->group->block + GL_TAIL) gl_run_ops(run, run->size);
    else {
        gl_cut_pieces(run, nest, 0, &pieces);
        gl_begin_pieces(run, nest, &pieces);
        gl_run_pieces(run, nest, &pieces, 0, pieces.n);
    }
    gl_turn_stop(turn);
    if (released) PyEval_RestoreThread(released);
}

static void compute(gl_group *group, gl_group_run *run, const gl_nest *nest) {
    gl_turn turn = {1, NULL, 0, 0};
    if (run->size >= gl_least_shared) {
        run->streams = output_bytes(run) >= gl_stream_from;
        turn = gl_share_turn(group, run);
    }
    if (turn.n_threads < 2 || !gl_share(run, nest, &turn)) compute_alone(run, nest, &turn);
    if (run->flags) gl_clear_flags();
    if (turn.measured) gl_turn_note(&turn);
}

static int run_one(gl_group *group, gl_group_run *run, enum layout layout) {
    gl_nest nest;
    int order[GL_MAX_NDIM];
    int needs_scratch = group->n_buffers > 0 || group->has_casts || layout == NEST;
    run->scratch = NULL;
    if (needs_scratch && gl_take_scratch(group, run) < 0) return GL_DECLINED;
    int status = layout == NEST ? gl_allocate_outputs(run, order) : allocate_run(run, layout == ONE_RUN_F);
    if (status == GL_OK && group->n_tails) status = gl_allocate_tails(run);
    if (status == GL_OK) {
        gl_place_values(run);
        if (layout == NEST) gl_make_nest(run, order, &nest);
        run->repacked = (layout == NEST && nest.ndim > 1) || (group->n_tails > 0 && group->n_outputs > 0) || run->state->n_given;
        compute(group, run, layout == NEST ? &nest : NULL);
    }
    gl_give_scratch(group, run);
    return status;
}

int gl_group_verdict(gl_group_run *run, gl_run_state *state) {
    if (gl_loops_failed(run)) {
        gl_drop_exception(state);
        state->reason = "a loop failed";
        return GL_DECLINED;
    }
    if (run->unsure & GL_UNSURE_IN_PLACE) {
        state->reason = GL_NANS_MET;
        return GL_DECLINED;
    }
    if (run->unsure) return GL_NODEWISE;
    const gl_group *group = run->group;
    if (run->flags && (run->flags & gl_errstate_mask(state, group->ignored, group->forced))) {
        gl_drop_exception(state);
        state->reason = gl_loop_name(run->flagged);
        strcpy(state->error, "a floating-point flag that NumPy reports");
        return GL_DECLINED;
    }
    return GL_OK;
}

/* Puts the results into their slots, or lets go of them. */
static int publish(gl_group_run *run, gl_run_state *state, int status) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_tails && status == GL_OK; i++) {
        PyObject *result = gl_tail_result(run, i);
        if (!result) {
            gl_drop_exception(state);
            status = GL_DECLINED;
        }
        state->slots[group->tails[i].slot] = result;
    }
    gl_release_tails(run);
    for (int i = 0; i < group->n_outputs; i++) {
        int slot = group->outputs[i].slot;
        if (status == GL_OK) state->slots[slot] = (PyObject *)run->outputs[i];
        else Py_XDECREF(run->outputs[i]);
        if (slot == state->plan->placed_value) state->n_placed = state->slots[slot] == state->slots[state->plan->placed_target];
    }
    return status;
}

static int run_group(gl_group *group, gl_run_state *state, int flags_cleared) {
    gl_group_run run;
    run.group = group;
    run.state = state;
    run.flags = run.failed = run.unsure = run.again = run.repacked = run.watches = 0;
    run.flags_cleared = flags_cleared;
    run.compiled = run.interpreted = run.wants_code = 0;
    run.rows = 1;
    run.streams = run.in_tile = 0;
    run.in_rows = 0;
    if (!resolve_shape(&run, state->syms)) return GL_NODEWISE;
    enum layout layout = look_at_arrays(&run, state->slots);
    if (layout == UNRELATED) {
        state->reason = "shapes of operands are not related as before";
        return GL_MISMATCH;
    }
    if (run.size > SHORT_RUN) run.flags_cleared = 1;
    if (layout == REFUSED || (layout == NEST && (group->strict || !group->n_ops))) return GL_NODEWISE;
    /* One element that NumPy casts on the way stands still in its iterator, where loops take another path. */
    if (group->strict && group->has_casts && group->ndim > 1 && run.size == 1) return GL_NODEWISE;
    if (layout == ONE_RUN_F && group->needs_c) return GL_NODEWISE;
    if (look_at_scalars(&run, state->slots) < 0) return GL_NODEWISE;
    for (int i = 0; i < group->n_outputs; i++) run.outputs[i] = NULL;
    for (int i = 0; i < group->n_tails; i++) {
        run.tails[i] = NULL;
        run.best[i] = NULL;
    }
    int status = run_one(group, &run, layout);
    if (status == GL_OK) status = run.flags && !run.flags_cleared ? AGAIN : gl_group_verdict(&run, state);
    else if (PyErr_Occurred()) gl_drop_exception(state);
    state->n_compiled += run.compiled;
    state->n_interpreted += run.interpreted;
    state->wants_code |= run.wants_code;
    return publish(&run, state, status);
}

/* Clearing the flags costs as much as a few elements do. They are nearly always clear, so a short run starts without
   and is done again when there are some. */
int gl_run_group(gl_group *group, gl_run_state *state) {
    int status = run_group(group, state, 0);
    return status == AGAIN ? run_group(group, state, 1) : status;
}

void gl_group_free(gl_group *group) {
    if (!group) return;
    gl_stages_free(group);
    for (int i = 0; group->arrays && i < group->n_arrays; i++) PyMem_Free(group->arrays[i].axes);
    for (int i = 0; group->scalars && i < group->n_scalars; i++) Py_XDECREF(group->scalars[i].descr);
    for (int i = 0; group->ops && i < group->n_ops; i++) Py_XDECREF(group->ops[i].capsule);
    for (int i = 0; group->outputs && i < group->n_outputs; i++) Py_XDECREF(group->outputs[i].descr);
    for (int i = 0; group->fallback && i < group->n_fallback; i++) gl_step_clear(&group->fallback[i]);
    PyMem_Free(group->fallback);
    PyMem_Free(group->dims);
    PyMem_Free(group->arrays);
    PyMem_Free(group->scalars);
    PyMem_Free(group->constants);
    PyMem_Free(group->ops);
    PyMem_Free(group->outputs);
    for (int i = 0; group->tails && i < group->n_tails; i++) {
        Py_XDECREF(group->tails[i].op.capsule);
        Py_XDECREF(group->tails[i].descr);
    }
    PyMem_Free(group->tails);
    PyMem_Free(group->scratch);
    PyMem_RawFree(group->arena);
    PyMem_RawFree(group->measures);
    PyMem_Free(group);
}
