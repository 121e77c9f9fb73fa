/* sample_need.h - how many requests a measurement of a gate needs before what it says
 * is more than chance; read by rules_sample.c.
 *
 * What is compared decides. `ratio(..) < L` asks for L against nothing; `ratio(..) < k *
 * ratio(live ..) + L` for one share of errors against another, and how many requests that
 * takes depends on the live one, p0: on what was measured, or on what another check of
 * the gate lets through. Then p1 = k p0 + L is what has to be told from p0.
 */
#ifndef BGC_LANG_SAMPLE_NEED_H
#define BGC_LANG_SAMPLE_NEED_H

#include "lang/check_state.h"
#include "lang/sample.h"

struct sample_need {
    double requests;      /* in the window, on each side that is measured */
    bool on_new, on_live; /* the sides */
    bool per_minute;      /* it is a density: a longer window needs more of them */
    const char *why;
    const char *from; /* where p0 comes from; may be NULL */
};

/* false: it can be decided with any number of requests, or nobody can say with how many.
 * `live` (may be NULL) knows what was measured. */
bool sample_need(struct checker *c, const struct gate_facts *g, const struct check_facts *k,
                 const struct measure *m, const struct sample_live *live, struct sample_need *out);

#endif
