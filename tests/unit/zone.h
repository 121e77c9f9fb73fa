/* zone.h - the record sets of a zone, as a listing holds them, for tests of what they mean
 * and of the batches that change them. */
#ifndef BGC_TESTS_ZONE_H
#define BGC_TESTS_ZONE_H

#include <string.h>

#include "rollout/batch.h"
#include "rollout/names.h"
#include "test.h"

struct zone {
    struct arena *a;
    struct zone_records z;
    const char *const *names;
    size_t n, wanted; /* the first of them are the program's */
    const bool *tagged;
    struct traffic_state t;
};

static inline struct zone new_zone(struct arena *a, const char *const *names, size_t n)
{
    return (struct zone){.a = a, .names = names, .n = n, .wanted = n};
}

/* Adds what a listing would hold, as JSON. */
static inline void put(struct zone *z, const char *json)
{
    const char *error = NULL;
    struct value *v = value_from_json(z->a, json, strlen(json), &error);
    if (!v)
        fail_msg("%s: %s", json, error);
    for (size_t i = 0; i < z->n; i++)
        batch_collect(z->a, &z->z, v, z->names[i]);
}

static inline void alias(struct zone *z, const char *name, const char *type, const char *id, int weight)
{
    put(z, arena_printf(z->a,
                        "{\"Name\":\"%s.\",\"Type\":\"%s\",\"SetIdentifier\":\"%s\",\"Weight\":%d,\"AliasTarget\":"
                        "{\"HostedZoneId\":\"Z9\",\"DNSName\":\"%.4s.elb.\",\"EvaluateTargetHealth\":false}}",
                        name, type, id, weight, id));
}

static inline void both(struct zone *z, const char *id, int weight)
{
    alias(z, "shop.example.com", "A", id, weight);
    alias(z, "shop.example.com", "AAAA", id, weight);
}

/* The record beside a name; it stands at all of the zone's unless it says itself at which. */
static inline void txt(struct zone *z, const char *name, const struct record *r)
{
    struct record at = *r;
    at.names = r->names ? r->names : names_digest(z->a, z->names, z->n);
    put(z, arena_printf(z->a, "{\"Name\":\"_bgc.%s.\",\"Type\":\"TXT\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"\\\"%s\\\"\"}]}",
                        name, record_print(z->a, &at)));
}

static inline enum traffic_kind understood(struct zone *z)
{
    z->t = (struct traffic_state){.world = "web"};
    struct names look = {z->names, z->n, z->wanted, z->tagged};
    batch_understand(z->a, &z->z, &look, &z->t);
    if (z->t.kind == TRAFFIC_FOREIGN && (!z->t.why || !*z->t.why))
        fail_msg("foreign, and no reason");
    return z->t.kind;
}

static inline void foreign(struct zone *z, const char *because, bool torn)
{
    assert_int_equal(understood(z), TRAFFIC_FOREIGN);
    if (!strstr(z->t.why, because))
        fail_msg("\"%s\" does not speak of \"%s\"", z->t.why, because);
    assert_int_equal(z->t.torn, torn);
}

/* The changes of an action and type, in order. */
static inline size_t count(const struct value *changes, const char *action, const char *type, const struct value **last)
{
    size_t n = 0;
    for (size_t i = 0; i < changes->list.n; i++) {
        const struct value *set = value_get(changes->list.at[i], "ResourceRecordSet");
        if ((action && strcmp(value_get_string(changes->list.at[i], "Action"), action)) || (type && strcmp(value_get_string(set, "Type"), type)))
            continue;
        if (last)
            *last = set;
        n++;
    }
    return n;
}

/* Applies a batch as Route 53 would: deletes are exact, creations are new. */
static inline struct zone applied(struct zone *z, const struct value *changes)
{
    struct zone after = new_zone(z->a, z->names, z->n);
    after.wanted = z->wanted;
    after.tagged = z->tagged;
    VEC(struct value *) all = {0};
    for (size_t i = 0; i < z->z.sets.n; i++)
        vec_push(z->a, &all, z->z.sets.at[i]);
    for (size_t i = 0; i < z->z.txts.n; i++)
        vec_push(z->a, &all, z->z.txts.at[i]);
    for (size_t i = 0; i < changes->list.n; i++) {
        struct value *set = value_get(changes->list.at[i], "ResourceRecordSet");
        const char *action = value_get_string(changes->list.at[i], "Action");
        size_t at = 0;
        while (at < all.n && !value_equal(all.at[at], set))
            at++;
        assert_true(!strcmp(action, "CREATE") || !strcmp(action, "DELETE")); /* UPSERT appears nowhere */
        if (!strcmp(action, "CREATE")) {
            assert_int_equal(at, all.n);
            vec_push(z->a, &all, set);
        } else {
            assert_true(at < all.n);
            all.at[at] = all.at[--all.n];
        }
    }
    for (size_t i = 0; i < all.n; i++)
        for (size_t k = 0; k < z->n; k++)
            batch_collect(z->a, &after.z, all.at[i], z->names[k]);
    return after;
}

#endif
