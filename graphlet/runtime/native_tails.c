/* Reductions at the end of a group, in the order in which NumPy reduces a dense array.

   The sum of a run of floats: a tree, split at half (rounded down to a multiple of 8) until a node is small enough. Every
   node of it is what NumPy's own add loop gives in reduce form when it starts from -0.0, so the leaves may be as large as
   a block. The total is added to the start value. */
#include "native_group.h"
#include "native_pool.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

enum { SHORT_ROW = 128 };

static npy_intp product(const npy_intp *shape, int from, int to) {
    npy_intp n = 1;
    for (int i = from; i < to; i++) n *= shape[i];
    return n;
}

static npy_intp n_reduced(const gl_group_run *run) {
    return product(run->shape, run->group->reduced_from, run->group->reduced_to);
}

/* NumPy's sum of up to 128 elements, for rows so short that a call would cost more: one by one below 8 elements, else in
   eight strands. */
#define SHORT_SUM(type) \
    static type short_sum_##type(const char *data, npy_intp stride, npy_intp n) { \
        npy_intp i = 0; \
        type sum = (type)-0.0; \
        if (n >= 8) { \
            type r[8]; \
            for (int k = 0; k < 8; k++) r[k] = AT(type, k); \
            for (i = 8; i < n - n % 8; i += 8) { \
                for (int k = 0; k < 8; k++) r[k] += AT(type, i + k); \
            } \
            sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7])); \
        } \
        for (; i < n; i++) sum += AT(type, i); \
        return sum; \
    }
#define AT(type, index) (*(const type *)(data + (index) * stride))
SHORT_SUM(npy_float)
SHORT_SUM(npy_double)

static int has_short_sum(const gl_tail *tail, npy_intp n) {
    int type_num = tail->descr->type_num;
    return tail->kind == GL_SUM && n <= SHORT_ROW && (type_num == NPY_FLOAT || type_num == NPY_DOUBLE);
}

/* total = total op data[0] op data[1] ... */
static void reduce(gl_group_run *run, const gl_tail *tail, char *total, char *data, npy_intp stride, npy_intp n) {
    char *args[3] = {total, data, total};
    npy_intp strides[3] = {0, stride, 0};
    if (n <= 0) return;
    if (tail->op.loop(tail->op.context, args, &n, strides, tail->op.auxdata) < 0) run->failed = 1;
}

static void from_first(gl_group_run *run, const gl_tail *tail, char *total, char *data, npy_intp stride, npy_intp n) {
    memcpy(total, data, tail->op.itemsize);
    reduce(run, tail, total, data + stride, stride, n - 1);
}

/* One dense run that is there as a whole: as NumPy does it. */
static void reduce_run(gl_group_run *run, const gl_tail *tail, char *total, char *data, npy_intp stride, npy_intp n) {
    if (tail->kind == GL_EXTREME) {
        from_first(run, tail, total, data, stride, n);
        return;
    }
    if (tail->kind == GL_ARG) {
        *(npy_intp *)total = gl_arg_of_run(tail, data, stride, n);
        return;
    }
    memcpy(total, tail->start, tail->op.itemsize);
    reduce(run, tail, total, data, stride, n);
}

/* Which of several NaNs survives is for NumPy's loop to say. */
#define SUM_ROWS(type) \
    static void sum_rows_##type(gl_group_run *run, const gl_tail *tail, type *to, char *data, npy_intp stride, npy_intp n, \
                                npy_intp rows) { \
        for (npy_intp row = 0; row < rows; row++, data += n * stride) { \
            to[row] = (type)0.0 + short_sum_##type(data, stride, n); \
            if (to[row] != to[row]) reduce_run(run, tail, (char *)&to[row], data, stride, n); \
        } \
    }
SUM_ROWS(npy_float)
SUM_ROWS(npy_double)

static void reduce_rows(gl_group_run *run, const gl_tail *tail, char *to, char *data, npy_intp stride, npy_intp n,
                        npy_intp rows) {
    if (has_short_sum(tail, n)) {
        if (tail->op.itemsize == sizeof(npy_float)) sum_rows_npy_float(run, tail, (npy_float *)to, data, stride, n, rows);
        else sum_rows_npy_double(run, tail, (npy_double *)to, data, stride, n, rows);
        return;
    }
    for (npy_intp row = 0; row < rows; row++, data += n * stride, to += tail->op.itemsize) {
        reduce_run(run, tail, to, data, stride, n);
    }
}

