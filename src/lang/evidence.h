/* evidence.h - which check has which data at which step.
 *
 * Concept: a gate is asked at steps; each of its checks needs data that exists
 * at some steps and not at others. A world that serves nothing has no requests
 * to measure; at the first creation nothing is live to compare with; while a
 * world is being built it has nothing at all. The table is total: for every
 * check and kind of step there is data, or the step cannot ask the check, or it
 * is an error (BG4005, BG4015). So no rollout meets a question at two in the
 * morning that could never have been answered.
 *
 * A metric counts as made by requests when its type declares a metric called
 * `requests`: all metrics of such a type have points only while requests flow.
 */
#ifndef BGC_LANG_EVIDENCE_H
#define BGC_LANG_EVIDENCE_H

#include "base/buf.h"
#include "lang/check_state.h"

enum moment {
    MOMENT_FIRST,   /* test at the first creation: nothing serves yet */
    MOMENT_BUILD,   /* while the new world is being created */
    MOMENT_TEST,    /* test of a new world while another serves */
    MOMENT_PARTIAL, /* both worlds serve */
    MOMENT_FULL,    /* the new world serves alone; the old one is kept */
    MOMENT_BAKE,    /* the same, later */
    MOMENTS,
};

enum data {
    DATA_NONE_BUILD,    /* none: the world is not there yet */
    DATA_NONE_REQUESTS, /* none: nothing asks it yet */
    DATA_NONE_ASLEEP,   /* none: it rests until its world has the share (`active from`) */
    DATA_NONE_LIVE,     /* none: no other world serves */
    DATA_ASKED,         /* a probe asks for it there and then */
    DATA_REQUESTS,      /* points in the minutes with requests */
    DATA_POINTS,        /* points all the time */
    DATA_LINES,         /* counted in the minutes in which anything is logged */
};

/* What one measurement has; of several worlds in it the poorest counts. */
enum data evidence_of(const struct checker *c, const struct measure *m, enum moment at);
/* BG4005, BG4015 and BG4021 for a gate at a step of a rollout; `share` is
 * the new world's at that step. */
void evidence_rules(struct checker *c, const struct decl *rollout, const struct step_ast *step,
                    struct dec share, const struct gate_facts *g);
/* The whole table of a program, in Markdown. Silent about errors. */
void evidence_print(struct program *p, struct buf *b);

#endif
