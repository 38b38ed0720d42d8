/* The cost model of a region for one class of sizes: after some hits, and ever more rarely after that, it is on trial;
   one that loses twice in a row rests for some thousand calls; one in doubt, as what reads and writes single elements
   is, has to show at once that it pays. What was measured on little data says nothing about much:
   when calls come to take much longer or shorter, it is measured again. */
#ifndef GRAPHLET_NATIVE_COST_H
#define GRAPHLET_NATIVE_COST_H

#include "native_trial.h"

enum {
    GL_FIRST_TRIAL = 64,    /* hits before the first trial */
    GL_DOUBTED_TRIAL = 16,  /* the same where NumPy alone is expected to be faster */
    GL_TRIAL_FACTOR = 16,   /* so many times more before the next */
    GL_EVEN_FACTOR = 4,     /* the same, where it made no difference */
    GL_CONVICTIONS = 2,     /* trials in a row to be lost before a rest */
    GL_FIRST_REST = 4096,   /* calls */
    GL_LONGEST_REST = 1 << 20,
    GL_SETTLED = 1 << 15,   /* calls of the rest to come, from where on NumPy is known to be faster */
    GL_LOOK = 64,           /* calls after which it is looked how long they take now */
    GL_LONG_LOOKS = 8,      /* so many more looks than others that find calls much longer end a rest: one is chance */
    GL_ANOTHER_SIZE = 4     /* so many times longer or shorter: other data */
};

typedef struct {
    gl_trial trial;
    long long hits;                /* about so many, of this class */
    long long trial_due, look_due; /* of them */
    int looking;                   /* the run that comes is to be timed */
    int convictions;
    int rest_left, next_rest;      /* calls */
    int64_t usual;                 /* ns of a run since the last trial, 0: not known */
    int64_t entered;               /* ns, of a call while resting */
    int long_looks;
} gl_cost;

static void gl_cost_start(gl_cost *cost, int is_doubted)
{
    cost->trial_due = cost->look_due = is_doubted ? GL_DOUBTED_TRIAL : GL_FIRST_TRIAL;
    cost->convictions = is_doubted ? GL_CONVICTIONS - 1 : 0;
    cost->next_rest = is_doubted ? GL_SETTLED / 4 : GL_FIRST_REST;
}

static void gl_cost_drop(gl_cost *cost) { gl_trial_end(&cost->trial); }

/* Calls usually take much longer than those measured, as far as the looks of a rest tell. */
static int gl_cost_has_grown(gl_cost *cost)
{
    if (gl_clock() - cost->entered > GL_ANOTHER_SIZE * cost->trial.medians[1]) {
        return ++cost->long_looks >= GL_LONG_LOOKS;
    }
    cost->long_looks -= cost->long_looks > 0;
    return 0;
}

/* One call less; no more when calls have come to take much longer. */
static void gl_cost_rest(gl_cost *cost)
{
    cost->rest_left--;
    if (cost->rest_left % GL_LOOK == 0) {
        cost->entered = gl_clock();
    }
    else if (cost->rest_left % GL_LOOK == GL_LOOK - 1 && cost->entered != 0 && gl_cost_has_grown(cost)) {
        cost->rest_left = 0;
        cost->convictions = 0;
        cost->next_rest = GL_FIRST_REST;
    }
}

/* One turn of a trial: GL_RUN or GL_STAND_BACK. */
static int gl_cost_try(gl_cost *cost, long long hits, const gl_place *place)
{
    int says = gl_trial_turn(&cost->trial, place);
    if (says == GL_PAYS || says == GL_EVEN) {
        cost->convictions = 0;
        cost->next_rest = GL_FIRST_REST;
        cost->trial_due = hits * (says == GL_PAYS ? GL_TRIAL_FACTOR : GL_EVEN_FACTOR);
        cost->look_due = hits;
        cost->usual = 0;
    }
    else if (says == GL_SLOWER && ++cost->convictions >= GL_CONVICTIONS) {
        cost->rest_left = cost->next_rest;
        cost->next_rest = cost->next_rest < GL_LONGEST_REST / 2 ? 2 * cost->next_rest : GL_LONGEST_REST;
        cost->entered = 0;
        cost->long_looks = 0;
    }
    return says == GL_STAND_BACK ? GL_STAND_BACK : GL_RUN;
}

/* GL_RUN, GL_STAND_BACK (to be measured) or GL_SLOWER (to rest). ``measured``: the region may be on trial. */
static int gl_cost_says(gl_cost *cost, long long hits, int measured, const gl_place *place)
{
    if (cost->rest_left > 0) {
        gl_cost_rest(cost);
        return GL_SLOWER;
    }
    if (measured && hits >= cost->trial_due) {
        return gl_cost_try(cost, hits, place);
    }
    cost->look_due = hits + GL_LOOK;
    cost->looking = measured;
    return GL_RUN;
}

/* A run that was to be timed is over. */
static void gl_cost_note(gl_cost *cost, long long hits, int64_t taken)
{
    cost->looking = 0;
    if (cost->usual == 0) {
        cost->usual = taken;
    }
    else if (taken > GL_ANOTHER_SIZE * cost->usual || GL_ANOTHER_SIZE * taken < cost->usual) {
        cost->trial_due = cost->look_due = hits;
    }
}

#endif
