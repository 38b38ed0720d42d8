/* Trials: is a region faster than the instructions it stands for? Measured, not guessed.

   Now and then a region runs and stands back in turns, and the time from one entry to the next is taken for both. The
   turns follow the sequence of Thue and Morse, so that what drifts, or repeats every few calls, falls on both alike. One
   region of the process is on trial at a time, and only entries on one thread count. */
#ifndef GRAPHLET_NATIVE_TRIAL_H
#define GRAPHLET_NATIVE_TRIAL_H

#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "native_clock.h"

enum { GL_TURNS = 16, GL_TOLERANCE_PERCENT = 10 };
enum { GL_RUN, GL_STAND_BACK, GL_PAYS, GL_SLOWER };

typedef struct {
    int turn;           /* entries seen; 0: not on trial */
    int is_open;        /* the last one has no end yet */
    int n_taken[2];
    int64_t entered;
    int64_t taken[2][GL_TURNS]; /* ns, by gl_stands_back */
    int64_t medians[2];         /* of the last trial */
} gl_trial;

static int64_t (*gl_clock)(void) = gl_now; /* ns; asked in trials and looks only. Tests have clocks of their own */

static gl_trial *gl_on_trial;
static const void *gl_trial_thread, *gl_trial_code;

static const int64_t GL_ABANDONED = 5000000; /* ns without an entry, after which another region may be tried */

/* Thue and Morse: the parity of the bits. */
static int gl_stands_back(int turn)
{
    turn ^= turn >> 4;
    turn ^= turn >> 2;
    turn ^= turn >> 1;
    return turn & 1;
}

static int gl_compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t gl_median(int64_t *taken, int n)
{
    qsort(taken, n, sizeof *taken, gl_compare_times);
    return taken[n / 2];
}

static void gl_trial_end(gl_trial *trial)
{
    trial->turn = 0;
    if (gl_on_trial == trial) {
        gl_on_trial = NULL;
    }
}

/* NULL: the real one. What is on trial was timed by another clock: it ends. */
static void gl_set_clock(int64_t (*clock)(void))
{
    if (gl_on_trial != NULL) {
        gl_trial_end(gl_on_trial);
    }
    gl_clock = clock == NULL ? gl_now : clock;
}

static int gl_trial_is_abandoned(void) { return gl_clock() - gl_on_trial->entered >= GL_ABANDONED; }

/* Another region of this code is on trial, and perhaps stands back: what would be learned now might never be needed. */
static int gl_trial_elsewhere(const gl_trial *trial, const void *code)
{
    return gl_on_trial != NULL && gl_on_trial != trial && gl_trial_code == code && !gl_trial_is_abandoned();
}

/* Begins, unless another region is on trial. */
static int gl_trial_begin(gl_trial *trial, const void *thread, const void *code)
{
    if (gl_on_trial != NULL) {
        if (!gl_trial_is_abandoned()) {
            return 0;
        }
        gl_trial_end(gl_on_trial);
    }
    gl_on_trial = trial;
    gl_trial_thread = thread;
    gl_trial_code = code;
    memset(trial->n_taken, 0, sizeof trial->n_taken);
    return 1;
}

/* Where a turn ends: at the next entry, of whatever size. */
static void gl_trial_close(gl_trial *trial, const void *thread, int64_t now)
{
    if (trial->turn > 0 && trial->is_open && thread == gl_trial_thread) {
        int mode = gl_stands_back(trial->turn - 1);
        trial->taken[mode][trial->n_taken[mode]++] = now - trial->entered;
        trial->is_open = 0;
        trial->entered = now; /* nobody has abandoned it yet */
    }
}

/* At each entry of a region on trial, or due for one: whether to run or to stand back now; in the end what came of it. */
static int gl_trial_turn(gl_trial *trial, const void *thread, const void *code)
{
    int64_t now = gl_clock();
    if (trial->turn == 0) {
        if (!gl_trial_begin(trial, thread, code)) {
            return GL_RUN;
        }
    }
    else if (thread != gl_trial_thread) {
        return GL_RUN;
    }
    else {
        gl_trial_close(trial, thread, now);
    }
    if (trial->turn == GL_TURNS) {
        gl_trial_end(trial);
        for (int i = 0; i < 2; i++) {
            trial->medians[i] = gl_median(trial->taken[i], trial->n_taken[i]);
        }
        return trial->medians[0] * 100 > trial->medians[1] * (100 + GL_TOLERANCE_PERCENT) ? GL_SLOWER : GL_PAYS;
    }
    trial->is_open = 1;
    trial->entered = gl_clock();
    return gl_stands_back(trial->turn++) ? GL_STAND_BACK : GL_RUN;
}

#endif
