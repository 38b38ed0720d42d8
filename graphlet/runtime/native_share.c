#include "native_share.h"
#include "native_threads.h"

enum { CHUNKS_PER_THREAD = 8, MAX_NODES = 128, TURNS = 8, SMALLEST = 4096, FIRST_PATIENCE = 64, PATIENCE_FACTOR = 16 };
static const double NS_PER_OPERATION = 0.25, GAIN = 0.95;
static const npy_int64 LONGEST_PATIENCE = 1 << 20;
static npy_int64 share_from = 40000, n_shared;

npy_intp gl_least_shared = SMALLEST;

void gl_share_from(npy_int64 ns) {
    share_from = ns;
    gl_least_shared = ns > 0 ? SMALLEST : 0;
}

npy_int64 gl_n_shared(void) { return n_shared; }

/* ---- does it pay? ---- */

static int class_of(npy_intp size) {
    int bits = 0;
    for (; size; size >>= 1) bits++;
    return bits < GL_SIZE_CLASSES ? bits : GL_SIZE_CLASSES - 1;
}

/* In the middle, and on its own: helpers are awake then as they are when all runs are shared. What drifts falls on both. */
static int is_shared_turn(int turn) { return turn >= TURNS / 4 && turn < TURNS - TURNS / 4; }

static int is_shared_now(gl_measured *measured, double guess, gl_turn *turn) {
    if (measured->left > 0) {
        measured->left--;
        return measured->is_shared;
    }
    turn->measured = measured;
    turn->began = gl_now();
    double alone = measured->turns[0] ? (double)measured->took[0] / measured->turns[0] : guess;
    return is_shared_turn(measured->turns[0] + measured->turns[1]) && alone >= (double)share_from;
}

/* Some alone and some shared, now and then, and in between as was better. */
gl_turn gl_turn_begin(const gl_plan *plan, gl_measures **measures, npy_intp size, double guess) {
    gl_turn turn = {1, NULL, 0, 0};
    if (gl_threads_most() < 2) return turn;
    if (plan->exact_threads) return (gl_turn){plan->exact_threads, NULL, 0, 0};
    if (share_from > 0) {
        if (!*measures) *measures = PyMem_RawCalloc(1, sizeof **measures);
        if (!*measures || !is_shared_now(&(*measures)->of[class_of(size)], guess, &turn)) return turn;
    }
    int allowed = gl_threads_allowed();
    turn.n_threads = plan->most_threads && plan->most_threads < allowed ? plan->most_threads : allowed;
    return turn;
}

/* Without the worst turn: whatever happened there need not happen again. */
static double mean(const gl_measured *measured, int several) {
    return (double)(measured->took[several] - measured->worst[several]) / (measured->turns[several] - 1);
}

static int pays(const gl_measured *measured) {
    return measured->turns[0] > 1 && measured->turns[1] > 1 && mean(measured, 1) < GAIN * mean(measured, 0);
}

void gl_turn_note(gl_turn *turn) {
    gl_measured *measured = turn->measured;
    int several = turn->n_threads > 1;
    measured->took[several] += turn->took;
    if (turn->took > measured->worst[several]) measured->worst[several] = turn->took;
    if (++measured->turns[several] + measured->turns[!several] < TURNS) return;
    measured->is_shared = pays(measured);
    measured->patience = measured->patience ? measured->patience * PATIENCE_FACTOR : FIRST_PATIENCE;
    if (measured->patience > LONGEST_PATIENCE) measured->patience = LONGEST_PATIENCE;
    measured->left = measured->patience;
    for (int i = 0; i < 2; i++) measured->took[i] = measured->worst[i] = measured->turns[i] = 0;
}

static double guess_of(const gl_group_run *run) {
    const gl_group *group = run->group;
    return NS_PER_OPERATION * (double)run->size * (group->n_arrays + group->n_ops + group->n_outputs + group->n_tails);
}

/* ---- the work ---- */

/* What came of one thread's part. */
typedef struct {
    int flags, failed, unsure, again, wants_code;
    const gl_op *flagged;
    npy_intp compiled, interpreted;
} outcome;

typedef struct {
    gl_job job;               /* the first member */
    const gl_group_run *run;  /* as it was before */
    const gl_nest *nest;
    gl_pieces pieces;
    npy_intp per_chunk;       /* pieces; of a reduction of everything: elements at most */
    gl_node *nodes;           /* of a reduction of everything: chunks */
    outcome outcomes[GL_MAX_THREADS];
} shared;

/* A copy of the run with scratch of its own. */
static int begin_part(gl_group_run *part, const shared *work, int index) {
    const gl_group *group = work->run->group;
    memcpy(part, work->run, sizeof *part);
    if (index > 0 && part->scratch) {
        size_t n_buffers = group->n_buffers + group->n_arrays + 1;
        part->scratch = gl_helper_memory(group->buffer * n_buffers);
        if (!part->scratch) return -1;
        part->spare = part->scratch + group->buffer * (n_buffers - 1);
    }
    gl_place_values(part);
    if (group->walk == GL_PLAIN) gl_begin_pieces(part, work->nest, &work->pieces);
    else gl_start_seeking(part, work->nest);
    gl_clear_flags();
    return 0;
}

