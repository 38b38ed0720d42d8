/* The cost models of a region: one for each class of sizes of the arrays it is called with. What NumPy does faster with
   ten elements it need not do faster with a million, and the two may come in turns.

   In the hit path one comparison says whether there is anything to do: now and then a call is looked at, and counts for
   all calls since the last look. While a class rests, or is on trial, all calls are. */
#ifndef GRAPHLET_NATIVE_SIZES_H
#define GRAPHLET_NATIVE_SIZES_H

#include <Python.h>

#include "numpy/arrayobject.h"

#include "native_cost.h"

enum {
    GL_COST_CLASSES = 16,
    GL_SAMPLE = 61        /* hits between two looks: not in step with what comes in turns */
};

static const int64_t GL_LONGEST_WAIT = 2000000000; /* ns, for code that is being made */
static const int64_t GL_RARE = 1000000000; /* ns without a call of a class on trial, after which it is not */

typedef struct {
    gl_cost *of[GL_COST_CLASSES]; /* NULL: never seen */
    long long due;                /* hits */
    long long seen;               /* hits at the last look */
    int n_resting;
    int is_doubted;               /* NumPy alone is expected to be faster */
    int is_settled;               /* a class has lost so often that its rests are long, and none was found to pay */
    int on_trial, looking, last;  /* classes; -1: none */
    int64_t waits_since;          /* ns, 0: never */
} gl_costs;

static void gl_costs_start(gl_costs *costs)
{
    costs->due = costs->is_doubted ? GL_DOUBTED_TRIAL : GL_FIRST_TRIAL;
    costs->n_resting = 0;
    costs->on_trial = costs->looking = costs->last = -1;
}

static void gl_costs_drop(gl_costs *costs)
{
    for (int i = 0; i < GL_COST_CLASSES; i++) {
        if (costs->of[i] != NULL) {
            gl_cost_drop(costs->of[i]);
            PyMem_Free(costs->of[i]);
            costs->of[i] = NULL;
        }
    }
}

/* None rests any more. */
static void gl_costs_wake(gl_costs *costs)
{
    for (int i = 0; i < GL_COST_CLASSES; i++) {
        if (costs->of[i] != NULL) {
            costs->of[i]->rest_left = 0;
        }
    }
    costs->n_resting = 0;
}

/* Not to be measured any more. */
static void gl_costs_trust(gl_costs *costs)
{
    gl_costs_drop(costs);
    gl_costs_start(costs);
    costs->due = INT64_MAX;
}

/* Whether it is in doubt, from the next call on: what was measured of another graph is forgotten. */
static void gl_costs_doubt(gl_costs *costs, int is_doubted)
{
    if (costs->due != INT64_MAX && costs->is_doubted != is_doubted) {
        costs->is_doubted = is_doubted;
        gl_costs_drop(costs);
        gl_costs_start(costs);
    }
}

static inline int gl_costs_are_due(const gl_costs *costs, long long hits)
{
    return hits >= costs->due || costs->n_resting > 0;
}

static inline int gl_costs_ask(const gl_costs *costs, long long hits)
{
    return gl_costs_are_due(costs, hits) || gl_standing_back != 0;
}

/* The class of the largest array: 0 for none and for empty ones, else those of 4**(class - 1) elements and more. */
static int gl_size_class(PyObject *const *live_ins, Py_ssize_t n)
{
    npy_intp largest = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyArray_Check(live_ins[i])) {
            npy_intp size = PyArray_SIZE((PyArrayObject *)live_ins[i]);
            largest = size > largest ? size : largest;
        }
    }
    int class = 0;
    for (; largest > 0; largest >>= 2) {
        class++;
    }
    return class < GL_COST_CLASSES ? class : GL_COST_CLASSES - 1;
}

static gl_cost *gl_costs_of(gl_costs *costs, int class)
{
    if (costs->of[class] == NULL && (costs->of[class] = PyMem_Calloc(1, sizeof(gl_cost))) != NULL) {
        gl_cost_start(costs->of[class], costs->is_doubted);
    }
    return costs->of[class];
}

/* A call of another class than the one on trial: that is where the turn ends. */
static void gl_costs_interrupt(gl_costs *costs, const void *thread)
{
    gl_trial *trial = &costs->of[costs->on_trial]->trial;
    int64_t now = gl_clock();
    gl_trial_close(trial, thread, now);
    if (trial->turn > 0 && now - trial->entered > GL_RARE) {
        gl_trial_end(trial);
    }
    if (trial->turn == 0) {
        costs->on_trial = -1;
    }
}

