/* The operations of a group on one block. */
#include "native_group.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

#define PACK(type) \
    case sizeof(type): \
        if (stride == 0) { \
            type value = *(const type *)from; \
            for (npy_intp i = 0; i < n; i++) ((type *)to)[i] = value; \
        } else { \
            for (npy_intp i = 0; i < n; i++, from += stride) ((type *)to)[i] = *(const type *)from; \
        } \
        break

void gl_pack(char *to, const char *from, npy_intp stride, npy_intp n, int itemsize) {
    if (stride == itemsize) {
        memcpy(to, from, n * itemsize);
        return;
    }
    switch (itemsize) {
        PACK(npy_uint8);
        PACK(npy_uint16);
        PACK(npy_uint32);
        PACK(npy_uint64);
    default:
        for (npy_intp i = 0; i < n; i++, from += stride, to += itemsize) memcpy(to, from, itemsize);
    }
}

#define PACK_ROWS(type) \
    case sizeof(type): \
        for (npy_intp row = 0; row < rows; row++, from += row_stride) { \
            for (npy_intp i = 0; i < n; i++) *(type *)to = *(const type *)(from + i * stride), to += sizeof(type); \
        } \
        break

/* Rows of n elements, one behind the other. */
void gl_pack_rows(char *to, const char *from, npy_intp stride, npy_intp n, npy_intp row_stride, npy_intp rows, int itemsize) {
    npy_intp nbytes = n * itemsize, total = nbytes * rows;
    if (stride == itemsize && row_stride == nbytes) {
        memcpy(to, from, total);
        return;
    }
    if (row_stride == 0) { /* the same row again and again */
        gl_pack(to, from, stride, n, itemsize);
        for (npy_intp done = nbytes; done < total;) {
            npy_intp more = done < total - done ? done : total - done;
            memcpy(to + done, to, more);
            done += more;
        }
        return;
    }
    switch (itemsize) {
        PACK_ROWS(npy_uint8);
        PACK_ROWS(npy_uint16);
        PACK_ROWS(npy_uint32);
        PACK_ROWS(npy_uint64);
    default:
        for (npy_intp row = 0; row < rows; row++, from += row_stride, to += nbytes) {
            gl_pack(to, from, stride, n, itemsize);
        }
    }
}

static void run_loop(gl_group_run *run, const gl_op *op, npy_intp n) {
    char *data[GL_MAX_ARGS];
    npy_intp strides[GL_MAX_ARGS];
    for (int k = 0; k < op->n_args; k++) {
        data[k] = run->ptr[op->reg[k]];
        strides[k] = run->stride[op->reg[k]];
    }
    if (op->loop(op->context, data, &n, strides, op->auxdata) < 0) run->failed = 1;
    if (op->nans != GL_SURE) run->unsure |= gl_nans_in_doubt(run, op, data, strides, n);
}

/* A cast reads a dense run. One element that stands for all is cast once and stands for all again. */
static void run_cast(gl_group_run *run, const gl_op *op, npy_intp n) {
    char *from = run->ptr[op->reg[0]], *to = run->ptr[op->reg[1]];
    npy_intp stride = run->stride[op->reg[0]];
    if (op->kind == GL_CONVERT) {
        run->stride[op->reg[1]] = stride == 0 ? 0 : op->itemsize;
        if (stride == 0) n = 1;
    }
    if (!op->cast) {
        gl_pack(to, from, stride, n, op->itemsize);
        return;
    }
    if (stride != op->from_size && n > 1) {
        gl_pack(run->spare, from, stride, n, op->from_size);
        from = run->spare;
    }
    op->cast(from, to, n);
}

#define SELECT(type) \
    case sizeof(type): \
        for (npy_intp i = 0; i < n; i++) { \
            const type *chosen = (const type *)(*(const npy_bool *)c ? x : y); \
            ((type *)to)[i] = *chosen; \
            c += cs; x += xs; y += ys; \
        } \
        break

