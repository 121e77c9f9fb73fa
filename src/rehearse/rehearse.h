/* rehearse.h - a scenario, run: the real executor in a simulated account on a
 * virtual clock.
 *
 * The live world is made first from the scenario's `live` inputs and serves for
 * half an hour; then the upgrade to the command line's inputs runs with the
 * scenario's faults; then the expectations are judged. Nothing of the outside is
 * read or written, and the same seed gives the same bytes.
 */
#ifndef BGC_REHEARSE_REHEARSE_H
#define BGC_REHEARSE_REHEARSE_H

#include "lang/eval.h"
#include "schema/schema.h"

struct rehearse_args {
    struct program *program;
    struct schemas *schemas;
    struct diags *ds;
    const struct eval_args *eval; /* inputs of the new version, and pins */
    const char *only;             /* a part of the titles to run; NULL: all */
    uint64_t seed;
    bool quiet;                   /* results without the timelines */
};

struct rehearsal {
    const char *title;
    bool passed;
    const char *outcome;
    const char *why;  /* the first expectation that did not hold; NULL */
    double lost;      /* percent of the users' requests */
    int64_t took, restored; /* ms; restored negative: nothing was taken back */
    uint64_t calls;   /* of the cloud */
};

/* Runs the program's scenarios in source order and adds their timelines to
 * `out`. NULL: reported; *n of them. */
struct rehearsal *rehearse_all(struct arena *a, const struct rehearse_args *args, struct buf *out, size_t *n);

#endif