/* What a stage has reduced begins where NumPy begins. */
static void add_start(gl_group_run *run, const gl_tail *tail, char *totals, npy_intp n) {
    int itemsize = tail->op.itemsize;
    char *args[3] = {(char *)tail->start, totals, totals};
    npy_intp strides[3] = {0, itemsize, itemsize};
    if (tail->kind == GL_EXTREME) return;
    if (tail->op.loop(tail->op.context, args, &n, strides, tail->op.auxdata) < 0) run->failed = 1;
}

static int is_reduced(const gl_group_run *run, int tail) { return run->has_reduced >> tail & 1; }

/* ---- runs that are made piece by piece ---- */

static void minus_zero(char *cell, int type_num) {
    switch (type_num) {
    case NPY_FLOAT: *(npy_float *)cell = -0.0f; break;
    case NPY_DOUBLE: *(npy_double *)cell = -0.0; break;
    case NPY_LONGDOUBLE: *(npy_longdouble *)cell = -0.0L; break;
    }
}

static void add_cell(char *to, const char *from, int type_num) {
    switch (type_num) {
    case NPY_FLOAT: *(npy_float *)to += *(const npy_float *)from; break;
    case NPY_DOUBLE: *(npy_double *)to += *(const npy_double *)from; break;
    case NPY_LONGDOUBLE: *(npy_longdouble *)to += *(const npy_longdouble *)from; break;
    }
}

/* ``start``: where the whole run begins. */
static void reduce_leaf(gl_group_run *run, const gl_nest *nest, npy_intp start, npy_intp from, npy_intp n, gl_totals sums,
                        gl_totals totals) {
    int is_first = from == start;
    const gl_group *group = run->group;
    _Alignas(GL_CELL) gl_totals parts;
    for (int i = 0; i < group->n_tails; i++) run->reduced[i] = parts[i];
    if (gl_is_joined(run, nest)) gl_run_joined(run, nest, from, n);
    else {
        gl_seek(run, nest, from, n);
        gl_run_ops(run, n);
    }
    for (int i = 0; i < group->n_tails; i++) {
        const gl_tail *tail = &group->tails[i];
        char *data = run->ptr[tail->reg];
        npy_intp stride = run->stride[tail->reg];
        if (is_reduced(run, i)) {
            char *to = tail->kind == GL_SUM ? sums[i] : totals[i];
            if (tail->kind == GL_SUM || (tail->kind == GL_EXTREME && is_first)) memcpy(to, parts[i], tail->op.itemsize);
            else reduce(run, tail, to, parts[i], tail->op.itemsize, 1);
        } else if (tail->kind == GL_SUM) {
            minus_zero(sums[i], tail->descr->type_num);
            reduce(run, tail, sums[i], data, stride, n);
        } else if (tail->kind == GL_ARG) {
            gl_arg_piece(tail, totals[i], data, stride, from - start, n, is_first);
        } else if (tail->kind == GL_EXTREME && is_first) {
            from_first(run, tail, totals[i], data, stride, n);
        } else {
            reduce(run, tail, totals[i], data, stride, n);
        }
        gl_look_at_flags(run, &tail->op);
    }
}

static npy_intp half_of(npy_intp n) { return n / 2 - n / 2 % 8; }

/* The tree over n elements; its sums go to ``sums``, what is not a tree goes on in ``totals``. */
static void reduce_tree(gl_group_run *run, const gl_nest *nest, npy_intp start, npy_intp from, npy_intp n, gl_totals sums,
                        gl_totals totals) {
    const gl_group *group = run->group;
    if (n <= group->block) {
        reduce_leaf(run, nest, start, from, n, sums, totals);
        return;
    }
    _Alignas(GL_CELL) gl_totals right;
    npy_intp half = half_of(n);
    reduce_tree(run, nest, start, from, half, sums, totals);
    if (run->failed) return;
    reduce_tree(run, nest, start, from + half, n - half, right, totals);
    for (int i = 0; i < group->n_tails; i++) {
        if (group->tails[i].kind != GL_SUM) continue;
        add_cell(sums[i], right[i], group->tails[i].descr->type_num);
        gl_look_at_flags(run, &group->tails[i].op);
    }
}

/* The total of a tree is added to the start value. */
static void finish_sums(gl_group_run *run, gl_totals sums, gl_totals totals) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_tails; i++) {
        const gl_tail *tail = &group->tails[i];
        if (tail->kind == GL_SUM) add_cell(totals[i], sums[i], tail->descr->type_num);
        gl_look_at_flags(run, &tail->op);
    }
}

static void reduce_pieces(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n, gl_totals totals) {
    _Alignas(GL_CELL) gl_totals sums;
    for (int i = 0; i < run->group->n_tails; i++) memcpy(totals[i], run->group->tails[i].start, GL_CELL);
    reduce_tree(run, nest, from, from, n, sums, totals);
    finish_sums(run, sums, totals);
}

