/* What graphlet's own work may cost in functions that nobody named: a head start, and from then on a share of the time
   that the program runs. A bucket: it fills as time goes by, up to the head start, and work takes from it what it took,
   so that no stretch of a program becomes slower than by these two. While the program is young, most of the head start is
   still to come, by a third of the time that passes: many programs are over by then. */
#ifndef GRAPHLET_NATIVE_ALLOWANCE_H
#define GRAPHLET_NATIVE_ALLOWANCE_H

#include "native_clock.h"

#define GL_SHARE_AT_FIRST 3
#define GL_READY_AT_ONCE 6 /* one part in so many of the head start */

typedef struct {
    int64_t head_start; /* ns */
    int64_t share;      /* one part in so many of the time */
    int64_t taken;      /* ns, of the head start; above it after work that took long */
    int64_t coming;     /* ns, of the head start */
    int64_t filled;     /* when that was, in processor time */
    int64_t at;         /* and by the clock */
} gl_allowance;

static void gl_allowance_begin(gl_allowance *allowance, int64_t head_start, int64_t share)
{
    allowance->head_start = head_start;
    allowance->share = share;
    allowance->taken = allowance->coming = head_start - head_start / GL_READY_AT_ONCE;
    allowance->filled = gl_processor_time();
    allowance->at = gl_now();
}

/* What has passed since ``*last``, which is moved to now. */
static int64_t gl_passed(int64_t *last, int64_t now)
{
    int64_t passed = now > *last ? now - *last : 0;
    *last = now;
    return passed;
}

static void gl_allowance_fill(gl_allowance *allowance)
{
    /* While others have the processors, the program gets no further; nor is it twice as far where two threads work. */
    int64_t used = gl_passed(&allowance->filled, gl_processor_time()), by_clock = gl_passed(&allowance->at, gl_now());
    int64_t passed = used < by_clock ? used : by_clock, early = passed / GL_SHARE_AT_FIRST;
    early = early < allowance->coming ? early : allowance->coming;
    allowance->coming -= early;
    allowance->taken -= early + (passed - early * GL_SHARE_AT_FIRST) / allowance->share;
    allowance->taken = allowance->taken > 0 ? allowance->taken : 0;
}

/* ``head_starts``: 1, or more for what may take some of the time to come. */
static int gl_allowance_left(gl_allowance *allowance, int head_starts)
{
    gl_allowance_fill(allowance);
    return allowance->taken < head_starts * allowance->head_start;
}

/* Time that was not the program's, up to now: it fills nothing. */
static void gl_allowance_skip(gl_allowance *allowance, int64_t took)
{
    allowance->filled += took > 0 ? took : 0;
    allowance->at += took > 0 ? took : 0;
    gl_allowance_fill(allowance);
}

/* Work that took so long is done. */
static void gl_allowance_spend(gl_allowance *allowance, int64_t took)
{
    gl_allowance_skip(allowance, took);
    allowance->taken += took;
}

#endif
