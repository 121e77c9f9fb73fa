/* switch.h - the traffic switch: reading a traffic record and changing it in
 * one fenced batch.
 *
 * Two kinds stand behind one interface: weighted DNS records (`route53.weighted`)
 * and weighted target groups on one listener (`elbv2.split`). Which operations they use is
 * declared in the stdlib (`type route53.weighted`), not here.
 *
 * Protocol (proved in tests/model): read the zone; build a batch that deletes
 * exactly what was read, TXT included, and creates the new state with serial + 1
 * and this runner's epoch; send; on an ambiguous reply read the serial; then
 * wait for INSYNC. The first write of a run is a fence: a batch that replaces
 * only the TXT.
 */
#ifndef BGC_ROLLOUT_SWITCH_H
#define BGC_ROLLOUT_SWITCH_H

#include "cloud/execute.h"

struct traffic_switch {
    struct schemas *schemas;
    struct cloud *cloud;
    struct diags *ds;
    const struct graph *graph;
    const struct traffic *traffic;
    struct facts *facts;
    struct lock *lock;
    int64_t epoch;     /* of this run; 0 until fenced */
    const char *nonce; /* of this run */
    const struct sink *sink;
    /* Filled by switch_open, which switch_read calls. */
    struct value *how;        /* the `switch` setting of the traffic's type */
    bool split;               /* weights of target groups, not records: rollout/split.h */
    const struct node *at_node; /* of a split: what the weights stand on */
    const char *weights;      /* its field */
    const struct live *live;  /* where what was made in this run is found; NULL */
    const char *account, *zone;
    const char **names;  /* where it looks: what the program says, and what the worlds' tags say */
    size_t nnames, wanted; /* the program says the first of them; 0: it says none (struct names) */
    bool *tagged;        /* of each */
    struct seen *seen; /* a listing of the whole zone in it serves for the first reading; NULL */
    int64_t last_serial; /* of the newest batch that was built, sent or not */
    const char *refusal; /* in AWS's words: why the newest batch did not fit; NULL */
    /* How it waits for what it sent to take effect; NULL: it sleeps. */
    void (*rest)(void *self, int64_t until);
    void *self;
};

/* false: reported. */
bool switch_open(struct traffic_switch *sw, struct arena *a);

/* NULL: reported (access, ...). Somebody else's change is returned with kind
 * TRAFFIC_FOREIGN and `why`, not reported. */
struct traffic_state *switch_read(struct traffic_switch *sw, struct arena *a);

/* What a batch makes true. A world that has records already keeps where they
 * point to; `dns` and `zone` are for a world that gets its first ones. */
struct switch_target {
    const char *world;  /* id */
    int64_t weight;     /* 0..255 */
    const char *id;     /* of its entry: where a split sends it */
    const char *dns;    /* of its entry: target of the alias */
    const char *zone;   /* of its entry's alias target */
    const char *health_check; /* id of the candidate's kill switch; NULL */
    bool candidate;     /* the target's health is evaluated: only on the candidate's records */
};

enum switch_result {
    SWITCH_DONE,
    SWITCH_CONFLICT, /* somebody else changed it: read again and decide anew */
    SWITCH_FAILED,   /* reported; nothing changed */
};

/* Exact weights for a candidate's share in percent: (10, 90) for 10 %, (1, 199)
 * for 0.5 %; the nearest that two weights up to 255 can say where none are exact. */
void switch_weights(struct dec share, int64_t *candidate, int64_t *live);

/* One batch: exactly `targets` (worlds not listed lose their records), and
 * `next` in the TXT; serial, epoch and nonce are filled in here. On success
 * *state is read anew. */
enum switch_result switch_set(struct traffic_switch *sw, struct arena *a,
                              struct traffic_state **state, const struct switch_target *targets,
                              size_t n, struct record next);
/* Replaces only the TXT: fence, claim, promotion. */
enum switch_result switch_note(struct traffic_switch *sw, struct arena *a,
                               struct traffic_state **state, struct record next);
/* One batch that moves the record and its sets, with the weights that stand, to the names
 * that the program says. */
enum switch_result switch_rename(struct traffic_switch *sw, struct arena *a,
                                 struct traffic_state **state, struct record next);
/* Nobody is sent anywhere any more: the records go, and `next` stays in the TXT
 * (destroy). */
enum switch_result switch_end(struct traffic_switch *sw, struct arena *a,
                              struct traffic_state **state, struct record next);
/* Removes every record, the TXT too (the end of destroy). */
enum switch_result switch_clear(struct traffic_switch *sw, struct arena *a,
                                struct traffic_state **state);
/* When the records that stand now came into sync, schedule ms: what the journal
 * says, else later than it can have been. 0: there is no record. */
int64_t switch_settled(const struct journal *j, struct arena *a, const struct traffic_state *state);
/* To be noted when a batch of records is in sync; a journal entry. */
struct journal_entry switch_settling(struct arena *a, const struct traffic_state *state, int64_t now);
/* Whether the record is this run's own. */
bool switch_mine(const struct traffic_switch *sw, const struct traffic_state *state);
/* One batch that gives `world` (live or previous) everything; other worlds lose
 * their records. `abort` is latched: a spec's and an instance's id, or NULL. */
enum switch_result switch_back(struct traffic_switch *sw, struct arena *a,
                               struct traffic_state **state, const char *world,
                               const char *abort_spec, const char *abort_world);
/* Whether a first share can be given to this target. */
bool switch_can(const struct traffic_switch *sw, const struct switch_target *t);
/* The same batch for the AWS CLI, as text. NULL: it cannot be said. */
const char *switch_cli(struct traffic_switch *sw, struct arena *a,
                       const struct traffic_state *state, const char *world);

#endif
