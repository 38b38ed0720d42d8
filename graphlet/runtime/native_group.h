/* Groups: elementwise nodes over one iteration space, run block by block through NumPy's own inner loops. */
#ifndef GRAPHLET_NATIVE_GROUP_H
#define GRAPHLET_NATIVE_GROUP_H

#include "native_block.h"
#include "native_code.h"
#include "native_flags.h"
#include <numpy/dtype_api.h>

enum { GL_MAX_ARGS = 6, GL_CELL = 32, GL_MAX_REGS = 96, GL_MAX_SCALARS = 32, GL_MAX_TAILS = 8, GL_MAX_NDIM = 16 };
/* A last block of less than this joins the one before: loops treat very short runs and the tail of a long run
   differently (which of two NaNs survives), and in NumPy it is the tail of a long run. */
enum { GL_TAIL = 256 };
/* Shorter rows are packed: less than a vector. */
enum { GL_SHORTEST_ROW = 8 };
/* GL_NODEWISE: the layout met now is not for the block machine, run the group's nodes one by one. */

/* Registers are numbered: arrays read, scalars, constants, then the values that ops make. At run time each has an
   address and a stride along the block: 0 for what is the same everywhere. */

typedef struct {
    int slot, ndim;
    int itemsize;
    int *axes;    /* per dimension of the space: the array's axis, or -1 where it is broadcast */
    int is_full;  /* axis i is dimension i, for all */
    int is_point; /* broadcast everywhere */
} gl_array_in;

typedef struct {
    int slot;
    PyArray_Descr *descr; /* what its object is converted to; Python numbers are weak, NumPy scalars are cast */
} gl_scalar_in;

typedef void gl_cast(const void *source, void *target, npy_intp n);

enum gl_op_kind { GL_LOOP, GL_CAST, GL_CONVERT, GL_WHERE };
/* Who makes an unsure result: NumPy node by node, or, where that is something else in place, the original instructions. */
enum { GL_UNSURE = 1, GL_UNSURE_IN_PLACE = 2 };

typedef struct gl_op {
    enum gl_op_kind kind;
    int n_args;             /* registers: the operands, then the result */
    int reg[GL_MAX_ARGS];
    int itemsize;           /* of the result */
    int from_size;          /* CAST, CONVERT: of the operand */
    PyArrayMethod_StridedLoop *loop;
    PyArrayMethod_Context *context;
    NpyAuxData *auxdata;
    PyObject *capsule;      /* owns the three above */
    enum gl_nans nans;
    int checked;            /* NumPy looks at the floating-point flags this loop raises */
    int is_plain;           /* arithmetic that clears no flag, and raises none of the x87 unit */
    gl_cast *cast;          /* NULL: same type, plain copy */
} gl_op;

typedef struct {
    int slot, reg;
    PyArray_Descr *descr;
} gl_output;

/* Tails: reductions of a register over the whole space, over its last axes (rows) or over axes that others follow
   (columns). */
enum gl_walk { GL_PLAIN, GL_WHOLE, GL_ROWS, GL_COLUMNS };
enum gl_tail_kind {
    GL_SUM,     /* of floats: NumPy adds in a tree, whose leaves are blocks here */
    GL_ORDERED, /* one after the other, or in any order: start value, then loop on */
    GL_EXTREME, /* like that, but from the first element; cut into pieces, zeros and NaNs are not to be trusted */
    GL_ARG      /* the place of an extreme; the source is the register itself, the result an intp */
};

typedef struct {
    enum gl_tail_kind kind;
    int reg, slot;
    gl_op op;               /* the loop, in reduce form */
    PyArray_Descr *descr;
    char start[GL_CELL];
    int mean;               /* divided by the number of elements */
    npy_intp mean_limit;    /* with more elements the sum may depend on its order; 0: no limit */
    int keepdims;
    int sign, source_size;  /* ARG: -1 minimum, 1 maximum */
    const void *arg_kernels;
    PyArray_ArgFunc *arg_of_run;
} gl_tail;

/* Stages: operations that follow each other and may run as one compiled function instead. ``regs``: the registers it
   reads, then those it writes; what only the stage itself reads is never stored. ``reductions``: tails it makes too. */
