/* Nanoseconds since some moment, always forward. */
#ifndef GRAPHLET_NATIVE_CLOCK_H
#define GRAPHLET_NATIVE_CLOCK_H

#include <stdint.h>

#if defined(_WIN32)
#  include <windows.h>
#else
#  include <time.h>
#endif

static int64_t gl_now(void)
{
#if defined(_WIN32)
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return (int64_t)((double)ticks.QuadPart * 1e9 / (double)per_second.QuadPart);
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
#endif
}

/* Nanoseconds that processors spent on this process, and on this thread; where that is not told, as above. */
#if defined(CLOCK_PROCESS_CPUTIME_ID) && defined(CLOCK_THREAD_CPUTIME_ID)
static inline int64_t gl_clock_of(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) ? gl_now() : (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t gl_processor_time(void)
{
    return gl_clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static inline int64_t gl_thread_time(void)
{
    return gl_clock_of(CLOCK_THREAD_CPUTIME_ID);
}
#else
static inline int64_t gl_processor_time(void)
{
    return gl_now();
}

static inline int64_t gl_thread_time(void)
{
    return gl_now();
}
#endif

#endif
