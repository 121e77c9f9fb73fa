/* judge.h - a gate at one moment: measurements to verdicts.
 *
 * Conditions are evaluated twice: once to learn which measurements are wanted,
 * then, after they were fetched in as few calls as possible, to judge. No data
 * is never a pass. The newest, partial minute is never judged.
 */
#ifndef BGC_ROLLOUT_JUDGE_H
#define BGC_ROLLOUT_JUDGE_H

#include "rollout/switch.h"

struct judge {
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct graph *graph;
    struct live *live;
    struct facts *facts;       /* of the world under judgement (its addresses are "web.*") */
    const char *world;         /* id that `web.x` means: the candidate, or who serves during bake */
    const char *live_world;    /* id that `live.web.x` means; NULL: none */
    struct traffic_state *traffic;
    const struct sink *sink;
    /* What only the run can do: really scale a group out and in (true, false, or
     * NULL while under way), and the requests that the world to be retired still
     * gets. NULL: not to be had here, no data. */
    struct value *(*scales)(void *self, struct arena *a, const char *address, int64_t by);
    struct value *(*requests)(void *self, struct arena *a);
    void *self;
    const char *shut_out; /* of the newest round: how AWS refused this identity a measurement; NULL */
};

struct check_result {
    const char *check;
    enum verdict verdict; /* never WANTED */
    const char *why;
};

/* One round over all checks of a gate. *n results. NULL: reported. */
struct check_result *judge_round(struct judge *j, struct arena *a, const struct gate *g, size_t *n);

/* Counting over rounds; pure. */
struct gate_state {
    int64_t fails;      /* consecutive failing rounds */
    int64_t no_data;    /* consecutive rounds without data */
    int64_t passed_at;  /* schedule ms of the last passing round; 0: none */
    bool failed;
    const char *check;  /* the one that `why` speaks of; lives as long as the graph */
    const char *why;
};
enum gate_answer { GATE_PASSING, GATE_FAILED, GATE_HOLDING /* no data: time does not count */ };
enum gate_answer gate_count(struct gate_state *s, const struct gate *g,
                            const struct check_result *r, size_t n, int64_t now);

#endif
