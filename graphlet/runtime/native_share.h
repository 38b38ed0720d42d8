/* Groups whose work several threads share. The pieces are those that one thread would go through, so results and flags
   are the same however many there are. */
#ifndef GRAPHLET_SHARE_H
#define GRAPHLET_SHARE_H

#include "native_clock.h"
#include "native_group.h"

/* What was measured for work of one size class, by one thread [0] and by several [1]. */
typedef struct {
    int64_t took[2], worst[2]; /* ns */
    int turns[2], is_shared;   /* of a trial; what came of the last */
    npy_int64 left, patience; /* runs to the next trial, and from there to the one behind it */
} gl_measured;

enum { GL_SIZE_CLASSES = 48 };
typedef struct gl_measures { gl_measured of[GL_SIZE_CLASSES]; } gl_measures;

/* How many threads run something now. ``measured``: of what it is a trial, or NULL. */
typedef struct {
    int n_threads;
    gl_measured *measured;
    int64_t began, took;
} gl_turn;

/* Around work of a plan. ``guess``: ns that one thread may take. Under the interpreter lock, but for gl_turn_stop. */
gl_turn gl_turn_begin(const gl_plan *plan, gl_measures **measures, npy_intp size, double guess);
void gl_turn_note(gl_turn *turn); /* of one that is measured */
static inline void gl_turn_stop(gl_turn *turn) {
    if (turn->measured) turn->took = gl_now() - turn->began;
}

/* Work below so many ns is for one thread; 0: all work is shared, without trials. */
void gl_share_from(npy_int64 ns);

/* Runs of groups on several threads since the start. */
npy_int64 gl_n_shared(void);

/* Runs of fewer elements are not even looked at. */
extern npy_intp gl_least_shared;

gl_turn gl_share_turn(gl_group *group, const gl_group_run *run);
int gl_share(gl_group_run *run, const gl_nest *nest, gl_turn *turn); /* 0: not done */
#endif
