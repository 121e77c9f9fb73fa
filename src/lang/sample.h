/* sample.h - world rule 5: a gate that its step cannot decide is refused.
 *
 * How many requests come to a world in a window is the load, times its share,
 * times the window. How many a check needs follows from what it asks:
 *   ratio(..) < L, ratio(..) < k * ratio(live ..) + L   16 p (1 - p) / d^2
 *   sum(..) < L, count(..) < L, rate(..) < L            L, of what happens with requests
 *   pQ(..)                                              10 beyond the quantile
 *   compare(..)                                         3 a minute, so that there are points
 * Of the others nobody can say: how much an average varies, CloudWatch does not know, and
 * a minimum or maximum says the same of few requests as of many.
 *
 * The load is what `traffic` says in `load`; else, for a plan, what the live world
 * was measured to get. Without either the rule is silent.
 */
#ifndef BGC_LANG_SAMPLE_H
#define BGC_LANG_SAMPLE_H

#include "lang/program.h"

enum { SAMPLE_BEYOND = 10 }; /* values beyond a quantile that say something of it */

struct sample_figure {
    const char *address; /* "web.lb" */
    const char *metric;
};

/* What was measured of the live world. */
struct sample_live {
    void *self;
    /* The share of one metric in another, 0 to 1, and how many of the other there were.
     * false: not known. */
    bool (*ratio)(void *self, struct sample_figure part, struct sample_figure whole, double *share, double *of);
};

struct sample_load {
    double per_second; /* of all requests, to whichever world */
    struct span span;  /* where it is said; NO_SPAN: it was measured */
    const char *said;  /* "the load is said here", or the sentence that says what was measured */
    const struct sample_live *live; /* NULL: nothing was measured */
};

/* Requests a second of a V_RATE; 0 of anything else. */
double sample_rate(const struct value *v);
/* The `load` of a world's traffic; NULL: none is written. */
const struct arg *sample_declared(const struct program *p, const char *world);
/* BG4022 for the gates of one rollout (`as` NULL: the default one) of a sound program.
 * false: reported. */
bool sample_check(struct program *p, struct diags *ds, const char *world, const char *as,
                  const struct sample_load *load);
/* The same for all rollouts of a world at the load that its traffic says, whose value
 * is `load`; true when it says none. `live` may be NULL. */
bool sample_check_declared(struct program *p, struct diags *ds, const char *world,
                           const struct value *load, const struct sample_live *live);

#endif
