/* Running operations as one compiled function, where there is one for the operands at hand. */
#include "native_group.h"

enum { PAUSE = 16, SHORT_ROW = 256, SHORT_COLUMNS = 64, LEAST_STREAMED = 4 * GL_STREAMED };

static int kind_of(npy_intp stride, npy_intp size) {
    if (stride == size) return GL_DENSE;
    if (stride == 0) return GL_STILL;
    return stride == -size ? GL_REVERSED : GL_STRIDED;
}

static uint64_t key_of(const gl_stage *stage, const intptr_t *strides) {
    uint64_t key = 0;
    for (int i = stage->n_inputs - 1; i >= 0; i--) key = key * GL_STRIDE_KINDS + kind_of(strides[i], stage->sizes[i]);
    return key;
}

/* Without the GIL others may add to the table meanwhile. */
static gl_code_fn *find(const gl_code *code, uint64_t key, int *is_known) {
    int n = __atomic_load_n(&code->n_variants, __ATOMIC_ACQUIRE);
    *is_known = n == GL_MAX_VARIANTS;
    for (int i = 0; i < n; i++) {
        if (code->variants[i].key != key) continue;
        *is_known = 1;
        return code->variants[i].fn;
    }
    return NULL;
}

static void ask_for(gl_group_run *run, gl_stage *stage, uint64_t key, npy_intp n) {
    gl_code *code = stage->code;
    int64_t work = (GL_BEGINNING + (int64_t)n) * (stage->n_ops + stage->n_reductions);
    int64_t left = __atomic_sub_fetch(&code->patience, work, __ATOMIC_RELAXED);
    if (left > 0) return;
    __atomic_store_n(&code->wanted, key + 1, __ATOMIC_RELAXED);
    run->wants_code = 1;
}

static int is_paused(gl_stage *stage) {
    int pause = __atomic_load_n(&stage->pause, __ATOMIC_RELAXED);
    if (pause == 0) return 0;
    __atomic_store_n(&stage->pause, pause - 1, __ATOMIC_RELAXED);
    return 1;
}

static void look_at_input(const gl_group_run *run, int reg, char **data, intptr_t *stride, intptr_t *step) {
    if (run->in_rows && reg < run->group->n_arrays && !run->is_flat[reg]) {
        *data = run->row_ptr[reg];
        *stride = run->row_stride[reg];
        *step = run->row_step[reg];
        return;
    }
    *data = run->ptr[reg];
    *stride = run->stride[reg];
    *step = *stride * run->length;
}

/* Do the stage's results go on from what is there? */
static int goes_on(const gl_group_run *run, const gl_stage *stage) {
    return stage->n_reductions > 0 && run->group->walk == GL_COLUMNS;
}

/* NumPy's own loops reduce long rows of what is there already, and add them up, just as well; for very short ones see native_tails.c. */
static int is_for_loops(const gl_group_run *run, const gl_stage *stage) {
    if (goes_on(run, stage)) {
        return run->length < 2 || (run->group->n_ops == 0 && run->together == 1 && run->length >= SHORT_COLUMNS);
    }
    if (stage->n_reductions > 0 && run->rows > 1 && run->length < GL_SHORTEST_ROW) {
        return stage->n_outputs > 0 || run->rows < GL_SHORTEST_ROW;
    }
    if (stage->n_ops > 0 || run->length <= SHORT_ROW) return 0;
    if (run->group->n_ops == 0) return 1;
    for (int i = 0; i < stage->n_reductions; i++) {
        if (run->group->tails[stage->reductions[i]].kind == GL_SUM) return 0;
    }
    return 1;
}

static void look_at_results(const gl_group_run *run, const gl_stage *stage, char **data) {
    for (int i = 0; i < stage->n_reductions; i++) {
        int k = stage->reductions[i];
        const gl_tail *tail = &run->group->tails[k];
        data[i] = run->reduced[k];
        if (!goes_on(run, stage) || tail->kind != GL_ARG) continue;
        npy_intp index = (run->reduced[k] - PyArray_BYTES(run->tails[k])) / tail->op.itemsize;
        data[stage->n_reductions + i] = run->best[k] + index * tail->source_size;
    }
}

/* How many elements lie in front of those that can be stored past the cache; -1: not the same for all results. */
static npy_intp find_head(const gl_group_run *run, const gl_stage *stage, npy_intp n) {
    npy_intp head = -1;
    if (!run->streams || !stage->streams || run->in_rows || n < LEAST_STREAMED) return -1;
    for (int i = stage->n_inputs; i < stage->n_inputs + stage->n_outputs; i++) {
        npy_intp bytes = -(uintptr_t)run->ptr[stage->regs[i]] % GL_STREAMED;
        if (bytes % stage->sizes[i] || (head >= 0 && head != bytes / stage->sizes[i])) return -1;
        head = bytes / stage->sizes[i];
    }
    return head;
}

