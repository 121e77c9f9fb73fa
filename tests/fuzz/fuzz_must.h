/* fuzz_must.h - what must hold of every input; what does not is named, and ends the run. */
#ifndef BGC_FUZZ_MUST_H
#define BGC_FUZZ_MUST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define must(held) fuzz_must((held), #held, __FILE__, __LINE__)

static inline void fuzz_must(bool held, const char *what, const char *file, int line)
{
    if (held)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

#endif