typedef struct {
    int first, n_ops;       /* operations of the group; a stage behind the last one only reduces */
    int n_inputs, n_outputs, n_reductions;
    int *regs, *sizes;      /* sizes: bytes per element */
    int *reductions;
    int streams;            /* what it stores nobody reads again in this group */
    int in_tiles;           /* what it goes on from is not what the operations would: only where it makes all */
    gl_code *code;
    PyObject *owner;        /* of the code */
    const gl_op *flagged;   /* who is named when a flag is raised */
    int pause;              /* blocks to leave to the operations themselves */
} gl_stage;

typedef struct gl_group {
    int ndim;
    npy_intp *dims;         /* as in gl_check */
    int n_arrays, n_scalars, n_constants, n_ops, n_outputs, n_regs;
    int n_buffers;          /* scratch buffers for values; behind them one for each array, and a spare one */
    gl_array_in *arrays;
    gl_scalar_in *scalars;
    char *constants;        /* GL_CELL bytes each, aligned */
    gl_op *ops;
    int n_stages;
    gl_stage *stages;
    int loops_read_arrays;  /* some operation outside of all stages reads an array */
    gl_output *outputs;
    enum gl_walk walk;
    int reduced_from, reduced_to; /* axes that tails reduce */
    int n_tails;
    gl_tail *tails;
    int *scratch;           /* per value register: number of its scratch buffer, or -1 - output */
    int block, width;       /* elements of a block; bytes per element of a scratch buffer */
    size_t buffer;          /* bytes of a scratch buffer: a block, and a tail */
    int doubts_nans;        /* some operation does */
    int strict;             /* results depend on how the run is cut: only one dense run is done here */
    int has_casts;
    int needs_c;            /* tails count axes or places: only C order is done here */
    char *arena;            /* scratch, kept between runs */
    int arena_busy;
    int n_fallback;
    gl_step *fallback;
    int ignored, forced;    /* as in gl_step */
    int shareable;          /* all its loops may run on threads that are not Python's */
    struct gl_measures *measures; /* whether that pays; NULL: not known */
} gl_group;

/* How the elements of an array come into a block. */
enum gl_packing { GL_IN_PLACE, GL_SAME, GL_PACKED, GL_PACKED_ONCE };

typedef struct {
    int ndim;                                 /* after merging; axis 0 is the innermost */
    npy_intp shape[GL_MAX_NDIM];
    npy_intp in_strides[GL_MAX_REGS][GL_MAX_NDIM];
} gl_nest;

/* Blocks are cut from rows (all is one row where there is no nest), or are short rows packed together. The pieces of a
   space are the same whoever goes through them. */
typedef struct {
    int is_packed;
    npy_intp length, block; /* elements of a row, of a piece */
    npy_intp per_row, n;    /* pieces */
    int is_across;          /* rows of some array lie across: a few rows go on together */
} gl_pieces;

/* A part of a reduction: a node of the tree of sums, and what goes on from element to element. */
typedef char gl_totals[GL_MAX_TAILS][GL_CELL];
typedef struct {
    npy_intp from, n;
    gl_totals sums, totals;
} gl_node;

