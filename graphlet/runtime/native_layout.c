/* Which strides NumPy would give each result, and the loop nest that goes through all operands.

   A ufunc lays out its result in one of two ways. Operands that are all C-contiguous or all F-contiguous and of the same
   shape take a short cut; else the iterator sorts the axes by the strides of the operands, in conflicts C order wins. */
#include "native_group.h"
#include "native_pool.h"

enum shape_kind { POINT, FULL, BROADCAST };

typedef struct {
    enum shape_kind kind;
    int converted; /* NumPy casts it on the way, which rules out the short cut; it has the layout of what is cast */
    int itemsize;  /* what the strides count */
    npy_intp strides[GL_MAX_NDIM]; /* 0 where broadcast and where the size is 1 */
    npy_intp real[GL_MAX_NDIM];    /* as the array has them; FULL only */
} view;

static npy_intp magnitude(npy_intp stride) { return stride < 0 ? -stride : stride; }

static void mask_ones(view *v, const gl_group_run *run) {
    for (int i = 0; i < run->group->ndim; i++) v->strides[i] = run->shape[i] == 1 ? 0 : v->real[i];
}

/* 0: refuses a negative stride, for which many loops compute other bits. */
static int view_array(view *v, const gl_group_run *run, int i) {
    const gl_array_in *in = &run->group->arrays[i];
    int ndim = run->group->ndim;
    v->kind = in->ndim == 0 ? POINT : in->ndim == ndim ? FULL : BROADCAST;
    v->converted = 0;
    v->itemsize = in->itemsize;
    for (int d = 0; d < ndim; d++) {
        int is_own = in->axes[d] >= 0 || (in->ndim == ndim && run->shape[d] == 1); /* 1 meets 1: not stretched now */
        v->real[d] = is_own ? PyArray_STRIDE(run->arrays[i], in->axes[d] >= 0 ? in->axes[d] : d) : 0;
        if (!is_own && v->kind == FULL) v->kind = BROADCAST;
        if (v->real[d] < 0 && run->shape[d] > 1) return 0;
    }
    mask_ones(v, run);
    return 1;
}

/* Axes from the innermost out, as the iterator sorts them: insertion sort by the strides of all operands. */
static void sort_axes(const gl_op *op, const view *views, int ndim, int *perm) {
    for (int i = 0; i < ndim; i++) perm[i] = ndim - 1 - i;
    for (int i0 = 1; i0 < ndim; i0++) {
        int position = i0, axis0 = perm[i0];
        for (int i1 = i0 - 1; i1 >= 0; i1--) {
            int ambiguous = 1, swap = 0, axis1 = perm[i1];
            for (int k = 0; k < op->n_args - 1; k++) {
                npy_intp s0 = magnitude(views[op->reg[k]].strides[axis0]);
                npy_intp s1 = magnitude(views[op->reg[k]].strides[axis1]);
                if (s0 == 0 || s1 == 0) continue;
                if (s1 <= s0) swap = 0;
                else if (ambiguous) swap = 1;
                ambiguous = 0;
            }
            if (ambiguous) continue;
            if (!swap) break;
            position = i1;
        }
        for (int i = i0; i > position; i--) perm[i] = perm[i - 1];
        perm[position] = axis0;
    }
}

static void fill_strides(view *v, const gl_group_run *run, const int *perm, int itemsize) {
    npy_intp stride = itemsize;
    for (int i = 0; i < run->group->ndim; i++) {
        v->real[perm[i]] = stride;
        stride *= run->shape[perm[i]];
    }
    v->kind = FULL;
    v->converted = 0;
    v->itemsize = itemsize;
    mask_ones(v, run);
}

enum { IS_C = 1, IS_F = 2 };

static int contiguity(const view *v, const gl_group_run *run) {
    int flags = IS_C | IS_F, ndim = run->group->ndim;
    npy_intp c = v->itemsize, f = v->itemsize;
    for (int i = 0; i < ndim; i++) {
        int last = ndim - 1 - i;
        if (run->shape[last] > 1 && v->real[last] != c) flags &= ~IS_C;
        if (run->shape[i] > 1 && v->real[i] != f) flags &= ~IS_F;
        c *= run->shape[last];
        f *= run->shape[i];
    }
    return flags;
}

/* The short cut: IS_C or IS_F for the order of the result, 0 where the iterator has to be asked. */
static int short_cut(const gl_op *op, const view *views, const gl_group_run *run) {
    int order = 0;
    if (op->kind != GL_LOOP) return 0;
    for (int k = 0; k < op->n_args - 1; k++) {
        const view *v = &views[op->reg[k]];
        if (v->kind == POINT) continue;
        if (v->kind == BROADCAST || v->converted) return 0;
        int own = contiguity(v, run);
        if (own == 0 || (order && own != order)) return 0;
        order = own;
    }
    return order == IS_F ? IS_F : IS_C;
}

static void in_order(int *perm, int ndim, int order) {
    for (int i = 0; i < ndim; i++) perm[i] = order == IS_F ? i : ndim - 1 - i;
}

