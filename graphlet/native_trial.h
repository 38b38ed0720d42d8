/* Trials: is a region faster than the instructions it stands for? Measured, not guessed.

   Now and then a region runs and stands back in turns, and the time from one entry to the next is taken for both. The
   turns follow the sequence of Thue and Morse, so that what drifts, or repeats every few calls, falls on both alike. One
   region of the process is on trial at a time, and only entries on one thread count. Where it stands back, so do the
   regions among the instructions it stands for: two that are both slower than NumPy would be found to be alike.

   A few turns show a difference that is plain to see, or are all that may be spent where entries are far apart: then the
   medians decide. Between entries that follow each other quickly all kinds of things happen, and few medians say
   nothing: there are more turns then, and ranks decide (the test of Mann and Whitney). */
#ifndef GRAPHLET_NATIVE_TRIAL_H
#define GRAPHLET_NATIVE_TRIAL_H

#include <Python.h>
#include <stdlib.h>

#include "native_clock.h"

enum { GL_FEW_TURNS = 4, GL_TURNS = 16, GL_MORE = 8, GL_MOST_TURNS = 1024 };
enum { GL_LITTLE_PERCENT = 2, GL_TOLERANCE_PERCENT = 10 };
enum { GL_PLAIN_GAIN = 2 }; /* times as fast: a few turns are enough where each takes long */
enum { GL_PATIENCE = 64, GL_MUCH_OFTENER = 8 }; /* entries; times */
enum { GL_CLOCK_EVERY = 8 }; /* calls that stand back with the one on trial */
enum { GL_RUN, GL_STAND_BACK, GL_PAYS, GL_SLOWER, GL_EVEN };

typedef struct {
    int turn;           /* entries seen; 0: not on trial */
    int enough;         /* turns, after which it is looked what came of them */
    int is_open;        /* the last one has no end yet */
    int waited;         /* entries while another region was on trial */
    int64_t began, entered;
    int64_t medians[2]; /* of the last trial: ns of a run, and of standing back */
} gl_trial;

static int64_t (*gl_clock)(void) = gl_now; /* ns; asked in trials and looks only. Tests have clocks of their own */

/* Where a region is entered, and the bytes of the original code that its graph stands for. */
typedef struct {
    const void *thread, *code; /* the code that runs */
    int begins, reaches;
} gl_place;

static gl_trial *gl_on_trial;
static gl_place gl_trial_place;
static int gl_standing_back; /* calls asked since the one on trial stood back, and one; 0: it does not */
static int64_t gl_taken[2][GL_MOST_TURNS / 2]; /* ns, by gl_stands_back, of the one that is on trial */
static int gl_n_taken[2];

static const int64_t GL_ABANDONED = 5000000; /* ns without an entry, after which another region may be tried */
static const int64_t GL_LONG_TRIAL = 4000000; /* ns, after which there are no more turns */

