/* Stretches of rows that do not lie one behind the other, read where they are: for reductions of everything, whose
   stretches end somewhere in a row. */
#include "native_group.h"

static npy_intp least(npy_intp a, npy_intp b) { return a < b ? a : b; }

/* Are there functions that go through rows as they are? A row has no more than half a block. */
int gl_takes_rows(const gl_group_run *run, const gl_nest *nest) {
    if (!nest || nest->ndim < 2 || nest->shape[0] < GL_SHORTEST_ROW) return 0;
    return nest->shape[0] <= run->group->block / 2 && gl_all_compiled(run->group);
}

npy_intp gl_rows_at_once(const gl_group_run *run, const gl_nest *nest, npy_intp row, npy_intp left) {
    if (nest->ndim > 2) left = least(left, nest->shape[1] - row % nest->shape[1]);
    return least(least(left, GL_MOST_ROWS), run->group->block / nest->shape[0]);
}

/* Can what is reduced be put together from several pieces? Then a value's place in its buffer moves with the pieces. */
int gl_is_joined(const gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    int first = gl_first_value(group);
    if (!gl_takes_rows(run, nest)) return 0;
    for (int i = 0; i < group->n_stages; i++) {
        if (group->stages[i].n_reductions) return 0;
    }
    for (int i = 0; i < group->n_tails; i++) {
        int reg = group->tails[i].reg;
        if (reg < first || (group->scratch[reg - first] >= 0 && group->ops[reg - first].itemsize != group->width)) return 0;
    }
    return 1;
}

static void move_values(gl_group_run *run, npy_intp n) {
    const gl_group *group = run->group;
    int first = gl_first_value(group);
    for (int reg = first; reg < group->n_regs; reg++) {
        if (group->scratch[reg - first] >= 0) run->ptr[reg] += n * group->width;
    }
}

/* Some elements of the space in pieces: the end of a row, whole rows, the start of one. */
void gl_run_joined(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n) {
    npy_intp length = nest->shape[0], made = 0;
    for (npy_intp piece; made < n && !run->failed; made += piece) {
        npy_intp at = from + made, start = at % length, left = n - made;
        if (start || left < length) {
            piece = least(length - start, left);
            gl_seek(run, nest, at, piece);
        } else {
            npy_intp rows = gl_rows_at_once(run, nest, at / length, left / length);
            piece = rows * length;
            gl_seek_rows(run, nest, at, rows, length);
        }
        gl_run_ops(run, piece);
        move_values(run, piece);
    }
    move_values(run, -made);
    gl_seek_outputs(run, from);
}