/* ---- the same in parts: nodes of the tree, each from a start of its own ---- */

static int cut_node(npy_intp from, npy_intp n, npy_intp leaf, gl_node *nodes, int n_nodes, int most) {
    if (n_nodes == most) return most + 1;
    if (n_nodes > most) return n_nodes;
    if (n <= leaf) {
        nodes[n_nodes].from = from;
        nodes[n_nodes].n = n;
        return n_nodes + 1;
    }
    npy_intp half = half_of(n);
    n_nodes = cut_node(from, half, leaf, nodes, n_nodes, most);
    return cut_node(from + half, n - half, leaf, nodes, n_nodes, most);
}

int gl_cut_tree(const gl_group_run *run, npy_intp leaf, gl_node *nodes, int most) {
    int n_nodes = cut_node(0, run->size, leaf, nodes, 0, most);
    return n_nodes > most ? 0 : n_nodes;
}

void gl_run_node(gl_group_run *run, const gl_nest *nest, gl_node *node) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_tails; i++) memcpy(node->totals[i], group->tails[i].start, GL_CELL);
    if (group->n_ops > 0) reduce_tree(run, nest, node->from, node->from, node->n, node->sums, node->totals);
    else reduce_leaf(run, nest, node->from, node->from, node->n, node->sums, node->totals);
}

static const gl_node *join_sums(gl_group_run *run, npy_intp n, npy_intp leaf, const gl_node *node, gl_totals sums) {
    const gl_group *group = run->group;
    if (n <= leaf) {
        memcpy(sums, node->sums, sizeof(gl_totals));
        return node + 1;
    }
    _Alignas(GL_CELL) gl_totals right;
    npy_intp half = half_of(n);
    node = join_sums(run, half, leaf, node, sums);
    node = join_sums(run, n - half, leaf, node, right);
    for (int i = 0; i < group->n_tails; i++) {
        if (group->tails[i].kind == GL_SUM) add_cell(sums[i], right[i], group->tails[i].descr->type_num);
        gl_look_at_flags(run, &group->tails[i].op);
    }
    return node;
}

static void join_totals(gl_group_run *run, int i, const gl_node *nodes, int n_nodes) {
    const gl_tail *tail = &run->group->tails[i];
    char *total = run->totals[i];
    memcpy(total, tail->kind == GL_SUM ? tail->start : nodes[0].totals[i], GL_CELL);
    for (int k = 1; k < n_nodes && tail->kind != GL_SUM; k++) {
        char *part = (char *)nodes[k].totals[i];
        if (tail->kind != GL_ARG) reduce(run, tail, total, part, tail->op.itemsize, 1);
        else gl_arg_piece(tail, total, part + 16, tail->source_size, nodes[k].from + *(npy_intp *)part, 1, 0);
        gl_look_at_flags(run, &tail->op);
    }
}

void gl_join_nodes(gl_group_run *run, npy_intp leaf, const gl_node *nodes, int n_nodes) {
    _Alignas(GL_CELL) gl_totals sums;
    join_sums(run, run->size, leaf, nodes, sums);
    for (int i = 0; i < run->group->n_tails; i++) join_totals(run, i, nodes, n_nodes);
    finish_sums(run, sums, run->totals);
}

/* ---- the three ways through the space ---- */

/* Whole rows at a time: nothing may depend on where the run is cut, but for the zeros and NaNs that check_results() looks
   for. */
static int goes_by_rows(const gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    if (run->size <= group->block || !gl_takes_rows(run, nest)) return 0;
    for (int i = 0; i < group->n_tails; i++) {
        if (group->tails[i].kind == GL_SUM || group->tails[i].kind == GL_ARG) return 0;
    }
    return 1;
}

static void run_by_rows(gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    npy_intp length = nest->shape[0], n_rows = run->size / length;
    _Alignas(GL_CELL) char parts[GL_MAX_TAILS][GL_MOST_ROWS * GL_CELL];
    for (int i = 0; i < group->n_tails; i++) {
        memcpy(run->totals[i], group->tails[i].start, GL_CELL);
        run->reduced[i] = parts[i];
    }
    for (npy_intp row = 0, rows; row < n_rows && !run->failed; row += rows) {
        rows = gl_rows_at_once(run, nest, row, n_rows - row);
        gl_seek_rows(run, nest, row * length, rows, length);
        gl_run_ops(run, rows * length);
        for (int i = 0; i < group->n_tails; i++) {
            const gl_tail *tail = &group->tails[i];
            int is_made = is_reduced(run, i);
            if (!is_made) gl_flatten(run, tail->reg);
            char *data = is_made ? parts[i] : run->ptr[tail->reg];
            npy_intp stride = is_made ? tail->op.itemsize : run->stride[tail->reg], n = is_made ? rows : rows * length;
            if (tail->kind == GL_EXTREME && row == 0) from_first(run, tail, run->totals[i], data, stride, n);
            else reduce(run, tail, run->totals[i], data, stride, n);
            gl_look_at_flags(run, &tail->op);
        }
    }
}

