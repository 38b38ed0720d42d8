/* Floating-point flags. To read those of the x87 unit takes as long as an addition of some ten elements does, so who
   knows that an operation leaves that unit alone asks for the others only. */
#ifndef GRAPHLET_FLAGS_H
#define GRAPHLET_FLAGS_H

#include <fenv.h>

enum { GL_FLAGS = FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INVALID };

#if defined(__GNUC__) && defined(__x86_64__)
/* The bits of both units are those of the FE_ constants. */
static inline unsigned int gl_sse_state(void) {
    unsigned int sse;
    __asm__ __volatile__("stmxcsr %0" : "=m"(sse) : : "memory");
    return sse;
}

static inline int gl_x87_flags(void) {
    unsigned short x87;
    __asm__ __volatile__("fnstsw %0" : "=am"(x87) : : "memory");
    return x87 & GL_FLAGS;
}

static inline int gl_sse_flags(void) { return (int)gl_sse_state() & GL_FLAGS; }

static inline int gl_all_flags(void) { return gl_sse_flags() | gl_x87_flags(); }

/* A tenth of what feclearexcept takes, as a rule. */
static inline void gl_clear_flags(void) {
    unsigned int sse = gl_sse_state();
    if (gl_x87_flags()) feclearexcept(GL_FLAGS);
    else if (sse & GL_FLAGS) {
        sse &= ~(unsigned int)GL_FLAGS;
        __asm__ __volatile__("ldmxcsr %0" : : "m"(sse) : "memory");
    }
}
#else
static inline int gl_all_flags(void) { return fetestexcept(GL_FLAGS); }
static inline int gl_sse_flags(void) { return gl_all_flags(); }

static inline void gl_clear_flags(void) {
    if (gl_all_flags()) feclearexcept(GL_FLAGS);
}
#endif
#endif