/* Whether a trial may wait until the code is there that the graph is to run as; one that has begun goes on. */
static int gl_costs_may_wait(gl_costs *costs)
{
    if (costs->on_trial >= 0) {
        return 0;
    }
    int64_t now = gl_clock();
    costs->waits_since = costs->waits_since != 0 ? costs->waits_since : now;
    return now - costs->waits_since < GL_LONGEST_WAIT;
}

/* Whether the last trial of some class was not lost. */
static int gl_costs_pay(const gl_costs *costs)
{
    for (int i = 0; i < GL_COST_CLASSES; i++) {
        const gl_cost *cost = costs->of[i];
        if (cost != NULL && cost->trial.medians[0] != 0 && cost->convictions == 0) {
            return 1;
        }
    }
    return 0;
}

/* As gl_cost_says() of the class of these live-ins. */
static int gl_costs_say(gl_costs *costs, PyObject *const *live_ins, Py_ssize_t n, long long hits, int measured,
                        const gl_place *place)
{
    int class = gl_size_class(live_ins, n);
    gl_cost *cost = gl_costs_of(costs, class);
    if (cost == NULL) {
        return GL_RUN;
    }
    if (costs->on_trial >= 0 && costs->on_trial != class) {
        gl_costs_interrupt(costs, place->thread);
    }
    if (costs->last != class) {
        cost->entered = 0; /* what came in between was something else */
    }
    costs->last = class;
    cost->hits += hits - costs->seen;
    costs->seen = hits;
    cost->looking = 0;
    int rested = cost->rest_left > 0;
    int says = gl_cost_says(cost, cost->hits, measured, place);
    costs->n_resting += (cost->rest_left > 0) - rested;
    costs->is_settled |= cost->next_rest >= GL_SETTLED && !gl_costs_pay(costs);
    if (cost->trial.turn > 0) {
        costs->on_trial = class;
    }
    else if (costs->on_trial == class) {
        costs->on_trial = -1;
    }
    int is_due = measured && cost->rest_left == 0 && cost->hits >= cost->trial_due;
    costs->due = costs->on_trial >= 0 || is_due ? hits : hits + GL_SAMPLE;
    costs->looking = cost->looking ? class : -1;
    return says;
}

/* A run that was to be timed is over. */
static void gl_costs_note(gl_costs *costs, long long hits, int64_t taken)
{
    gl_cost *cost = costs->of[costs->looking];
    costs->looking = -1;
    gl_cost_note(cost, cost->hits, taken);
    if (cost->hits >= cost->trial_due) {
        costs->due = hits;
    }
}

/* Calls until no class rests any more. */
static int gl_costs_rest_left(const gl_costs *costs)
{
    int most = 0;
    for (int i = 0; i < GL_COST_CLASSES; i++) {
        if (costs->of[i] != NULL && costs->of[i]->rest_left > most) {
            most = costs->of[i]->rest_left;
        }
    }
    return most;
}

/* Calls for which every class that was seen rests. */
static int gl_costs_all_rest(const gl_costs *costs)
{
    int least = 0;
    for (int i = 0; costs->n_resting > 0 && i < GL_COST_CLASSES; i++) {
        if (costs->of[i] != NULL && (least == 0 || costs->of[i]->rest_left < least)) {
            least = costs->of[i]->rest_left;
            if (least == 0) {
                return 0;
            }
        }
    }
    return least;
}

/* So many calls came by without asking: they count as rested. */
static void gl_costs_pass(gl_costs *costs, int n_calls)
{
    for (int i = 0; i < GL_COST_CLASSES; i++) {
        gl_cost *cost = costs->of[i];
        if (cost != NULL && cost->rest_left > 0) {
            cost->rest_left = cost->rest_left > n_calls ? cost->rest_left - n_calls : 0;
            cost->entered = 0; /* what came in between was not timed */
            costs->n_resting -= cost->rest_left == 0;
        }
    }
}

/* ns of a run with arrays as large as those last looked at; 0: not known. */
static inline int64_t gl_costs_usual(const gl_costs *costs)
{
    return costs->last < 0 ? 0 : costs->of[costs->last]->usual;
}

/* What was measured for a class: ns from one entry to the next with the graph [0] and without [1]; 0: nothing was. */
static int gl_costs_measured(const gl_costs *costs, int class, long long *medians, int *rest_left)
{
    const gl_cost *cost = costs->of[class];
    if (cost == NULL || cost->trial.medians[0] == 0) {
        return 0;
    }
    medians[0] = cost->trial.medians[0];
    medians[1] = cost->trial.medians[1];
    *rest_left = cost->rest_left;
    return 1;
}

/* Another region of this code is on trial. */
static int gl_costs_elsewhere(const gl_costs *costs, const void *code)
{
    return gl_trial_elsewhere(costs->on_trial >= 0 ? &costs->of[costs->on_trial]->trial : NULL, code);
}

#endif