static void run_whole(gl_group_run *run, const gl_nest *nest) {
    const gl_group *group = run->group;
    if (goes_by_rows(run, nest)) {
        run_by_rows(run, nest);
        return;
    }
    if (group->n_ops > 0) {
        reduce_pieces(run, nest, 0, run->size, run->totals);
        return;
    }
    gl_seek(run, nest, 0, run->size);
    for (int i = 0; i < group->n_tails; i++) run->reduced[i] = run->totals[i];
    gl_run_ops(run, run->size);
    for (int i = 0; i < group->n_tails; i++) {
        const gl_tail *tail = &group->tails[i];
        if (is_reduced(run, i)) add_start(run, tail, run->totals[i], 1);
        else reduce_run(run, tail, run->totals[i], run->ptr[tail->reg], run->stride[tail->reg], run->size);
        gl_look_at_flags(run, &tail->op);
    }
}

static void run_short_rows(gl_group_run *run, const gl_nest *nest, npy_intp length, npy_intp from, npy_intp to) {
    const gl_group *group = run->group;
    npy_intp at_once = group->n_ops ? group->block / length : to - from;
    for (npy_intp row = from; row < to && !run->failed; row += at_once) {
        npy_intp rows = to - row < at_once ? to - row : at_once;
        for (int i = 0; i < group->n_tails; i++) run->reduced[i] = gl_tail_cell(run, i, row);
        gl_seek_rows(run, nest, row * length, rows, length);
        gl_run_ops(run, rows * length);
        for (int i = 0; i < group->n_tails; i++) {
            const gl_tail *tail = &group->tails[i];
            if (is_reduced(run, i)) add_start(run, tail, gl_tail_cell(run, i, row), rows);
            else {
                gl_flatten(run, tail->reg);
                reduce_rows(run, tail, gl_tail_cell(run, i, row), run->ptr[tail->reg], run->stride[tail->reg], length, rows);
            }
            gl_look_at_flags(run, &tail->op);
        }
    }
}

/* Stretches of rows: as many as fit in a block, or one. */
void gl_cut_rows(const gl_group_run *run, gl_pieces *pieces) {
    npy_intp length = n_reduced(run), n_rows = run->size / length;
    pieces->block = length <= run->group->block ? run->group->block / length : 1;
    pieces->n = (n_rows + pieces->block - 1) / pieces->block;
}

void gl_run_rows(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp to) {
    const gl_group *group = run->group;
    npy_intp length = n_reduced(run), n_rows = run->size / length;
    if (to > n_rows) to = n_rows;
    if (length <= group->block || !group->n_ops) {
        run_short_rows(run, nest, length, from, to);
        return;
    }
    for (npy_intp row = from; row < to && !run->failed; row++) {
        _Alignas(GL_CELL) gl_totals totals;
        reduce_pieces(run, nest, row * length, length, totals);
        for (int i = 0; i < group->n_tails; i++) {
            memcpy(gl_tail_cell(run, i, row), totals[i], group->tails[i].op.itemsize);
        }
    }
}

/* ---- what depends on where a run is cut: the sign of a zero among extremes, which of two NaNs survives ---- */

#define UNSURE(type, name) \
    static int unsure_##name(const char *cell, npy_intp n, int zeros) { \
        const type *x = (const type *)cell; \
        int found = 0; \
        if (zeros) for (npy_intp i = 0; i < n; i++) found |= !(x[i] < 0) & !(x[i] > 0); \
        else for (npy_intp i = 0; i < n; i++) found |= x[i] != x[i]; \
        return found; \
    }
UNSURE(npy_float, float)
UNSURE(npy_double, double)
UNSURE(npy_longdouble, longdouble)

static int is_unsure(const char *cell, npy_intp n, const gl_tail *tail, int in_pieces) {
    int zeros = tail->kind == GL_EXTREME && in_pieces;
    switch (tail->descr->type_num) {
    case NPY_FLOAT: return unsure_float(cell, n, zeros);
    case NPY_DOUBLE: return unsure_double(cell, n, zeros);
    case NPY_LONGDOUBLE: return unsure_longdouble(cell, n, zeros);
    default: return 0;
    }
}