/* Thue and Morse: the parity of the bits. */
static int gl_stands_back(int turn)
{
    turn ^= turn >> 8;
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

static void gl_take_medians(gl_trial *trial)
{
    for (int i = 0; i < 2; i++) {
        qsort(gl_taken[i], gl_n_taken[i], sizeof gl_taken[i][0], gl_compare_times);
        trial->medians[i] = gl_taken[i][gl_n_taken[i] / 2];
    }
}

/* Of all pairs of a run and a standing back: those in which the run took longer, less those in which it was shorter. Both
   are sorted. */
static int64_t gl_excess(void)
{
    int64_t excess = 0;
    int shorter = 0, not_longer = 0;
    for (int i = 0; i < gl_n_taken[0]; i++) {
        while (shorter < gl_n_taken[1] && gl_taken[1][shorter] < gl_taken[0][i]) {
            shorter++;
        }
        while (not_longer < gl_n_taken[1] && gl_taken[1][not_longer] <= gl_taken[0][i]) {
            not_longer++;
        }
        excess += shorter - (gl_n_taken[1] - not_longer);
    }
    return excess;
}

/* By ranks: the excess of two that are alike has a variance of n0 n1 (n0 + n1 + 1) / 3, see Mann and Whitney (1947). */
static int gl_ranks_say(double standard_deviations)
{
    double excess = (double)gl_excess(), n0 = gl_n_taken[0], n1 = gl_n_taken[1];
    if (3 * excess * excess <= standard_deviations * standard_deviations * n0 * n1 * (n0 + n1 + 1)) {
        return GL_EVEN;
    }
    return excess > 0 ? GL_SLOWER : GL_PAYS;
}

/* What the medians come to, if no turn of one kind took as long as any of the other, or there are to be no more turns;
   GL_EVEN: they say nothing yet. A little slower counts only where few turns of the two kinds overlap. */
static int gl_medians_say(const gl_trial *trial, int is_over)
{
    if (!is_over && llabs(gl_excess()) < (int64_t)gl_n_taken[0] * gl_n_taken[1]) {
        return GL_EVEN;
    }
    int tolerance = gl_ranks_say(2.5) == GL_SLOWER ? GL_LITTLE_PERCENT : GL_TOLERANCE_PERCENT;
    return trial->medians[0] * 100 > trial->medians[1] * (100 + tolerance) ? GL_SLOWER : GL_PAYS;
}

/* Whether each run took so much less time than each standing back that to go on would only cost. */
static int gl_gain_is_plain(gl_trial *trial)
{
    if (trial->turn != GL_FEW_TURNS || gl_clock() - trial->began <= GL_LONG_TRIAL) {
        return 0;
    }
    gl_take_medians(trial);
    return GL_PLAIN_GAIN * gl_taken[0][gl_n_taken[0] - 1] <= gl_taken[1][0];
}

/* What the turns so far come to; GL_RUN: there are to be more. Where all turns show no gain, NumPy is to run; GL_EVEN
   says that there was no time for all. */
static int gl_trial_says(gl_trial *trial)
{
    if (trial->turn < trial->enough) {
        return gl_gain_is_plain(trial) ? GL_PAYS : GL_RUN;
    }
    gl_take_medians(trial);
    int is_over = gl_clock() - trial->began > GL_LONG_TRIAL;
    if (trial->turn == GL_MOST_TURNS) {
        return gl_ranks_say(2.5) == GL_PAYS ? GL_PAYS : GL_SLOWER;
    }
    int says = trial->turn == GL_TURNS ? gl_medians_say(trial, is_over) : gl_ranks_say(is_over ? 2.5 : 3.5);
    if (says != GL_EVEN || is_over) {
        return says;
    }
    trial->enough *= GL_MORE;
    return GL_RUN;
}

static void gl_trial_end(gl_trial *trial)
{
    trial->turn = 0;
    if (gl_on_trial == trial) {
        gl_on_trial = NULL;
        gl_standing_back = 0;
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
    return gl_on_trial != NULL && gl_on_trial != trial && gl_trial_place.code == code && !gl_trial_is_abandoned();
}

/* The region on trial stands back, and an entry is among what its graph would have done. */
static int gl_stands_back_there(const gl_place *place)
{
    const gl_place *on_trial = &gl_trial_place;
    if (gl_standing_back == 0 || place->code != on_trial->code || place->thread != on_trial->thread) {
        return 0;
    }
    int is_behind = place->begins <= on_trial->begins || place->begins >= on_trial->reaches;
    if (is_behind || (++gl_standing_back % GL_CLOCK_EVERY == 0 && gl_trial_is_abandoned())) {
        gl_standing_back = 0;
    }
    return gl_standing_back != 0;
}

/* What is entered much more often than the one on trial should not wait for that one to be through. */
static int gl_trial_is_urgent(gl_trial *trial)
{
    return ++trial->waited > GL_PATIENCE && trial->waited > GL_MUCH_OFTENER * gl_on_trial->turn;
}

/* Begins, unless another region is on trial. */
static int gl_trial_begin(gl_trial *trial, const gl_place *place)
{
    if (gl_on_trial != NULL) {
        if (!gl_trial_is_urgent(trial) && !gl_trial_is_abandoned()) {
            return 0;
        }
        gl_trial_end(gl_on_trial);
    }
    gl_on_trial = trial;
    trial->waited = 0;
    gl_trial_place = *place;
    gl_n_taken[0] = gl_n_taken[1] = 0;
    trial->began = gl_clock();
    trial->enough = GL_TURNS;
    return 1;
}

/* Where a turn ends: at the next entry, of whatever size. */
static void gl_trial_close(gl_trial *trial, const void *thread, int64_t now)
{
    if (trial->turn > 0 && trial->is_open && thread == gl_trial_place.thread) {
        gl_standing_back = 0;
        int mode = gl_stands_back(trial->turn - 1);
        gl_taken[mode][gl_n_taken[mode]++] = now - trial->entered;
        trial->is_open = 0;
        trial->entered = now; /* nobody has abandoned it yet */
    }
}

/* At each entry of a region on trial, or due for one: whether to run or to stand back now; in the end what came of it. */
static int gl_trial_turn(gl_trial *trial, const gl_place *place)
{
    int64_t now = gl_clock();
    if (trial->turn == 0) {
        if (!gl_trial_begin(trial, place)) {
            return GL_RUN;
        }
    }
    else if (place->thread != gl_trial_place.thread) {
        return GL_RUN;
    }
    else {
        gl_trial_close(trial, place->thread, now);
    }
    int says = gl_trial_says(trial);
    if (says != GL_RUN) {
        gl_trial_end(trial);
        return says;
    }
    trial->is_open = 1;
    trial->entered = gl_clock();
    gl_standing_back = gl_stands_back(trial->turn++);
    return gl_standing_back ? GL_STAND_BACK : GL_RUN;
}

#endif
