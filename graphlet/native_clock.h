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

#endif
