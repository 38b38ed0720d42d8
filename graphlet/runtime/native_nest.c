/* Going through a space: row by row where rows are long, else any stretch of it packed into a block.

   The results are dense in the order of the nest, so a stretch of the space is a stretch of each result. */
#include "native_group.h"

enum { LONG_ROW = 192, LONG_ROW_OF_ONE = 24, LONG_ROW_COMPILED = 32 };
enum { AT_ONCE = 8192 }; /* elements of a piece of one operation */
enum { TOGETHER = 16384 }; /* elements of pieces that are one call */
/* Of rows that lie across: elements of a piece, rows at a time, elements of a row of which the lines of the cache are too
   many to be there still for the next; bytes. */
enum { ACROSS = 256, ROWS_ACROSS = 32, LONG_ACROSS = 2048, LINE = 64, FAR_APART = 256 };

static int one_operation(const gl_group *group) { return group->n_ops == 1 && !group->has_casts; }

/* ---- any stretch of the space ---- */

static enum gl_packing packing_of(const gl_group_run *run, const gl_nest *nest, int array) {
    npy_intp dense = run->group->arrays[array].itemsize;
    int is_dense = 1, outer_moves = 0, moves = 0;
    for (int d = 0; d < nest->ndim; d++) {
        npy_intp stride = nest->in_strides[array][d];
        is_dense &= stride == dense;
        moves |= stride != 0;
        outer_moves |= d > 0 && stride != 0;
        dense *= nest->shape[d];
    }
    if (!moves) return GL_SAME;
    if (is_dense || nest->ndim == 1) return GL_IN_PLACE;
    return outer_moves ? GL_PACKED : GL_PACKED_ONCE;
}

static char *buffer_of(const gl_group_run *run, int array) {
    return run->scratch + run->group->buffer * (run->group->n_buffers + array);
}

void gl_start_seeking(gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_arrays; i++) {
        run->base[i] = run->ptr[i];
        run->n_packed[i] = 0;
        run->packing[i] = nest ? packing_of(run, nest, i) : GL_IN_PLACE;
        if (!nest) continue;
        if (run->packing[i] == GL_SAME) run->stride[i] = 0;
        else if (run->packing[i] == GL_IN_PLACE) run->stride[i] = nest->in_strides[i][0];
        else {
            run->stride[i] = group->arrays[i].itemsize;
            run->ptr[i] = buffer_of(run, i);
        }
    }
    for (int i = 0; i < group->n_outputs; i++) run->base[group->outputs[i].reg] = run->ptr[group->outputs[i].reg];
}

/* Addresses one array row by row from some place on. */
typedef struct {
    const gl_nest *nest;
    const npy_intp *strides;
    npy_intp index[GL_MAX_NDIM];
    char *row;
} walker;

static void walk_to(walker *w, const gl_nest *nest, const npy_intp *strides, char *base, npy_intp row) {
    w->nest = nest;
    w->strides = strides;
    w->row = base;
    for (int d = 1; d < nest->ndim; d++) {
        w->index[d] = row % nest->shape[d];
        row /= nest->shape[d];
        w->row += w->index[d] * strides[d];
    }
}

/* Some rows on, at most to the end of axis 1. */
static void walk_on(walker *w, npy_intp rows) {
    const gl_nest *nest = w->nest;
    if (nest->ndim < 2) return;
    w->index[1] += rows;
    w->row += rows * w->strides[1];
    for (int d = 1; d < nest->ndim && w->index[d] == nest->shape[d]; d++) {
        w->row -= nest->shape[d] * w->strides[d];
        w->index[d] = 0;
        if (d + 1 == nest->ndim) break;
        w->index[d + 1]++;
        w->row += w->strides[d + 1];
    }
}

