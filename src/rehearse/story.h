/* story.h - what happened in a rehearsal, as a timeline that a manager can read,
 * and the moments at which the scenario's faults begin.
 */
#ifndef BGC_REHEARSE_STORY_H
#define BGC_REHEARSE_STORY_H

#include "base/event.h"
#include "lang/eval.h"
#include "sandbox/sandbox.h"

struct story {
    struct arena *arena;
    struct program *program;
    struct diags *ds;
    struct sandbox *sandbox;
    const struct decl *scenario;
    struct buf *out;            /* NULL: nothing is written */
    struct sink sink;
    int64_t zero;               /* virtual ms that the timeline counts from */
    const char *candidate;      /* "web/7f3a2c91d0", once it is known */
    double share;               /* of the candidate, now */
    int64_t rolling_since, restored; /* ms; -1: not */
    const char *failed;         /* the check or gate that failed */
    bool broken;                /* a fault could not be set: reported */
};

void story_begin(struct story *s, struct arena *a, struct program *p, struct diags *ds, struct sandbox *box,
                 const struct decl *scenario, struct buf *out);
/* A line of its own at the present moment. */
void story_say(struct story *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
