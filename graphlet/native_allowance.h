/* What graphlet's own work may cost in functions that nobody named: a head start, and from then on a share of the time
   that the program runs. A bucket: it fills as time goes by, up to the head start, and work takes from it what it took,
   so that no stretch of a program becomes slower than by these two. */
#ifndef GRAPHLET_NATIVE_ALLOWANCE_H
#define GRAPHLET_NATIVE_ALLOWANCE_H

#include "native_clock.h"

typedef struct {
    int64_t head_start; /* ns */
    int64_t share;      /* one part in so many of the time */
    int64_t taken;      /* ns, of the head start; above it after work that took long */
    int64_t filled;     /* when that was */
} gl_allowance;

static void gl_allowance_fill(gl_allowance *allowance)
{
    int64_t now = gl_processor_time(); /* while others have the processors, the program gets no further either */
    if (allowance->filled != 0) {
        allowance->taken -= (now - allowance->filled) / allowance->share;
        allowance->taken = allowance->taken > 0 ? allowance->taken : 0;
    }
    allowance->filled = now;
}

/* ``head_starts``: 1, or more for what may take some of the time to come. */
static int gl_allowance_left(gl_allowance *allowance, int head_starts)
{
    gl_allowance_fill(allowance);
    return allowance->taken < head_starts * allowance->head_start;
}

/* Work that took so long is done: that time itself fills nothing. */
static void gl_allowance_spend(gl_allowance *allowance, int64_t took)
{
    gl_allowance_fill(allowance);
    allowance->taken += took + took / allowance->share;
}

#endif