static void check_results(gl_group_run *run) {
    const gl_group *group = run->group;
    int in_pieces = group->walk != GL_COLUMNS && n_reduced(run) > group->block;
    for (int i = 0; i < group->n_tails; i++) {
        const char *results = group->walk == GL_WHOLE ? run->totals[i] : gl_tail_cell(run, i, 0);
        run->unsure |= is_unsure(results, run->size / n_reduced(run), &group->tails[i], in_pieces);
    }
    gl_clear_flags();
}

/* ---- means and results ---- */

static void divide(char *cell, npy_intp n, int type_num) {
    double count = (double)n;
    switch (type_num) {
    case NPY_FLOAT: *(npy_float *)cell = (npy_float)((double)*(npy_float *)cell / count); break;
    case NPY_DOUBLE: *(npy_double *)cell /= count; break;
    case NPY_LONGDOUBLE: *(npy_longdouble *)cell /= (npy_longdouble)n; break;
    }
}

static void finish_means(gl_group_run *run) {
    const gl_group *group = run->group;
    npy_intp n = n_reduced(run), n_results = run->size / n;
    for (int i = 0; i < group->n_tails; i++) {
        const gl_tail *tail = &group->tails[i];
        if (!tail->mean) continue;
        if (tail->mean_limit && n > tail->mean_limit) run->unsure = 1;
        for (npy_intp k = 0; k < n_results; k++) {
            divide(group->walk == GL_WHOLE ? run->totals[i] : gl_tail_cell(run, i, k), n, tail->descr->type_num);
        }
        gl_look_at_flags(run, &tail->op);
    }
}

void gl_run_tails(gl_group_run *run, const gl_nest *nest) {
    gl_start_seeking(run, nest);
    switch (run->group->walk) {
    case GL_WHOLE: run_whole(run, nest); break;
    case GL_ROWS: gl_run_rows(run, nest, 0, run->size); break;
    default: gl_run_columns(run, nest); break;
    }
    gl_finish_tails(run, 0);
}

/* Rows that no block ends in are reduced as NumPy does it, whatever else is in pieces. */
static int rows_are_whole(const gl_group_run *run) {
    return run->group->walk == GL_ROWS && (n_reduced(run) <= run->group->block || !run->group->n_ops);
}

void gl_finish_tails(gl_group_run *run, int in_parts) {
    int in_pieces = in_parts || run->repacked || (run->group->n_ops > 0 && run->size > run->group->block);
    int is_new = run->group->doubts_nans && run->interpreted > 0; /* what is reduced: two NaNs may have met in it */
    if (in_pieces && (is_new || !rows_are_whole(run))) check_results(run);
    if (!run->failed) finish_means(run);
}

int gl_allocate_tails(gl_group_run *run) {
    const gl_group *group = run->group;
    if (group->walk == GL_WHOLE) return GL_OK;
    if (group->walk == GL_COLUMNS && product(run->shape, group->reduced_to, group->ndim) == 1) return GL_NODEWISE; /* rows to NumPy */
    for (int i = 0; i < group->n_tails; i++) {
        const gl_tail *tail = &group->tails[i];
        npy_intp shape[GL_MAX_NDIM];
        int n = 0;
        for (int d = 0; d < group->ndim; d++) {
            if (d < group->reduced_from || d >= group->reduced_to) shape[n++] = run->shape[d];
            else if (tail->keepdims) shape[n++] = 1;
        }
        if (gl_is_given(run->state, tail->slot)) {
            run->tails[i] = gl_given(run->state, tail->slot, n, shape, NULL);
            if (!run->tails[i]) return GL_NODEWISE;
        } else {
            Py_INCREF(tail->descr);
            run->tails[i] = (PyArrayObject *)gl_new_array(tail->descr, n, shape, NULL, 0);
            if (!run->tails[i]) return GL_DECLINED;
        }
        if (tail->kind != GL_ARG || group->walk != GL_COLUMNS) continue;
        run->best[i] = gl_pool_take(PyArray_SIZE(run->tails[i]) * tail->source_size);
        if (!run->best[i]) return GL_DECLINED;
    }
    return GL_OK;
}

void gl_release_tails(gl_group_run *run) {
    for (int i = 0; i < run->group->n_tails; i++) {
        Py_XDECREF(run->tails[i]);
        gl_pool_give(run->best[i]);
    }
}

PyObject *gl_tail_result(gl_group_run *run, int i) {
    if (run->group->walk != GL_WHOLE) return Py_NewRef(run->tails[i]);
    return PyArray_Scalar(run->totals[i], run->group->tails[i].descr, NULL);
}