static void pack_array(gl_group_run *run, const gl_nest *nest, int array, npy_intp from, npy_intp n) {
    walker w;
    int itemsize = run->group->arrays[array].itemsize;
    const npy_intp *strides = nest->in_strides[array];
    npy_intp length = nest->shape[0], start = from % length;
    char *to = buffer_of(run, array);
    walk_to(&w, nest, strides, run->base[array], from / length);
    if (start + n <= length) { /* within one row: read it where it is */
        run->ptr[array] = w.row + start * strides[0];
        run->stride[array] = strides[0];
        return;
    }
    run->ptr[array] = to;
    run->stride[array] = itemsize;
    while (n > 0) {
        npy_intp rows = 1, piece = length - start;
        if (start || n < length) {
            if (piece > n) piece = n;
            gl_pack(to, w.row + start * strides[0], strides[0], piece, itemsize);
        } else {
            rows = n / length;
            if (rows > nest->shape[1] - w.index[1]) rows = nest->shape[1] - w.index[1];
            piece = rows * length;
            gl_pack_rows(to, w.row, strides[0], length, strides[1], rows, itemsize);
        }
        to += piece * itemsize;
        n -= piece;
        start = 0;
        walk_on(&w, rows);
    }
}

static void pack_stretch(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n, int with_periodic) {
    for (int i = 0; i < run->group->n_arrays; i++) {
        if (run->packing[i] == GL_PACKED || (with_periodic && run->packing[i] == GL_PACKED_ONCE)) {
            pack_array(run, nest, i, from, n);
        }
    }
}

/* Results go to their places from this element of the space on. */
void gl_seek_outputs(gl_group_run *run, npy_intp from) {
    const gl_group *group = run->group;
    int first = gl_first_value(group);
    for (int i = 0; i < group->n_outputs; i++) {
        int reg = group->outputs[i].reg;
        run->ptr[reg] = run->base[reg] + from * group->ops[reg - first].itemsize;
    }
}

/* Makes elements from, from + 1, ... from + n - 1 of the space the block that operations work on. */
void gl_seek(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n) {
    const gl_group *group = run->group;
    run->rows = 1;
    run->in_rows = 0;
    for (int i = 0; i < group->n_arrays; i++) {
        if (run->packing[i] == GL_IN_PLACE) run->ptr[i] = run->base[i] + from * run->stride[i];
    }
    gl_seek_outputs(run, from);
    if (nest && nest->ndim > 1) pack_stretch(run, nest, from, n, 1);
}

/* ---- whole rows as one block ---- */

/* Do so many rows lie equally far apart in each array, and are there functions that read them where they are? */
static int is_in_rows(const gl_group_run *run, const gl_nest *nest, npy_intp row, npy_intp rows, npy_intp length) {
    if (!nest || nest->ndim < 2 || nest->shape[0] != length) return 0;
    if (nest->ndim > 2 && row % nest->shape[1] + rows > nest->shape[1]) return 0;
    return length >= GL_SHORTEST_ROW || gl_only_reduces(run->group);
}

/* The same for whole rows, where an array is packed only if a loop reads it. */
void gl_seek_rows(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp rows, npy_intp length) {
    npy_intp n = rows * length;
    int in_rows = is_in_rows(run, nest, from / length, rows, length);
    walker w;
    gl_seek(run, in_rows ? NULL : nest, from, n);
    run->rows = rows;
    run->length = length;
    run->in_rows = in_rows;
    if (!in_rows) return;
    run->nest = nest;
    run->from = from;
    for (int i = 0; i < run->group->n_arrays; i++) {
        const npy_intp *strides = nest->in_strides[i];
        run->is_flat[i] = run->packing[i] == GL_IN_PLACE || run->packing[i] == GL_SAME;
        walk_to(&w, nest, strides, run->base[i], from / length);
        run->row_ptr[i] = w.row;
        run->row_stride[i] = strides[0];
        run->row_step[i] = strides[1];
    }
}

/* Elements from, from + 1, ... from + n - 1 of some rows of the space, read where they are. */
void gl_seek_tile(gl_group_run *run, const gl_nest *nest, npy_intp row, npy_intp rows, npy_intp length, npy_intp from,
                  npy_intp n) {
    walker w;
    run->rows = rows;
    run->length = n;
    run->in_rows = 1;
    for (int i = 0; i < run->group->n_arrays; i++) {
        npy_intp stride = nest ? nest->in_strides[i][0] : run->stride[i];
        run->is_flat[i] = 0;
        run->row_stride[i] = stride;
        run->row_step[i] = nest && nest->ndim > 1 ? nest->in_strides[i][1] : stride * length;
        run->row_ptr[i] = run->base[i] + from * stride;
        if (!nest || nest->ndim == 1) run->row_ptr[i] += row * run->row_step[i];
        else {
            walk_to(&w, nest, nest->in_strides[i], run->row_ptr[i], row);
            run->row_ptr[i] = w.row;
        }
    }
}