/* What layout the result of an operation has; 0 where that is not known here. */
static int lay_out(const gl_group_run *run, const gl_op *op, view *views) {
    int perm[GL_MAX_NDIM], ndim = run->group->ndim;
    view *result = &views[op->reg[op->n_args - 1]];
    const view *source = &views[op->reg[0]];
    if (op->kind == GL_CONVERT) {
        *result = *source;
        result->converted = 1;
        return 1;
    }
    if (op->kind == GL_CAST) {
        int order = source->kind == FULL ? contiguity(source, run) : 0;
        if (!order) return 0;
        in_order(perm, ndim, order & IS_C ? IS_C : IS_F);
    } else {
        int order = short_cut(op, views, run);
        if (order) in_order(perm, ndim, order);
        else sort_axes(op, views, ndim, perm);
    }
    fill_strides(result, run, perm, op->itemsize);
    return 1;
}

/* Whether one walk through the space is dense in both registers. */
static int goes_along(const gl_group_run *run, const view *views, int reg_a, int reg_b) {
    const view *a = &views[reg_a], *b = &views[reg_b];
    for (int i = 0; i < run->group->ndim; i++) {
        if (a->strides[i] * b->itemsize != b->strides[i] * a->itemsize) return 0;
    }
    return a->kind == FULL && b->kind == FULL;
}

/* Axes of a dense result from the innermost out. */
static void order_of(const view *v, int ndim, int *order) {
    for (int i = 0; i < ndim; i++) {
        int k = i;
        for (; k > 0 && v->real[order[k - 1]] > v->real[i]; k--) order[k] = order[k - 1];
        order[k] = i;
    }
}

static int allocate(gl_group_run *run, const view *views) {
    const gl_group *group = run->group;
    for (int i = 0; i < group->n_outputs; i++) {
        int status = gl_allocate_output(run, i, views[group->outputs[i].reg].real, 0);
        if (status != GL_OK) return status;
    }
    return GL_OK;
}

int gl_allocate_outputs(gl_group_run *run, int *order) {
    const gl_group *group = run->group;
    view views[GL_MAX_REGS];
    int first = gl_first_value(group);
    for (int i = 0; i < group->n_arrays; i++) {
        if (!view_array(&views[i], run, i)) return GL_NODEWISE;
    }
    for (int i = group->n_arrays; i < first; i++) {
        views[i].kind = POINT;
        views[i].converted = views[i].itemsize = 0;
        memset(views[i].strides, 0, sizeof views[i].strides);
        memset(views[i].real, 0, sizeof views[i].real);
    }
    for (int i = 0; i < group->n_ops; i++) {
        if (!lay_out(run, &group->ops[i], views)) return GL_NODEWISE;
    }
    int lead = group->n_outputs ? group->outputs[0].reg : group->tails[0].reg;
    for (int i = 0; i < group->n_outputs; i++) {
        if (!goes_along(run, views, lead, group->outputs[i].reg)) return GL_NODEWISE;
    }
    for (int i = 0; i < group->n_tails; i++) {
        if (!goes_along(run, views, lead, group->tails[i].reg)) return GL_NODEWISE;
    }
    int layout = contiguity(&views[lead], run);
    if (group->needs_c && !(layout & IS_C)) return GL_NODEWISE;
    order_of(&views[lead], group->ndim, order);
    return allocate(run, views);
}

/* ---- the loop nest ---- */

static npy_intp stride_of(const gl_group_run *run, int array, int axis) {
    int own = run->group->arrays[array].axes[axis];
    return own < 0 ? 0 : PyArray_STRIDE(run->arrays[array], own);
}

static int can_merge(const gl_group_run *run, const gl_nest *nest, int axis) {
    for (int i = 0; i < run->group->n_arrays; i++) {
        npy_intp inner = nest->in_strides[i][nest->ndim - 1] * nest->shape[nest->ndim - 1];
        if (stride_of(run, i, axis) != inner) return 0;
    }
    return 1;
}

void gl_make_nest(const gl_group_run *run, const int *order, gl_nest *nest) {
    nest->ndim = 0;
    for (int k = 0; k < run->group->ndim; k++) {
        int axis = order[k];
        if (run->shape[axis] == 1) continue;
        if (nest->ndim > 0 && can_merge(run, nest, axis)) {
            nest->shape[nest->ndim - 1] *= run->shape[axis];
            continue;
        }
        nest->shape[nest->ndim] = run->shape[axis];
        for (int i = 0; i < run->group->n_arrays; i++) nest->in_strides[i][nest->ndim] = stride_of(run, i, axis);
        nest->ndim++;
    }
    if (nest->ndim > 0) return;
    nest->ndim = 1;
    nest->shape[0] = 1;
    for (int i = 0; i < run->group->n_arrays; i++) nest->in_strides[i][0] = run->group->arrays[i].itemsize;
}

/* ---- sizes ---- */

npy_intp gl_broadcast_size(PyObject *arrays) {
    npy_intp size = 1;
    int n_arrays = (int)PyTuple_GET_SIZE(arrays), is_more = 1;
    for (int i = 0; i < n_arrays; i++) {
        if (!PyArray_Check(PyTuple_GET_ITEM(arrays, i))) return -1;
    }
    for (int axis = 0; is_more; axis++) { /* from the last one on */
        npy_intp longest = 1;
        is_more = 0;
        for (int i = 0; i < n_arrays; i++) {
            PyArrayObject *array = (PyArrayObject *)PyTuple_GET_ITEM(arrays, i);
            if (PyArray_NDIM(array) <= axis) continue;
            is_more = 1;
            if (longest == 1) longest = PyArray_DIM(array, PyArray_NDIM(array) - 1 - axis);
        }
        size *= longest;
    }
    return size;
}
