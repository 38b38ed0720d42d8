/* Reductions of columns: of axes that others follow. NumPy adds one row after the other to the results, so pieces may be
   cut anywhere, as long as the rows of a column come in order. The space is so many slabs of rows of columns.

   Where everything is generated code, a tile of some rows and columns is one call, and a result stays in a register
   while the rows of its tile pass. What comes from memory is better read in order, one row after the other. Else stretches of rows are computed, and NumPy's loops add them row by row. */
#include "native_group.h"

enum { TILE = 16384, TILE_ROWS = 64, MOST_COLUMNS = 4096, FEW_ROWS = 4 };
enum { CACHED_BYTES = 1 << 20, SHORT_ROW = 16, PAGE_BYTES = 4096 };

typedef struct {
    npy_intp n_slabs, n_rows, length;
} columns;

/* totals[i] = totals[i] op data[i] */
static void combine(gl_group_run *run, const gl_tail *tail, char *totals, char *data, npy_intp n) {
    int itemsize = tail->op.itemsize;
    char *args[3] = {totals, data, totals};
    npy_intp strides[3] = {itemsize, run->stride[tail->reg], itemsize};
    if (tail->op.loop(tail->op.context, args, &n, strides, tail->op.auxdata) < 0) run->failed = 1;
    gl_look_at_flags(run, &tail->op);
}

static void fold_row(gl_group_run *run, int i, npy_intp row, npy_intp from, npy_intp n, npy_intp offset) {
    const gl_tail *tail = &run->group->tails[i];
    npy_intp stride = run->stride[tail->reg];
    char *data = run->ptr[tail->reg] + offset * stride, *totals = gl_tail_cell(run, i, from);
    if (tail->kind == GL_ARG) {
        gl_arg_row(tail, run->best[i] + from * tail->source_size, (npy_intp *)totals, data, stride, n, row);
    } else if (row == 0 && tail->kind == GL_EXTREME) {
        gl_pack(totals, data, stride, n, tail->op.itemsize);
    } else combine(run, tail, totals, data, n);
}

/* Where NumPy starts, for so many columns. */
static void start(gl_group_run *run, npy_intp index, npy_intp n) {
    for (int i = 0; i < run->group->n_tails; i++) {
        const gl_tail *tail = &run->group->tails[i];
        char *totals = gl_tail_cell(run, i, index);
        if (tail->kind == GL_ARG) {
            gl_pack(run->best[i] + index * tail->source_size, tail->start, 0, n, tail->source_size);
            memset(totals, 0, n * tail->op.itemsize);
        } else gl_pack(totals, tail->start, 0, n, tail->op.itemsize);
    }
}

/* Where stages go on with results from this column on. */
static void aim(gl_group_run *run, npy_intp index, npy_intp row) {
    run->first_row = row;
    for (int i = 0; i < run->group->n_tails; i++) run->reduced[i] = gl_tail_cell(run, i, index);
}

/* ---- tiles ---- */

static int goes_in_tiles(const gl_group_run *run, const gl_nest *nest, npy_intp length) {
    const gl_group *group = run->group;
    int n_ops = 0, n_tails = 0;
    for (int i = 0; i < group->n_stages; i++) {
        if (group->stages[i].n_outputs) return 0;
        n_ops += group->stages[i].n_ops;
        n_tails += group->stages[i].n_reductions;
    }
    return n_ops == group->n_ops && n_tails == group->n_tails && (!nest || nest->ndim == 1 || nest->shape[0] == length);
}

/* How many rows pass before the next columns: streams of a page or more are found by the processor, and what is in the
   cache or shorter than a line or two is there anyway. */
static npy_intp rows_together(const gl_group_run *run, npy_intp length) {
    npy_intp itemsize = 0;
    for (int i = 0; i < run->group->n_arrays; i++) itemsize += run->packing[i] == GL_SAME ? 0 : run->group->arrays[i].itemsize;
    int in_order = run->size * itemsize > CACHED_BYTES && length >= SHORT_ROW && length * itemsize < PAGE_BYTES;
    return in_order ? 1 : NPY_MAX_INTP / 2;
}

static int run_stages(gl_group_run *run, npy_intp n) {
    run->has_reduced = 0;
    run->in_tile = 1;
    for (int i = 0; i < run->group->n_stages && run->in_tile; i++) {
        run->in_tile = gl_run_stage(run, &run->group->stages[i], n);
    }
    int all = run->in_tile;
    run->in_tile = 0;
    return all;
}

static npy_intp tile_width(const columns *of) {
    return of->length <= MOST_COLUMNS + GL_TAIL ? of->length : MOST_COLUMNS;
}