#define SELECT_DENSE(type) \
    case sizeof(type): \
        for (npy_intp i = 0; i < n; i++) { \
            type a = ((const type *)x)[i], b = ((const type *)y)[i]; \
            ((type *)to)[i] = c[i] ? a : b; \
        } \
        break

static void run_where(gl_group_run *run, const gl_op *op, npy_intp n) {
    const char *c = run->ptr[op->reg[0]], *x = run->ptr[op->reg[1]], *y = run->ptr[op->reg[2]];
    npy_intp cs = run->stride[op->reg[0]], xs = run->stride[op->reg[1]], ys = run->stride[op->reg[2]];
    char *to = run->ptr[op->reg[3]];
    if (cs == 1 && xs == op->itemsize && ys == op->itemsize) {
        switch (op->itemsize) {
            SELECT_DENSE(npy_uint8);
            SELECT_DENSE(npy_uint16);
            SELECT_DENSE(npy_uint32);
            SELECT_DENSE(npy_uint64);
        default: goto strided;
        }
        return;
    }
strided:
    switch (op->itemsize) {
        SELECT(npy_uint8);
        SELECT(npy_uint16);
        SELECT(npy_uint32);
        SELECT(npy_uint64);
    default:
        for (npy_intp i = 0; i < n; i++, c += cs, x += xs, y += ys) {
            memcpy(to + i * op->itemsize, *(const npy_bool *)c ? x : y, op->itemsize);
        }
    }
}

static inline void note_flags(gl_group_run *run, const gl_op *op, int raised) {
    if (!raised) return;
    if (!op->checked) gl_clear_flags();
    else if (raised & ~run->flags) {
        run->flags |= raised;
        run->flagged = op;
    }
}

/* Some loops clear the flags at their end, so they are read behind each. What is known already stays raised: to clear it
   takes as long as a hundred elements. */
void gl_look_at_flags(gl_group_run *run, const gl_op *op) {
    note_flags(run, op, op->is_plain ? gl_sse_flags() : gl_all_flags());
}

void gl_look_at_stage_flags(gl_group_run *run, const gl_op *op) { note_flags(run, op, gl_sse_flags()); }

/* All operations on more than a block, where one compiled function does them; 0: it does not. */
int gl_run_together(gl_group_run *run, npy_intp n) {
    run->has_reduced = 0;
    run->length = n;
    return gl_run_stage(run, run->group->stages, n);
}

/* The block is one row, or what gl_seek_rows made of it. */
void gl_run_ops(gl_group_run *run, npy_intp n) {
    const gl_group *group = run->group;
    gl_stage *stage = group->stages, *end = stage + group->n_stages;
    npy_intp interpreted = run->interpreted;
    run->has_reduced = 0;
    if (run->rows == 1) run->length = n;
    for (int i = 0; i < group->n_ops; i++) {
        const gl_op *op = &group->ops[i];
        if (stage < end && stage->first == i && gl_run_stage(run, stage++, n)) {
            i += stage[-1].n_ops - 1;
            continue;
        }
        run->interpreted += n;
        if (run->in_rows) {
            for (int k = 0; k + 1 < op->n_args; k++) gl_flatten(run, op->reg[k]);
        }
        switch (op->kind) {
        case GL_LOOP: run_loop(run, op, n); break;
        case GL_CAST:
        case GL_CONVERT: run_cast(run, op, n); break;
        case GL_WHERE: run_where(run, op, n); break;
        }
        gl_look_at_flags(run, op);
    }
    if (stage < end) gl_run_stage(run, stage, n);
    if (!run->repacked || run->watches || !group->doubts_nans || run->interpreted == interpreted) return;
    if (!gl_results_have_nans(run, n)) return;
    if (group->walk == GL_COLUMNS) run->unsure |= GL_UNSURE; /* stages have gone on with results */
    else {
        run->watches = 1;
        gl_run_ops(run, n);
    }
}