static void run_chunk(gl_group_run *part, shared *work, npy_intp chunk) {
    const gl_group *group = part->group;
    npy_intp from = chunk * work->per_chunk, to = from + work->per_chunk;
    if (to > work->pieces.n) to = work->pieces.n;
    switch (group->walk) {
    case GL_WHOLE: gl_run_node(part, work->nest, &work->nodes[chunk]); break;
    case GL_ROWS: gl_run_rows(part, work->nest, from * work->pieces.block, to * work->pieces.block); break;
    case GL_COLUMNS: gl_run_column_tiles(part, work->nest, from, to); break;
    default: gl_run_pieces(part, work->nest, &work->pieces, from, to); break;
    }
}

static void take_part(const gl_seat *seat) {
    shared *work = (shared *)seat->job;
    gl_group_run part;
    if (begin_part(&part, work, seat->index) < 0) return; /* others do it */
    for (int64_t chunk; !part.failed && (chunk = gl_next_chunk(seat)) >= 0;) run_chunk(&part, work, (npy_intp)chunk);
    work->outcomes[seat->index] = (outcome){part.flags,      part.failed,  part.unsure,   part.again,
                                            part.wants_code, part.flagged, part.compiled, part.interpreted};
}

static void gather(gl_group_run *run, const shared *work) {
    for (int i = 0; i <= work->job.n_joined; i++) {
        const outcome *result = &work->outcomes[i];
        if (result->flags & ~run->flags) run->flagged = result->flagged;
        run->flags |= result->flags;
        run->failed |= result->failed;
        run->unsure |= result->unsure;
        run->again |= result->again;
        run->wants_code |= result->wants_code;
        run->compiled += result->compiled;
        run->interpreted += result->interpreted;
    }
}

/* Some totals can only be made one after the other: products of floats; and where the extremes of what is there already
   are zero, parts say nothing about the sign. */
static int has_parts(const gl_group *group, const gl_tail *tail) {
    int type_num = tail->descr->type_num;
    if (tail->kind == GL_ORDERED) return PyTypeNum_ISINTEGER(type_num) || PyTypeNum_ISBOOL(type_num);
    return tail->kind != GL_EXTREME || group->n_ops > 0 || !PyTypeNum_ISFLOAT(type_num);
}

static int can_share(const gl_group_run *run) {
    const gl_group *group = run->group;
    if (!group->shareable) return 0;
    for (int i = 0; group->walk == GL_WHOLE && i < group->n_tails; i++) {
        if (!has_parts(group, &group->tails[i])) return 0;
    }
    return 1;
}

gl_turn gl_share_turn(gl_group *group, const gl_group_run *run) {
    const gl_turn alone = {1, NULL, 0, 0};
    if (!can_share(run)) return alone;
    if (run->state->n_threads) return (gl_turn){run->state->n_threads, NULL, 0, 0};
    return gl_turn_begin(run->state->plan, &group->measures, run->size, guess_of(run));
}

static int cut_whole(shared *work, gl_group_run *run, npy_intp most) {
    npy_intp n_nodes = most < MAX_NODES / 2 ? most : MAX_NODES / 2;
    work->per_chunk = run->size / n_nodes > run->group->block ? run->size / n_nodes : run->group->block;
    work->nodes = PyMem_RawMalloc(MAX_NODES * sizeof *work->nodes);
    work->pieces.n = work->nodes ? gl_cut_tree(run, work->per_chunk, work->nodes, MAX_NODES) : 0;
    return (int)work->pieces.n;
}

/* How many chunks there are. */
static int cut(shared *work, gl_group_run *run, const gl_nest *nest, int n_threads) {
    npy_intp most = CHUNKS_PER_THREAD * n_threads;
    if (run->group->walk == GL_WHOLE) return cut_whole(work, run, most);
    if (run->group->walk == GL_ROWS) gl_cut_rows(run, &work->pieces);
    else if (run->group->walk == GL_COLUMNS) gl_cut_columns(run, nest, &work->pieces);
    else gl_cut_pieces(run, nest, 1, &work->pieces);
    if (!work->pieces.n) return 0;
    work->per_chunk = (work->pieces.n + most - 1) / most;
    return (int)((work->pieces.n + work->per_chunk - 1) / work->per_chunk);
}

static void run_shared(shared *work, gl_group_run *run, int n_chunks, int n_threads) {
    work->job.take_part = take_part;
    work->job.n_chunks = n_chunks;
    work->job.n_seats = n_threads < n_chunks ? n_threads : n_chunks;
    memset(work->outcomes, 0, sizeof work->outcomes);
    run->flags_cleared = 1;
    gl_run_job(&work->job);
    gather(run, work);
    gl_clear_flags();
    if (run->failed || run->group->n_tails == 0) return;
    if (run->again) { /* what was computed has raised its flags, and is made anew */
        run->again = run->unsure = 0;
        gl_start_seeking(run, work->nest);
        gl_run_columns(run, work->nest);
    }
    if (run->group->walk == GL_WHOLE) gl_join_nodes(run, work->per_chunk, work->nodes, n_chunks);
    gl_finish_tails(run, run->group->walk == GL_WHOLE);
}

int gl_share(gl_group_run *run, const gl_nest *nest, gl_turn *turn) {
    shared work;
    work.run = run;
    work.nest = nest;
    work.nodes = NULL;
    int n_chunks = cut(&work, run, nest, turn->n_threads);
    if (n_chunks > 1) {
        n_shared++;
        PyThreadState *released = PyEval_SaveThread();
        run_shared(&work, run, n_chunks, turn->n_threads);
        gl_turn_stop(turn);
        PyEval_RestoreThread(released);
    } else turn->n_threads = 1;
    PyMem_RawFree(work.nodes);
    return n_chunks > 1;
}
