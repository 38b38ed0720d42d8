/* Helpers made of POSIX threads; where there are none, who has a job does it alone. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "native_threads.h"
#include "native_clock.h"

#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#define HAS_THREADS 1
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#endif
#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#endif

static int limit = 1, limit_is_firm = 1;

void gl_threads_limit(int n_threads, int is_firm) {
    limit = n_threads < 1 ? 1 : n_threads > GL_MAX_THREADS ? GL_MAX_THREADS : n_threads;
    limit_is_firm = is_firm;
}

int gl_threads_most(void) { return limit; }

int gl_threads_allowed(void) {
#ifdef __linux__
    cpu_set_t processors;
    if (limit > 1 && !limit_is_firm && sched_getaffinity(0, sizeof processors, &processors) == 0) {
        int n = CPU_COUNT(&processors);
        return n < limit ? n : limit;
    }
#endif
    return limit;
}

static void share_out(gl_job *job) {
    for (int i = 0; i < job->n_seats; i++) {
        job->ranges[i].next = job->n_chunks * i / job->n_seats;
        job->ranges[i].end = job->n_chunks * (i + 1) / job->n_seats;
    }
}

#ifdef HAS_THREADS

enum { STACK_BYTES = 1 << 20, TURNS = 32 };
static const int64_t SPIN_NS = 30000, GONE_NS = 100000000;

typedef struct {
    pthread_t thread;
    int number;
    unsigned generation;
    long id; /* what the system calls it; 0: not known yet */
} helper;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t come = PTHREAD_COND_INITIALIZER, gone = PTHREAD_COND_INITIALIZER;
static gl_job *jobs;          /* those that helpers may join */
static helper *helpers[GL_MAX_THREADS];
static int n_helpers, held;   /* held: reasons to have no helpers */
static unsigned generation;   /* helpers of an older one are to leave */
static int64_t n_posted, n_helped;
static int has_fork_handlers;

static _Thread_local struct { void *memory, *aligned; size_t n_bytes; } own;

void *gl_helper_memory(size_t n_bytes) {
    if (own.n_bytes < n_bytes) {
        free(own.memory);
        own.memory = malloc(n_bytes + GL_CACHE_LINE);
        own.n_bytes = own.memory ? n_bytes : 0;
        own.aligned = (void *)(((uintptr_t)own.memory + GL_CACHE_LINE - 1) & ~(uintptr_t)(GL_CACHE_LINE - 1));
    }
    return own.n_bytes ? own.aligned : NULL;
}

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static unsigned generation_now(void) { return __atomic_load_n(&generation, __ATOMIC_ACQUIRE); }

int64_t gl_next_chunk(const gl_seat *seat) {
    gl_job *job = seat->job;
    if (seat->index > 0 && generation_now() != seat->generation) return -1;
    for (int i = 0, at = seat->at; i < job->n_seats; i++, at = at + 1 < job->n_seats ? at + 1 : 0) {
        if (__atomic_load_n(&job->ranges[at].next, __ATOMIC_RELAXED) >= job->ranges[at].end) continue;
        int64_t chunk = __atomic_fetch_add(&job->ranges[at].next, 1, __ATOMIC_RELAXED);
        if (chunk < job->ranges[at].end) return chunk;
    }
    return -1;
}

/* ---- helpers ---- */

static gl_job *open_job(void) {
    for (gl_job *job = jobs; job; job = job->following) {
        if (job->n_joined < job->n_seats - 1) return job;
    }
    return NULL;
}

/* For a moment, jobs follow each other faster than a thread wakes up. */
static void spin(int64_t seen, unsigned own_generation) {
    int64_t end = gl_now() + SPIN_NS;
    do {
        for (int i = 0; i < TURNS; i++) {
            if (__atomic_load_n(&n_posted, __ATOMIC_ACQUIRE) != seen || generation_now() != own_generation) return;
            relax();
        }
    } while (gl_now() < end);
}

/* Called, and returns, with the lock held. */
static void join_in(gl_job *job, const helper *self) {
    gl_seat seat = {job, ++job->n_joined, 1 + self->number % (job->n_seats - 1), self->generation};
    job->n_inside++;
    n_helped++;
    pthread_mutex_unlock(&lock);
    fesetenv(&job->env);
    job->take_part(&seat);
    pthread_mutex_lock(&lock);
    int left = __atomic_sub_fetch(&job->n_inside, 1, __ATOMIC_RELEASE);
    if (left == 0) pthread_cond_broadcast(&gone);
}

static void *help(void *data) {
    helper *self = data;
#ifdef __linux__
    __atomic_store_n(&self->id, syscall(SYS_gettid), __ATOMIC_RELEASE);
#endif
    pthread_mutex_lock(&lock);
    while (self->generation == generation) {
        gl_job *job = open_job();
        if (job) {
            join_in(job, self);
            if (open_job()) continue;
            int64_t seen = n_posted;
            pthread_mutex_unlock(&lock);
            spin(seen, self->generation);
            pthread_mutex_lock(&lock);
        } else {
            pthread_cond_wait(&come, &lock);
        }
    }
    pthread_mutex_unlock(&lock);
    free(own.memory);
    return NULL;
}