/* What repeats row by row stays in its buffer. */
void gl_flatten(gl_group_run *run, int reg) {
    npy_intp n = run->rows * run->length;
    if (!run->in_rows || reg >= run->group->n_arrays || run->is_flat[reg]) return;
    run->is_flat[reg] = 1;
    if (run->packing[reg] == GL_PACKED_ONCE && n <= run->n_packed[reg]) {
        run->ptr[reg] = buffer_of(run, reg);
        run->stride[reg] = run->group->arrays[reg].itemsize;
        return;
    }
    pack_array(run, run->nest, reg, run->from, n);
    run->n_packed[reg] = run->rows > 1 ? n : 0;
}

/* What repeats row by row stays in its buffer from the first piece on. */
static void run_packed(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp first, npy_intp to) {
    npy_intp length = pieces->length, stretch = pieces->block;
    for (npy_intp k = first; k < to && !run->failed; k++) {
        npy_intp from = k * stretch, left = run->size - from, n = left < stretch ? left : stretch;
        if (nest->ndim == 2 && length >= GL_SHORTEST_ROW) gl_seek_rows(run, nest, from, n / length, length);
        else {
            gl_seek(run, NULL, from, n);
            pack_stretch(run, nest, from, n, k == first);
        }
        gl_run_ops(run, n);
    }
}

/* ---- row by row ---- */