/* Tiles beside each other; the last one is wider where little would be left. */
static npy_intp n_tiles(const columns *of) {
    return of->length <= MOST_COLUMNS + GL_TAIL ? 1 : (of->length - GL_TAIL) / MOST_COLUMNS + 1;
}

/* All rows of some columns. 0: some function is missing, and results mean nothing. */
static int run_tile(gl_group_run *run, const gl_nest *nest, const columns *of, npy_intp slab, npy_intp tile) {
    npy_intp width = tile_width(of), from = tile * width, n = tile + 1 == n_tiles(of) ? of->length - from : width;
    npy_intp most = TILE / width, step;
    if (most > TILE_ROWS && of->length >= TILE_ROWS) most = TILE_ROWS;
    if (most < FEW_ROWS) most = FEW_ROWS;
    start(run, slab * of->length + from, n);
    for (npy_intp row = 0; row < of->n_rows && !run->unsure; row += step) {
        npy_intp at = slab * of->n_rows + row, left = nest && nest->ndim > 1 ? nest->shape[1] - at % nest->shape[1] : most;
        step = of->n_rows - row < most ? of->n_rows - row : most;
        if (step > left) step = left;
        gl_seek_tile(run, nest, at, step, of->length, from, n);
        aim(run, slab * of->length + from, row);
        if (!run_stages(run, step * n)) return 0;
    }
    return 1;
}

static int run_tiles(gl_group_run *run, const gl_nest *nest, const columns *of, npy_intp slab) {
    for (npy_intp tile = 0; tile < n_tiles(of) && !run->unsure; tile++) {
        if (!run_tile(run, nest, of, slab, tile)) return 0;
    }
    return 1;
}

/* ---- stretches ---- */

static void run_stretches(gl_group_run *run, const gl_nest *nest, const columns *of, npy_intp slab) {
    const gl_group *group = run->group;
    npy_intp length = of->length, size = of->n_rows * length, start = slab * size;
    npy_intp at_once = !group->n_ops ? size : group->block / length * length; /* whole rows; 0: parts of one */
    for (npy_intp from = 0, n; from < size && !run->failed && !run->unsure; from += n) {
        npy_intp column = from % length, left = at_once ? size - from : length - column;
        n = at_once ? (left < at_once ? left : at_once) : gl_block_of(group, left);
        if (at_once) gl_seek_rows(run, nest, start + from, n / length, length);
        else gl_seek(run, nest, start + from, n);
        aim(run, slab * length + column, from / length);
        gl_run_ops(run, n);
        for (int i = 0; i < group->n_tails; i++) {
            if (run->has_reduced >> i & 1) continue;
            gl_flatten(run, group->tails[i].reg);
            for (npy_intp done = 0; done < n;) {
                npy_intp part = n - done < length - column ? n - done : length - column;
                fold_row(run, i, (from + done) / length, slab * length + column, part, done);
                done += part;
            }
        }
    }
}

static columns columns_of(const gl_group_run *run) {
    const gl_group *group = run->group;
    columns of = {1, 1, 1};
    for (int i = 0; i < group->ndim; i++) {
        *(i < group->reduced_from ? &of.n_slabs : i < group->reduced_to ? &of.n_rows : &of.length) *= run->shape[i];
    }
    return of;
}

void gl_run_columns(gl_group_run *run, const gl_nest *nest) {
    columns of = columns_of(run);
    run->together = rows_together(run, of.length);
    int in_tiles = goes_in_tiles(run, nest, of.length);
    for (npy_intp slab = 0; slab < of.n_slabs && !run->failed && !run->unsure; slab++) {
        if (in_tiles) {
            in_tiles = run_tiles(run, nest, &of, slab);
            if (in_tiles) continue;
        }
        start(run, slab * of.length, of.length);
        run_stretches(run, nest, &of, slab);
    }
}

/* Tiles for several threads: no column is in two of them. None where not everything is generated code. */
void gl_cut_columns(const gl_group_run *run, const gl_nest *nest, gl_pieces *pieces) {
    columns of = columns_of(run);
    pieces->block = 1;
    pieces->n = goes_in_tiles(run, nest, of.length) && gl_all_compiled(run->group) ? of.n_slabs * n_tiles(&of) : 0;
}

void gl_run_column_tiles(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp to) {
    columns of = columns_of(run);
    run->together = rows_together(run, of.length);
    for (npy_intp k = from; k < to && !run->unsure && !run->again; k++) {
        run->again = !run_tile(run, nest, &of, k / n_tiles(&of), k % n_tiles(&of));
    }
}
