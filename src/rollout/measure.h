/* measure.h - what gates measure, fetched in as few calls as possible.
 *
 * A measurement is a function's name and its arguments. Evaluation asks for
 * values; what is not there yet is noted; measure_fetch gets all of it at once
 * (one call for all metrics, one for each probe and each resource); evaluation
 * asks again. Values live for one round.
 *
 * Windows end a minute before the present minute began: newer points are partial
 * or not published yet, and are never judged.
 */
#ifndef BGC_ROLLOUT_MEASURE_H
#define BGC_ROLLOUT_MEASURE_H

#include "rollout/judge.h"

enum { MEASURE_LAG = 60000 }; /* ms: CloudWatch publishes load balancer metrics a minute late */

struct measurement {
    const char *key;
    const char *fn;
    struct value **args;
    size_t n;
    const struct value *named;
    struct span at;
    struct value *value; /* NULL: wanted; V_NONE: no data */
};

/* A resource that was read in this round. */
struct fresh {
    const char *address;  /* as the condition says it: "web.tg", "live.web.tg" */
    struct value *fields; /* NULL: it could not be read */
};

struct measures {
    struct judge *judge;
    struct arena *arena;
    VEC(struct measurement *) all;
    VEC(struct fresh) reads;
    size_t wanted;
};

void measures_init(struct measures *m, struct arena *a, struct judge *j);
/* What eval_condition calls. */
struct measurer measures_measurer(struct measures *m);
/* Fetches what is wanted. false: reported. */
bool measures_fetch(struct measures *m);

/* The fields of the resource or existing that an address means: of the world
 * under judgement, or, with `live`, of the live one. NULL: not there. */
struct value *measure_fields(struct judge *j, const char *address, bool live);

#endif