static void advance_outputs(gl_group_run *run, npy_intp n) {
    const gl_group *group = run->group;
    int first = gl_first_value(group);
    for (int i = 0; i < group->n_outputs; i++) {
        int reg = group->outputs[i].reg;
        run->ptr[reg] += group->ops[reg - first].itemsize * n;
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

/* Stages go through several rows as they are. */
static int takes_rows(const gl_group *group, const gl_nest *nest) {
    return group->n_stages && !group->loops_read_arrays && nest->ndim == 2 && nest->shape[0] <= group->block / 2;
}

static npy_intp long_row(const gl_group *group) {
    if (one_operation(group)) return LONG_ROW_OF_ONE;
    return gl_all_compiled(group) ? LONG_ROW_COMPILED : LONG_ROW;
}

/* Does an array have the elements of a column side by side, and those of a row far apart? Then a row reads a small part
   of many lines of the cache, which a few rows have in common. */
static int lies_across(const gl_group_run *run, const gl_nest *nest) {
    if (!nest || nest->ndim < 2 || nest->shape[0] < LONG_ACROSS) return 0;
    for (int i = 0; i < run->group->n_arrays; i++) {
        npy_intp along = nest->in_strides[i][0], across = nest->in_strides[i][1];
        if (across != 0 && across < LINE && across > -LINE && (along >= FAR_APART || along <= -FAR_APART)) return 1;
    }
    return 0;
}

void gl_cut_pieces(const gl_group_run *run, const gl_nest *nest, int is_shared, gl_pieces *pieces) {
    const gl_group *group = run->group;
    npy_intp length = nest ? nest->shape[0] : run->size, block = group->block;
    pieces->length = length;
    pieces->is_across = 0;
    pieces->is_packed = nest && nest->ndim > 1 && (length < long_row(group) || takes_rows(group, nest));
    if (pieces->is_packed) {
        pieces->block = block / length * length;
        pieces->per_row = pieces->n = (run->size + pieces->block - 1) / pieces->block;
        return;
    }
    pieces->is_across = lies_across(run, nest);
    if (pieces->is_across) block = ACROSS;
    else if (one_operation(group)) block = is_shared ? AT_ONCE : length;
    pieces->block = block;
    pieces->per_row = length < block + GL_TAIL ? 1 : 1 + (length - GL_TAIL) / block;
    pieces->n = nest ? run->size / length * pieces->per_row : pieces->per_row;
}

/* Once, before some of the pieces are run. */
void gl_begin_pieces(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces) {
    gl_start_seeking(run, pieces->is_packed ? nest : NULL);
    if (pieces->is_packed || !nest) return;
    for (int i = 0; i < run->group->n_arrays; i++) run->stride[i] = nest->in_strides[i][0];
}

/* Addresses of arrays at the start of a row, and of results at a piece of it. */
static void go_to(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp row, npy_intp piece,
                  char **base, npy_intp *index) {
    const gl_group *group = run->group;
    gl_seek_outputs(run, row * pieces->length + piece * pieces->block);
    for (int i = 0; i < group->n_arrays; i++) base[i] = run->base[i];
    for (int d = 1; nest && d < nest->ndim; d++) {
        index[d] = row % nest->shape[d];
        row /= nest->shape[d];
        for (int i = 0; i < group->n_arrays; i++) base[i] += index[d] * nest->in_strides[i][d];
    }
}

/* Pieces are as short as values between operations need it. Where one compiled function does all of them, it may do
   several at once; what it leaves to the operations they do piece by piece. */
static npy_intp pieces_together(const gl_group *group, const gl_pieces *pieces) {
    int is_one_stage = group->n_stages == 1 && group->stages[0].n_ops == group->n_ops;
    return is_one_stage && !pieces->is_across && pieces->block < TOGETHER ? TOGETHER / pieces->block : 1;
}

static npy_intp elements_of(const gl_pieces *pieces, npy_intp piece, npy_intp count) {
    npy_intp end = piece + count == pieces->per_row ? pieces->length : (piece + count) * pieces->block;
    return end - piece * pieces->block;
}

static void run_in_rows(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp from, npy_intp to) {
    const gl_group *group = run->group;
    char *base[GL_MAX_REGS];
    npy_intp index[GL_MAX_NDIM], row = from / pieces->per_row, k = from % pieces->per_row;
    npy_intp most = pieces_together(group, pieces);
    go_to(run, nest, pieces, row, k, base, index);
    do {
        npy_intp stop = k + (to - from) < pieces->per_row ? k + (to - from) : pieces->per_row;
        from += stop - k;
        for (int i = 0; i < group->n_arrays; i++) run->ptr[i] = base[i] + k * pieces->block * run->stride[i];
        for (npy_intp count; k < stop && !run->failed; k += count) {
            count = stop - k < most ? stop - k : most;
            npy_intp n = elements_of(pieces, k, count);
            if (count == 1 || !gl_run_together(run, n)) {
                count = 1;
                n = elements_of(pieces, k, 1);
                gl_run_ops(run, n);
            }
            advance_outputs(run, n);
            for (int i = 0; i < group->n_arrays; i++) run->ptr[i] += run->stride[i] * n;
        }
        k = 0;
    } while (from < to && !run->failed && next_row(run, nest, index, base));
}

/* The same pieces in another order: some rows piece by piece. */
static void run_rows_across(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp row,
                            npy_intp rows) {
    const gl_group *group = run->group;
    char *base[GL_MAX_REGS];
    npy_intp index[GL_MAX_NDIM];
    for (npy_intp k = 0; k < pieces->per_row && !run->failed; k++) {
        for (npy_intp r = row; r < row + rows && !run->failed; r++) {
            go_to(run, nest, pieces, r, k, base, index);
            for (int i = 0; i < group->n_arrays; i++) run->ptr[i] = base[i] + k * pieces->block * run->stride[i];
            gl_run_ops(run, elements_of(pieces, k, 1));
        }
    }
}

static void run_across(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp from, npy_intp to) {
    npy_intp first = (from + pieces->per_row - 1) / pieces->per_row, last = to / pieces->per_row;
    if (first >= last) {
        run_in_rows(run, nest, pieces, from, to);
        return;
    }
    if (from < first * pieces->per_row) run_in_rows(run, nest, pieces, from, first * pieces->per_row);
    for (npy_intp row = first, rows; row < last && !run->failed; row += rows) {
        rows = last - row < ROWS_ACROSS ? last - row : ROWS_ACROSS;
        run_rows_across(run, nest, pieces, row, rows);
    }
    if (last * pieces->per_row < to && !run->failed) run_in_rows(run, nest, pieces, last * pieces->per_row, to);
}

void gl_run_pieces(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp from, npy_intp to) {
    if (pieces->is_packed) run_packed(run, nest, pieces, from, to);
    else if (pieces->is_across) run_across(run, nest, pieces, from, to);
    else run_in_rows(run, nest, pieces, from, to);
    if (run->streams) gl_stores_done();
}