/* Signals are for the threads of the program; those that a thread sends to itself by a mistake are not held back. */
static void block_signals(sigset_t *before) {
    static const int OWN[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++) sigdelset(&all, OWN[i]);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

static int start_helper(void) {
    pthread_attr_t attributes;
    helper *self = calloc(1, sizeof *self);
    if (!self || pthread_attr_init(&attributes) != 0) {
        free(self);
        return -1;
    }
    self->number = n_helpers;
    self->generation = generation;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int status = pthread_create(&self->thread, &attributes, help, self);
    pthread_attr_destroy(&attributes);
    if (status != 0) {
        free(self);
        return -1;
    }
    helpers[n_helpers++] = self;
    return 0;
}

/* Until the system has no such thread: who counts threads behind a fork would still find it. */
static void wait_until_gone(const helper *gone_one) {
#ifdef __linux__
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld", gone_one->id);
    for (int64_t end = gl_now() + GONE_NS; access(path, F_OK) == 0 && gl_now() < end;) sched_yield();
#else
    (void)gone_one;
#endif
}

void gl_threads_stop(void) {
    helper *leaving[GL_MAX_THREADS];
    pthread_mutex_lock(&lock);
    int n = n_helpers;
    memcpy(leaving, helpers, n * sizeof *leaving);
    n_helpers = 0;
    __atomic_add_fetch(&generation, 1, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&come);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < n; i++) {
        pthread_join(leaving[i]->thread, NULL);
        wait_until_gone(leaving[i]);
        free(leaving[i]);
    }
}

/* ---- forks ---- */

static void before_fork(void) {
    pthread_mutex_lock(&lock);
    held++;
    pthread_mutex_unlock(&lock);
    gl_threads_stop();
}

static void in_parent(void) {
    pthread_mutex_lock(&lock);
    held--;
    pthread_mutex_unlock(&lock);
}

/* Nobody else is there; what others were in the middle of is forgotten. */
static void in_child(void) {
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&come, NULL);
    pthread_cond_init(&gone, NULL);
    jobs = NULL;
    n_helpers = held = 0;
}

/* ---- jobs ---- */

static void post(gl_job *job) {
    sigset_t before;
    pthread_mutex_lock(&lock);
    if (!has_fork_handlers) has_fork_handlers = pthread_atfork(before_fork, in_parent, in_child) == 0;
    if (!held && has_fork_handlers) {
        if (n_helpers < job->n_seats - 1) {
            block_signals(&before);
            while (n_helpers < job->n_seats - 1 && start_helper() == 0) {}
            pthread_sigmask(SIG_SETMASK, &before, NULL);
        }
        job->following = jobs;
        jobs = job;
        __atomic_add_fetch(&n_posted, 1, __ATOMIC_RELEASE);
        pthread_cond_broadcast(&come);
    }
    pthread_mutex_unlock(&lock);
}

/* Nobody joins any more; those inside are waited for. */
static void close_job(gl_job *job) {
    pthread_mutex_lock(&lock);
    for (gl_job **at = &jobs; *at; at = &(*at)->following) {
        if (*at != job) continue;
        *at = job->following;
        break;
    }
    if (job->n_inside > 0) {
        pthread_mutex_unlock(&lock);
        int64_t end = gl_now() + SPIN_NS;
        while (__atomic_load_n(&job->n_inside, __ATOMIC_ACQUIRE) > 0 && gl_now() < end) relax();
        pthread_mutex_lock(&lock);
        while (job->n_inside > 0) pthread_cond_wait(&gone, &lock);
    }
    pthread_mutex_unlock(&lock);
}

void gl_run_job(gl_job *job) {
    gl_seat seat = {job, 0, 0, 0};
    share_out(job);
    job->n_joined = job->n_inside = 0;
    job->following = NULL;
    if (job->n_seats > 1) {
        fegetenv(&job->env);
        post(job);
    }
    job->take_part(&seat);
    if (job->n_seats > 1) close_job(job);
}

int gl_threads_alive(void) { return n_helpers; }

int64_t gl_threads_helped(void) { return n_helped; }

#else

void *gl_helper_memory(size_t n_bytes) {
    (void)n_bytes;
    return NULL;
}

int64_t gl_next_chunk(const gl_seat *seat) {
    gl_job *job = seat->job;
    return job->ranges[0].next < job->ranges[0].end ? job->ranges[0].next++ : -1;
}

void gl_run_job(gl_job *job) {
    gl_seat seat = {job, 0, 0, 0};
    job->n_seats = 1;
    share_out(job);
    job->take_part(&seat);
}

int gl_threads_alive(void) { return 0; }

int64_t gl_threads_helped(void) { return 0; }

void gl_threads_stop(void) {}

#endif
