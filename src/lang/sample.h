/* sample.h - world rule 5: a gate that its step cannot decide is refused.
 *
 * How many requests come to a world in a window is the load, times its share,
 * times the window. How many a check needs follows from what it asks:
 *   ratio(..) < L, ratio(..) < ratio(live ..) + L   16 p (1 - p) / d^2, p = d = L
 *   pQ(..)                                          10 beyond the quantile
 *   compare(..)                                     3 a minute, so that there are points
 * Other measurements say the same of few requests as of many.
 *
 * The load is what `traffic` says in `load`; else, for a plan, what the live world
 * was measured to get. Without either the rule is silent.
 */
#ifndef BGC_LANG_SAMPLE_H
#define BGC_LANG_SAMPLE_H

#include "lang/program.h"

enum { SAMPLE_BEYOND = 10 }; /* values beyond a quantile that say something of it */

struct sample_load {
    double per_second; /* of all requests, to whichever world */
    struct span span;  /* where it is said; NO_SPAN: it was measured */
    const char *said;  /* "the load is said here", or the sentence that says what was measured */
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
 * is `load`; true when it says none. */
bool sample_check_declared(struct program *p, struct diags *ds, const char *world,
                           const struct value *load);

#endif