/* A run of a group. Strides in bytes; ``strides[reg]`` is the one along the block. */
typedef struct {
    const gl_group *group;
    const gl_run_state *state;
    npy_intp shape[GL_MAX_NDIM], size;
    PyArrayObject *arrays[GL_MAX_REGS];
    char *ptr[GL_MAX_REGS];
    npy_intp stride[GL_MAX_REGS];
    _Alignas(GL_CELL) char cells[GL_MAX_SCALARS][GL_CELL];
    PyArrayObject *outputs[GL_MAX_REGS];
    char *base[GL_MAX_REGS]; /* addresses of arrays and outputs at the start of the space */
    enum gl_packing packing[GL_MAX_REGS];
    PyArrayObject *tails[GL_MAX_TAILS];           /* results of row and column tails */
    char *best[GL_MAX_TAILS];                     /* values at the places of column tails */
    _Alignas(GL_CELL) char totals[GL_MAX_TAILS][GL_CELL];
    int unsure;             /* a result that NumPy has to make: GL_UNSURE, or in place */
    int repacked;           /* loops may not begin and end where NumPy's do, which packs rows in a way of its own */
    int watches;            /* operations look for NaNs that meet */
    int again;              /* a part found no function: one thread does it all */
    char *arena, *scratch, *spare; /* spare: one more buffer, for operands that have to be packed */
    int flags;              /* floating-point flags raised by checked loops */
    const gl_op *flagged;   /* who raised one */
    int failed, owns_arena;
    int flags_cleared;      /* before the first operation; else flags may be older */
    npy_intp compiled, interpreted; /* operations times elements */
    int wants_code;         /* some stage has no function for what it met */
    int streams;            /* the results are larger than the cache: they are stored past it */
    int in_tile;            /* of columns, which are all made by stages */
    npy_intp rows, length;  /* the block is so many rows of so many elements */
    /* Rows of arrays that do not lie one behind the other: stages read them where they are, and ``ptr`` and ``stride``
       hold only once they are packed. */
    int in_rows;
    const gl_nest *nest;
    npy_intp from;
    char *row_ptr[GL_MAX_REGS];
    npy_intp row_stride[GL_MAX_REGS], row_step[GL_MAX_REGS], n_packed[GL_MAX_REGS];
    char is_flat[GL_MAX_REGS];
    char *reduced[GL_MAX_TAILS];  /* where stages put reductions of rows */
    npy_intp first_row, together; /* of the block, among those that columns reduce; rows that pass before the next column */
    unsigned int has_reduced;     /* bit i: tail i is there */
} gl_group_run;

/* Loops that hold the interpreter's lock set an exception and return nothing: integers to negative powers. */
static inline int gl_has_raised(const gl_group *group) { return !group->shareable && PyErr_Occurred(); }

/* The register behind arrays, scalars and constants. */
static inline int gl_first_value(const gl_group *group) { return group->n_arrays + group->n_scalars + group->n_constants; }

static inline int gl_loops_failed(const gl_group_run *run) { return run->failed || gl_has_raised(run->group); }

static inline char *gl_tail_cell(gl_group_run *run, int tail, npy_intp index) {
    return PyArray_BYTES(run->tails[tail]) + index * run->group->tails[tail].op.itemsize;
}

static inline npy_intp gl_block_of(const gl_group *group, npy_intp left) {
    return left < group->block + GL_TAIL ? left : group->block;
}

/* native_group.c */
extern npy_intp gl_stream_from; /* bytes of results from which on they are stored past the cache */
int gl_run_group(gl_group *group, gl_run_state *state);
int gl_allocate_output(gl_group_run *run, int i, const npy_intp *strides, int fortran);
void gl_place_values(gl_group_run *run);
int gl_take_scratch(gl_group *group, gl_group_run *run); /* -1: no memory */
void gl_give_scratch(gl_group *group, gl_group_run *run);
int gl_group_verdict(gl_group_run *run, gl_run_state *state); /* behind the operations */
void gl_group_free(gl_group *group);

/* native_placed.c */
extern npy_intp gl_placed_from; /* bytes of a result from which on it may go into memory that was there before */
PyArrayObject *gl_placed(const gl_group_run *run, int output, const npy_intp *strides, int fortran); /* new reference; NULL */

/* native_loops.c */
int gl_loops_init(void); /* -1: an exception is set */
int gl_loop_facts(PyObject *capsule, int *requires_python, int *checked);
const char *gl_loop_name(const gl_op *op);
int gl_fill_loop(gl_op *op, PyObject *capsule);
int gl_fill_cast(gl_op *op, PyArray_Descr *from, PyArray_Descr *to);

/* native_casts.c */
gl_cast *gl_find_cast(const PyArray_Descr *from, const PyArray_Descr *to); /* NULL where there is none */

/* native_ops.c */
void gl_run_ops(gl_group_run *run, npy_intp n);
int gl_run_together(gl_group_run *run, npy_intp n);

void gl_look_at_flags(gl_group_run *run, const gl_op *op);
void gl_look_at_stage_flags(gl_group_run *run, const gl_op *op); /* behind compiled code */
void gl_pack(char *to, const char *from, npy_intp stride, npy_intp n, int itemsize);
void gl_pack_rows(char *to, const char *from, npy_intp stride, npy_intp n, npy_intp row_stride, npy_intp rows, int itemsize);

