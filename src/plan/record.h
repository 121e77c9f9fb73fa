/* record.h - the traffic record: the truth about a rollout.
 *
 * Beside the records of each name stands a TXT record `_bgc.<name>`. Every
 * change of traffic is one batch that deletes the exact records that were read
 * before, the TXT among them, and creates the new ones with a fresh serial: a
 * compare-and-swap and a fence. tests/model proves the protocol.
 *
 * This header is data and pure functions; reading and sending is in
 * rollout/switch.h.
 */
#ifndef BGC_PLAN_RECORD_H
#define BGC_PLAN_RECORD_H

#include "base/diag.h"
#include "base/value.h"

struct record {
    int64_t version; /* of this format: 1 */
    int64_t serial;  /* of this TXT: rises with every batch; (by, serial) is used once */
    int64_t set;     /* the serial that the set identifiers of the weighted records end in */
    int64_t epoch;   /* of the runner that fenced it */
    const char *by;  /* nonce of that runner's run: the record is its own while this stands */
    const char *live;      /* world id that serves or keeps the larger claim; NULL: none yet */
    const char *candidate; /* world id with or about to have a share; NULL */
    int64_t incarnation;   /* of the candidate */
    const char *spec;      /* id of the spec that was claimed last, where it is not that
                              candidate's own (a later incarnation); NULL */
    const char *previous;  /* during bake: the world that went out and is kept; NULL */
    int64_t step;          /* index in the rollout's shift steps that the candidate is in; -1 none */
    int64_t weight_live, weight_candidate; /* as the batch set them: what else stands is foreign */
    int64_t since;   /* schedule ms: when that step began (the batch was INSYNC) */
    const char *names;     /* digest of the names that it stands at: a reading that misses one is
                              not whole. NULL: it was written when names could not change */
    int64_t doomed_at;     /* schedule ms: since then nobody is answered with what was doomed last */
    const char *rollout;   /* name of the named rollout in force; NULL: the default */
    VEC(const char *) aborted; /* ids of specs (and of the instances that failed); --retry clears */
    VEC(const char *) doomed;  /* ids of instances: never weighted again, never used again */
};

/* Older ones are forgotten: no call of theirs can still be under way, and the
 * text must fit into a TXT record. */
enum { RECORD_DOOMED_MAX = 64, RECORD_ABORTED_MAX = 64 };
void record_doom(struct arena *a, struct record *r, const char *world_id);
void record_abort(struct arena *a, struct record *r, const char *world_id);
void record_forgive(struct record *r, const char *world_id);

/* One line of text, at most 255 bytes a string; record_parse accepts what
 * record_print wrote and refuses everything else with a reason. */
const char *record_print(struct arena *a, const struct record *r);
bool record_parse(struct arena *a, const char *text, struct record *out, const char **why);
struct record record_copy(struct arena *a, const struct record *r);
bool record_aborted(const struct record *r, const char *world_id);
bool record_doomed(const struct record *r, const char *world_id);

enum traffic_kind {
    TRAFFIC_EMPTY,   /* no records at the names */
    TRAFFIC_SIMPLE,  /* hand-made: one simple record per name and type */
    TRAFFIC_OURS,    /* weighted records and the TXT, consistent */
    TRAFFIC_FOREIGN, /* someone else changed it: `why` says what */
};

struct traffic_share {
    const char *world; /* world id; "" for a hand-made target */
    int64_t weight;    /* 0..255 */
    const char *target;/* DNS name it points to */
    const char *zone;  /* hosted zone of the alias target; NULL: no alias */
};

/* A name that the program says and the record does not stand at. */
struct traffic_name {
    const char *name;
    bool converts; /* records that stand there lead to the live world: they become ours */
};

struct traffic_state {
    const char *world; /* "web" */
    enum traffic_kind kind;
    struct record record; /* when OURS (also the last good one when FOREIGN) */
    bool has_record;
    VEC(struct traffic_share) shares;
    struct value *exact; /* LIST of record sets as read, to be deleted verbatim; TXT apart */
    struct value *txt;   /* LIST of the TXT record sets as read */
    VEC(const char *) names; /* that the record stands at; without one, those that it would */
    VEC(struct traffic_name) come; /* what the program's names differ in from these */
    VEC(const char *) go;
    struct value *beside; /* LIST of the record sets that convert */
    const char *unfit, *unfit_help; /* why a name that comes cannot be had; NULL: all can */
    int64_t spread;      /* ms after which a change is everywhere at the latest */
    int64_t ttl;         /* seconds resolvers may keep an answer: 60 for aliases */
    const char *why;
    bool half; /* the record is written and the weights are still those before: a run died between */
    bool torn; /* FOREIGN, but perhaps only read while it changed: read again */
    bool kill_switch_fired;
};

/* 0..100; 0 when the world has no record. */
double traffic_share_of(const struct traffic_state *t, const char *world_id);

/* Marks it as somebody else's, and says why. Always false, so that whoever finds it returns it. */
bool traffic_foreign(struct arena *a, struct traffic_state *t, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
