/* Going through a loop nest: row by row where rows are long, else several rows packed into one block.

   The results are dense in the order of the nest, so their addresses only ever move on. */
#include "native_group.h"

enum { LONG_ROW = 192, LONG_ROW_OF_ONE = 24 };

static int first_value(const gl_group *group) { return group->n_arrays + group->n_scalars + group->n_constants; }

static void advance_outputs(gl_group_run *run, npy_intp n) {
    const gl_group *group = run->group;
    int first = first_value(group);
    for (int i = 0; i < group->n_outputs; i++) {
        int reg = group->outputs[i].reg;
        run->ptr[reg] += group->ops[reg - first].itemsize * n;
    }
}

/* One row: the arrays have their own strides. */
static void run_row(gl_group_run *run, const gl_nest *nest, char *const *base) {
    const gl_group *group = run->group;
    npy_intp left = nest->shape[0];
    int at_once = group->n_ops == 1 && !group->has_casts;
    for (int i = 0; i < group->n_arrays; i++) {
        run->ptr[i] = base[i];
        run->stride[i] = nest->in_strides[i][0];
    }
    while (left > 0 && !run->failed) {
        npy_intp n = at_once ? left : gl_block_of(group, left);
        gl_run_ops(run, n);
        advance_outputs(run, n);
        for (int i = 0; i < group->n_arrays; i++) run->ptr[i] += run->stride[i] * n;
        left -= n;
    }
}

/* Moves all addresses to the next row; 0 behind the last. */
static int next_row(const gl_group_run *run, const gl_nest *nest, npy_intp *index, char **base) {
    for (int d = 1; d < nest->ndim; d++) {
        for (int i = 0; i < run->group->n_arrays; i++) base[i] += nest->in_strides[i][d];
        if (++index[d] < nest->shape[d]) return 1;
        for (int i = 0; i < run->group->n_arrays; i++) base[i] -= nest->in_strides[i][d] * nest->shape[d];
        index[d] = 0;
    }
    return 0;
}

enum packing { IN_PLACE, PACKED, PACKED_ONCE, SAME_EVERYWHERE };

static enum packing packing_of(const gl_group_run *run, const gl_nest *nest, int array) {
    npy_intp dense = run->group->arrays[array].itemsize;
    int is_dense = 1, outer_moves = 0, moves = 0;
    for (int d = 0; d < nest->ndim; d++) {
        npy_intp stride = nest->in_strides[array][d];
        is_dense &= stride == dense;
        moves |= stride != 0;
        outer_moves |= d > 0 && stride != 0;
        dense *= nest->shape[d];
    }
    if (!moves) return SAME_EVERYWHERE;
    if (is_dense) return IN_PLACE;
    return outer_moves ? PACKED : PACKED_ONCE;
}

static void run_packed(gl_group_run *run, const gl_nest *nest, char **base) {
    const gl_group *group = run->group;
    enum packing packing[GL_MAX_REGS];
    npy_intp index[GL_MAX_NDIM] = {0}, length = nest->shape[0], rows_left = run->size / length;
    npy_intp rows_a_block = group->block / length;
    for (int i = 0; i < group->n_arrays; i++) {
        packing[i] = packing_of(run, nest, i);
        run->stride[i] = packing[i] == SAME_EVERYWHERE ? 0 : group->arrays[i].itemsize;
        run->ptr[i] = packing[i] == IN_PLACE || packing[i] == SAME_EVERYWHERE ? base[i]
                      : run->scratch + group->buffer * (group->n_buffers + i);
    }
    for (int is_first = 1; rows_left > 0 && !run->failed; is_first = 0) {
        npy_intp rows = rows_left < rows_a_block ? rows_left : rows_a_block;
        for (npy_intp row = 0; row < rows; row++) {
            for (int i = 0; i < group->n_arrays; i++) {
                if (packing[i] != PACKED && !(packing[i] == PACKED_ONCE && is_first)) continue;
                int itemsize = group->arrays[i].itemsize;
                gl_pack(run->ptr[i] + row * length * itemsize, base[i], nest->in_strides[i][0], length, itemsize);
            }
            next_row(run, nest, index, base);
        }
        gl_run_ops(run, rows * length);
        advance_outputs(run, rows * length);
        for (int i = 0; i < group->n_arrays; i++) {
            if (packing[i] == IN_PLACE) run->ptr[i] += rows * length * group->arrays[i].itemsize;
        }
        rows_left -= rows;
    }
}

void gl_run_nest(gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    char *base[GL_MAX_REGS];
    npy_intp index[GL_MAX_NDIM] = {0};
    for (int i = 0; i < group->n_arrays; i++) base[i] = run->ptr[i];
    int long_row = group->n_ops == 1 && !group->has_casts ? LONG_ROW_OF_ONE : LONG_ROW;
    if (nest->ndim > 1 && nest->shape[0] < long_row) {
        run_packed(run, nest, base);
        return;
    }
    do {
        run_row(run, nest, base);
    } while (!run->failed && next_row(run, nest, index, base));
}