/* native_nans.c */
int gl_results_have_nans(const gl_group_run *run, npy_intp n); /* of the block */
int gl_nans_in_doubt(const gl_group_run *run, const gl_op *op, char *const *data, const npy_intp *strides, npy_intp n); /* as unsure */

/* native_stage.c */
int gl_run_stage(gl_group_run *run, gl_stage *stage, npy_intp n); /* 0: the operations have to run */
int gl_all_compiled(const gl_group *group);
int gl_only_reduces(const gl_group *group);
void gl_stages_free(gl_group *group);

/* native_scalar.c */
int gl_convert_scalar(char *cell, PyObject *value, PyArray_Descr *descr);

/* native_layout.c */
npy_intp gl_broadcast_size(PyObject *arrays); /* of a tuple; -1 if one is no array */
int gl_allocate_outputs(gl_group_run *run, int *order); /* order: axes from the innermost out */
void gl_make_nest(const gl_group_run *run, const int *order, gl_nest *nest);

/* native_nest.c */
void gl_cut_pieces(const gl_group_run *run, const gl_nest *nest, int is_shared, gl_pieces *pieces);
void gl_begin_pieces(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces);
void gl_run_pieces(gl_group_run *run, const gl_nest *nest, const gl_pieces *pieces, npy_intp from, npy_intp to);
void gl_start_seeking(gl_group_run *run, const gl_nest *nest);
void gl_seek_outputs(gl_group_run *run, npy_intp from);
void gl_seek(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n);
void gl_seek_rows(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp rows, npy_intp length);
void gl_seek_tile(gl_group_run *run, const gl_nest *nest, npy_intp row, npy_intp rows, npy_intp length, npy_intp from,
                  npy_intp n); /* for stages only; rows along one axis of the nest */
void gl_flatten(gl_group_run *run, int reg);

/* native_args.c */
int gl_fill_arg(gl_tail *tail, PyArray_Descr *source, int sign);
npy_intp gl_arg_of_run(const gl_tail *tail, char *data, npy_intp stride, npy_intp n);
void gl_arg_piece(const gl_tail *tail, char *total, char *data, npy_intp stride, npy_intp from, npy_intp n, int is_first);
void gl_arg_row(const gl_tail *tail, char *values, npy_intp *places, char *data, npy_intp stride, npy_intp n, npy_intp row);

/* native_joined.c */
enum { GL_MOST_ROWS = 32 };
int gl_takes_rows(const gl_group_run *run, const gl_nest *nest);
npy_intp gl_rows_at_once(const gl_group_run *run, const gl_nest *nest, npy_intp row, npy_intp left);
int gl_is_joined(const gl_group_run *run, const gl_nest *nest);
void gl_run_joined(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp n);

/* native_columns.c */
void gl_run_columns(gl_group_run *run, const gl_nest *nest);
void gl_cut_columns(const gl_group_run *run, const gl_nest *nest, gl_pieces *pieces);
void gl_run_column_tiles(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp to);

/* native_tails.c */
int gl_allocate_tails(gl_group_run *run);
void gl_run_tails(gl_group_run *run, const gl_nest *nest);
/* The same in parts: nodes of the tree, or stretches of rows. ``block`` of those pieces: rows. */
int gl_cut_tree(const gl_group_run *run, npy_intp leaf, gl_node *nodes, int most); /* 0: too many */
void gl_run_node(gl_group_run *run, const gl_nest *nest, gl_node *node);
void gl_join_nodes(gl_group_run *run, npy_intp leaf, const gl_node *nodes, int n_nodes);
void gl_cut_rows(const gl_group_run *run, gl_pieces *pieces);
void gl_run_rows(gl_group_run *run, const gl_nest *nest, npy_intp from, npy_intp to);
void gl_finish_tails(gl_group_run *run, int in_parts);
PyObject *gl_tail_result(gl_group_run *run, int i); /* new reference */
void gl_release_tails(gl_group_run *run);
#endif
