/* Helpers: a few threads that share the work of a job with the thread that has it. They know nothing of Python.

   A job is so many chunks, which everybody takes until none is left, first from a range of one's own and then from those
   of others. Who has the job works like the helpers do and never waits for one to wake up, only for those that are in the
   middle of a chunk. Helpers are made when there is something to do, and gone before a fork. */
#ifndef GRAPHLET_THREADS_H
#define GRAPHLET_THREADS_H

#include <fenv.h>
#include <stddef.h>
#include <stdint.h>

enum { GL_MAX_THREADS = 64, GL_CACHE_LINE = 64 };

struct gl_job;

/* A thread's part in a job; ``index`` is 0 for who has it, and no other's. */
typedef struct {
    struct gl_job *job;
    int index, at;
    unsigned generation;
} gl_seat;

typedef struct gl_job {
    void (*take_part)(const gl_seat *seat);
    int64_t n_chunks;
    int n_seats;             /* at most so many threads */
    struct {
        _Alignas(GL_CACHE_LINE) int64_t next;
        int64_t end;
    } ranges[GL_MAX_THREADS];
    struct gl_job *following;
    fenv_t env;              /* rounding and the like are those of who has the job */
    int n_joined, n_inside;  /* helpers: ever, and now */
} gl_job;

/* Runs a job with take_part, n_chunks and n_seats filled in. Not to be called with the interpreter lock held. */
void gl_run_job(gl_job *job);

/* The next chunk; -1 when there is none, or this thread is to leave. */
int64_t gl_next_chunk(const gl_seat *seat);

/* Scratch memory of a helper, aligned to a cache line; valid until it asks again. NULL: there is none. */
void *gl_helper_memory(size_t n_bytes);

/* How many threads may work on a job. ``is_firm``: even if the process may run on fewer processors now. */
void gl_threads_limit(int n_threads, int is_firm);
int gl_threads_most(void);    /* that limit */
int gl_threads_allowed(void); /* now */

/* Helpers there are, and how often one has had part in a job. */
int gl_threads_alive(void);
int64_t gl_threads_helped(void);

/* Waits for all helpers to be gone; others are made when needed. */
void gl_threads_stop(void);

#endif