static gl_code_fn *streaming(gl_group_run *run, gl_stage *stage, uint64_t key, npy_intp n) {
    int is_known;
    uint64_t bit = 1;
    for (int i = 0; i < stage->n_inputs; i++) bit *= GL_STRIDE_KINDS;
    gl_code_fn *fn = find(stage->code, key + bit, &is_known);
    if (!fn && !is_known) ask_for(run, stage, key + bit, n);
    return fn;
}

static int64_t call_part(gl_code_fn *fn, const gl_stage *stage, char *const *data, const intptr_t *strides,
                         const intptr_t *steps, npy_intp from, npy_intp n) {
    char *part[2 * GL_MAX_OPERANDS];
    for (int i = 0; i < stage->n_inputs + stage->n_outputs; i++) part[i] = data[i] + from * strides[i];
    return fn(part, strides, n, 1, steps);
}

/* What lies at the ends of the line is stored as usual, and nothing is stored twice: a part of memory that has just gone
   past the cache would have to be read again. */
static int64_t call_streaming(gl_code_fn *fn, gl_code_fn *past, const gl_stage *stage, char *const *data,
                              const intptr_t *strides, const intptr_t *steps, npy_intp head, npy_intp n) {
    npy_intp end = head + (n - head) / GL_STREAMED * GL_STREAMED;
    int64_t found = head ? call_part(fn, stage, data, strides, steps, 0, head) : 0;
    found |= call_part(past, stage, data, strides, steps, head, end - head);
    if (end < n) found |= call_part(fn, stage, data, strides, steps, end, n - end);
    return found;
}

int gl_run_stage(gl_group_run *run, gl_stage *stage, npy_intp n) {
    char *data[2 * GL_MAX_OPERANDS + 2 * GL_MAX_TAILS];
    intptr_t strides[2 * GL_MAX_OPERANDS], steps[GL_MAX_OPERANDS + 2];
    int is_known, n_regs = stage->n_inputs + stage->n_outputs;
    if (is_for_loops(run, stage) || is_paused(stage) || (stage->in_tiles && !run->in_tile)) return 0;
    for (int i = 0; i < stage->n_inputs; i++) look_at_input(run, stage->regs[i], &data[i], &strides[i], &steps[i]);
    uint64_t key = key_of(stage, strides);
    gl_code_fn *fn = find(stage->code, key, &is_known);
    if (!fn) {
        if (!is_known) ask_for(run, stage, key, n);
        return 0;
    }
    npy_intp head = find_head(run, stage, n);
    gl_code_fn *past = head >= 0 ? streaming(run, stage, key, n) : NULL;
    for (int i = stage->n_inputs; i < n_regs; i++) {
        int reg = stage->regs[i];
        data[i] = run->ptr[reg];
        strides[i] = run->stride[reg] = stage->sizes[i];
    }
    look_at_results(run, stage, data + n_regs);
    steps[stage->n_inputs] = run->first_row;
    steps[stage->n_inputs + 1] = run->together;
    int is_flat = !run->in_rows && stage->n_reductions == 0;
    int64_t found = past ? call_streaming(fn, past, stage, data, strides, steps, head, n)
                         : fn(data, strides, is_flat ? n : run->length, is_flat ? 1 : run->rows, steps);
    if (found) { /* no flag is lost: the operations raise it again */
        __atomic_store_n(&stage->pause, PAUSE, __ATOMIC_RELAXED);
        gl_clear_flags();
        if (!goes_on(run, stage)) return 0;
        run->unsure = 1; /* results have gone on: NumPy begins anew */
    }
    for (int i = 0; i < stage->n_reductions; i++) run->has_reduced |= 1u << stage->reductions[i];
    run->compiled += n * stage->n_ops;
    if (stage->flagged) gl_look_at_stage_flags(run, stage->flagged);
    return 1;
}

/* Is every operation in a stage that has some function? Then short rows need not be packed. */
int gl_all_compiled(const gl_group *group) {
    int n_ops = 0;
    for (int i = 0; i < group->n_stages; i++) {
        if (__atomic_load_n(&group->stages[i].code->n_variants, __ATOMIC_ACQUIRE) > 0) n_ops += group->stages[i].n_ops;
    }
    return n_ops == group->n_ops && n_ops > 0;
}

/* Is it one compiled function that reduces rows and stores nothing else? It takes short ones side by side. */
int gl_only_reduces(const gl_group *group) {
    return group->n_stages == 1 && group->stages[0].n_outputs == 0 && gl_all_compiled(group);
}

void gl_stages_free(gl_group *group) {
    for (int i = 0; group->stages && i < group->n_stages; i++) {
        PyMem_Free(group->stages[i].regs);
        PyMem_Free(group->stages[i].sizes);
        PyMem_Free(group->stages[i].reductions);
        Py_CLEAR(group->stages[i].owner);
    }
    PyMem_Free(group->stages);
}
