#include "rollout/batch.h"

#include <stdlib.h>
#include <string.h>

#include "plan/worlds.h"
#include "rollout/names.h"
#include "rollout/switch.h"

enum { TXT_STRING = 255, TXT_TTL = 60 };

void batch_collect(struct arena *a, struct zone_records *z, struct value *set, const char *name)
{
    const char *type = set_text(set, "Type"), *at = set_text(set, "Name");
    bool txt = !strcmp(type, "TXT");
    if (txt ? !name_same(at, name_of_txt(a, name)) : !name_same(at, name))
        return;
    if (!txt && strcmp(type, "A") && strcmp(type, "AAAA") && strcmp(type, "CNAME"))
        return;
    for (size_t i = 0; i < (txt ? z->txts.n : z->sets.n); i++)
        if (value_equal(txt ? z->txts.at[i] : z->sets.at[i], set))
            return;
    if (txt)
        vec_push(a, &z->txts, set);
    else
        vec_push(a, &z->sets, set);
}

/* ---- understanding ------------------------------------------------------------ */

/* The text of a TXT record: its quoted strings joined, escapes undone. */
const char *batch_text(struct arena *a, const struct value *set)
{
    const struct value *rr = value_at(set, "ResourceRecords[0]");
    const char *v = value_get_string(rr, "Value");
    struct buf b;
    buf_init(&b, a);
    bool in = false;
    for (; v && *v; v++) {
        if (*v == '"')
            in = !in;
        else if (in && *v == '\\' && v[1])
            buf_putc(&b, *++v);
        else if (in)
            buf_putc(&b, *v);
    }
    return buf_text(&b);
}

/* "<world>.<set>" -> world and *set; NULL: not an identifier that bgc made. */
static const char *world_and_set(struct arena *a, const struct value *set, int64_t *number)
{
    const char *id = value_get_string(set, "SetIdentifier");
    const char *dot = id ? strrchr(id, '.') : NULL;
    if (!dot || dot == id || !dot[1] || strspn(dot + 1, "0123456789") != strlen(dot + 1) || strlen(dot) > 18)
        return NULL;
    *number = strtoll(dot + 1, NULL, 10);
    return arena_strndup(a, id, (size_t)(dot - id));
}

static const char *world_of(struct arena *a, const struct value *set)
{
    int64_t ignored;
    return world_and_set(a, set, &ignored);
}

static int64_t number(const struct value *set, const char *member)
{
    const struct value *v = value_get(set, member);
    if (!v || v->kind == V_NONE)
        return 0;
    return v->kind == V_INT ? v->i : v->kind == V_STRING ? strtoll(v->s, NULL, 10) : 0;
}

const char *batch_routed(struct arena *a, const struct value *set)
{
    static const char *const routed[] = {"Region", "Failover", "GeoLocation", "GeoProximityLocation",
                                         "MultiValueAnswer", "CidrRoutingConfig"};
    for (size_t i = 0; i < sizeof routed / sizeof *routed; i++) {
        const struct value *v = value_get(set, routed[i]);
        if (v && v->kind != V_NONE)
            return arena_printf(a, "%s has a %s record; give the weighted records a name of their own and let this one point to it",
                                set_text(set, "Name"), routed[i]);
    }
    return NULL;
}

static bool plain(struct arena *a, struct traffic_state *t, const struct value *set)
{
    const char *why = batch_routed(a, set);
    return !why || traffic_foreign(a, t, "%s", why);
}

static void add_share(struct arena *a, struct traffic_state *t, const char *world, const struct value *set)
{
    for (size_t i = 0; i < t->shares.n; i++)
        if (!strcmp(t->shares.at[i].world, world))
            return;
    const struct value *alias = value_get(set, "AliasTarget");
    const char *target = value_get_string(alias, "DNSName");
    if (!target)
        target = value_get_string(value_at(set, "ResourceRecords[0]"), "Value");
    vec_push(a, &t->shares, (struct traffic_share){.world = world, .weight = number(set, "Weight"),
                                                   .target = target, .zone = value_get_string(alias, "HostedZoneId")});
}

static int64_t expected_weight(const struct record *r, const char *world)
{
    if (r->live && !strcmp(world, r->live))
        return r->weight_live;
    if (r->candidate && !strcmp(world, r->candidate))
        return r->weight_candidate;
    return r->previous && !strcmp(world, r->previous) ? 0 : -1;
}

static bool ours(struct arena *a, struct traffic_state *t, const struct value *set)
{
    int64_t weight = number(set, "Weight"), from = 0;
    const char *world = world_and_set(a, set, &from), *name = set_text(set, "Name"), *type = set_text(set, "Type");
    if (!world)
        return traffic_foreign(a, t, "%s %s has a record that bgc did not make (%s)", type, name,
                       *set_text(set, "SetIdentifier") ? set_text(set, "SetIdentifier") : "without a set identifier");
    if (from != t->record.set)
        return traffic_foreign(a, t, "%s %s of world %s is of batch %lld, and the TXT record speaks of batch %lld", type, name,
                       world, (long long)from, (long long)t->record.set);
    int64_t expect = expected_weight(&t->record, world);
    if (expect < 0)
        return traffic_foreign(a, t, "%s %s gives weight %lld to world %s, which has none in the record", type, name,
                       (long long)weight, world);
    if (weight != expect)
        return traffic_foreign(a, t, "%s %s gives weight %lld to world %s; bgc set %lld", type, name, (long long)weight, world,
                       (long long)expect);
    add_share(a, t, world, set);
    return true;
}

/* Every world that should have records has as many as the others. Beside what was
 * made by hand a world may lack a type that the hand did not make. */
static bool whole(struct arena *a, struct traffic_state *t)
{
    bool hand = false;
    for (size_t i = 0; i < t->shares.n; i++)
        hand = hand || (!strcmp(t->shares.at[i].world, WORLD_BY_HAND) && t->shares.at[i].weight > 0);
    for (size_t i = 0; i < t->shares.n; i++) {
        size_t have = 0;
        for (size_t k = 0; k < t->exact->list.n; k++) {
            const char *w = world_of(a, t->exact->list.at[k]);
            have += w && !strcmp(w, t->shares.at[i].world);
        }
        if (strcmp(t->shares.at[i].world, WORLD_BY_HAND) && (hand ? !have : have != t->names.n * 2))
            return traffic_foreign(a, t, "some records of world %s are gone", t->shares.at[i].world);
    }
    const struct record *r = &t->record;
    if (r->live && r->weight_live > 0 && traffic_share_of(t, r->live) <= 0)
        return traffic_foreign(a, t, "the records of the live world %s are gone", r->live);
    if (r->candidate && r->weight_candidate > 0 && traffic_share_of(t, r->candidate) <= 0)
        return traffic_foreign(a, t, "the records of the candidate %s are gone", r->candidate);
    return true;
}

/* A record made by hand that can stand beside weighted ones. */
static bool by_hand(struct arena *a, struct traffic_state *t, const struct value *set)
{
    if (!strcmp(set_text(set, "Type"), "CNAME"))
        return traffic_foreign(a, t, "%s is a CNAME, beside which no other record can stand; replace it by an alias record (type A) of the same target",
                       set_text(set, "Name"));
    add_share(a, t, WORLD_BY_HAND, set);
    t->shares.at[0].weight = 100;
    return true;
}

struct sets {
    VEC(struct value *) at;
};

/* Those at the names that the record stands at; the others. */
static void divide(struct arena *a, const struct zone_records *z, struct traffic_state *t, struct sets *others)
{
    struct sets own = {0};
    for (size_t i = 0; i < z->sets.n; i++) {
        bool stands = names_find(t->names.at, t->names.n, set_text(z->sets.at[i], "Name")) < t->names.n;
        vec_push(a, stands ? &own.at : &others->at, z->sets.at[i]);
    }
    t->exact = value_list(a, own.at.at, own.at.n);
}

/* Nothing of bgc's stands at any name. What was made by hand counts where the program
 * wants names. */
static void without_record(struct arena *a, const struct zone_records *z, const struct names *look,
                           struct traffic_state *t)
{
    struct sets others = {0};
    for (size_t i = 0; i < (look->wanted ? look->wanted : look->n); i++)
        vec_push(a, &t->names, look->at[i]);
    divide(a, z, t, &others);
    t->kind = t->exact->list.n ? TRAFFIC_SIMPLE : TRAFFIC_EMPTY;
    for (size_t i = 0; i < z->sets.n; i++)
        if (world_of(a, z->sets.at[i])) {
            t->torn = true;
            traffic_foreign(a, t, "the TXT record of %s is gone", set_text(z->sets.at[i], "Name"));
            return;
        }
    for (size_t i = 0; i < t->exact->list.n; i++) {
        const struct value *set = t->exact->list.at[i];
        if (!plain(a, t, set))
            return;
        if (value_get_string(set, "SetIdentifier")) {
            traffic_foreign(a, t, "%s has weighted records that bgc did not make", set_text(set, "Name"));
            return;
        }
        if (!by_hand(a, t, set))
            return;
    }
}

void batch_understand(struct arena *a, const struct zone_records *z, const struct names *look, struct traffic_state *t)
{
    struct sets others = {0};
    t->txt = t->beside = value_list(a, NULL, 0);
    if (!z->txts.n) {
        without_record(a, z, look, t);
        return;
    }
    bool chosen = names_choose(a, z->txts.at, z->txts.n, look, t);
    divide(a, z, t, &others);
    if (!chosen)
        return;
    t->kind = TRAFFIC_OURS;
    for (size_t i = 0; i < t->exact->list.n; i++)
        if (!plain(a, t, t->exact->list.at[i]))
            return;
    t->torn = true; /* what follows may not fit because it changed between two pages */
    for (size_t i = 0; i < others.at.n; i++) {
        const char *world = world_of(a, others.at.at[i]);
        bool theirs = names_has_txt(a, z->txts.at, z->txts.n, set_text(others.at.at[i], "Name")); /* another record's */
        if (world && !theirs && expected_weight(&t->record, world) >= 0) {
            traffic_foreign(a, t, "the TXT record of %s is gone", set_text(others.at.at[i], "Name"));
            return;
        }
    }
    /* The first claim of a name that was made by hand leaves its records as they were. */
    bool untouched = t->record.live && !strcmp(t->record.live, WORLD_BY_HAND) && !t->record.set;
    for (size_t i = 0; i < t->exact->list.n; i++) {
        const struct value *set = t->exact->list.at[i];
        bool hand = untouched && !value_get_string(set, "SetIdentifier");
        if (hand ? !by_hand(a, t, set) : !ours(a, t, set))
            return;
    }
    t->torn = !whole(a, t);
    if (!t->torn)
        names_differ(a, look, z->txts.at, z->txts.n, others.at.at, others.at.n, t);
}

/* ---- building --------------------------------------------------------------------- */

struct changes {
    struct arena *arena;
    VEC(struct value *) all;
};

static void change(struct changes *c, const char *action, struct value *set)
{
    struct value *m = value_map(c->arena);
    value_put(m, "Action", value_string(c->arena, action));
    value_put(m, "ResourceRecordSet", set);
    vec_push(c->arena, &c->all, m);
}

static void delete_all(struct changes *c, const struct value *list)
{
    for (size_t i = 0; list && i < list->list.n; i++)
        change(c, "DELETE", list->list.at[i]);
}

static struct value *txt_set(struct arena *a, const char *name, const struct record *r)
{
    struct buf b;
    buf_init(&b, a);
    const char *t = record_print(a, r);
    for (size_t left = strlen(t); left; ) {
        size_t n = left < TXT_STRING ? left : TXT_STRING;
        buf_printf(&b, "%s\"%.*s\"", b.len ? " " : "", (int)n, t);
        t += n;
        left -= n;
    }
    struct value *set = value_map(a), *rr = value_map(a), **list = arena_array(a, struct value *, 1);
    value_put(rr, "Value", value_string(a, buf_text(&b)));
    list[0] = rr;
    value_put(set, "Name", value_string(a, name_of_txt(a, name)));
    value_put(set, "Type", value_string(a, "TXT"));
    value_put(set, "TTL", value_int(a, TXT_TTL));
    value_put(set, "ResourceRecords", value_list(a, list, 1));
    return set;
}

static void create_txts(struct changes *c, const char *const *names, size_t nnames, const struct record *next)
{
    struct record r = *next;
    r.names = names_digest(c->arena, names, nnames);
    for (size_t i = 0; i < nnames; i++)
        change(c, "CREATE", txt_set(c->arena, names[i], &r));
}

static struct value *finish(struct changes *c)
{
    return value_list(c->arena, c->all.at, c->all.n);
}

struct value *batch_note(struct arena *a, const struct traffic_state *t, const struct record *next)
{
    struct changes c = {.arena = a};
    delete_all(&c, t->txt);
    create_txts(&c, t->names.at, t->names.n, next);
    return finish(&c);
}

struct value *batch_clear(struct arena *a, const struct traffic_state *t)
{
    struct changes c = {.arena = a};
    delete_all(&c, t->txt);
    delete_all(&c, t->exact);
    return finish(&c);
}

/* Each world is at every name by the same records, so those at one of them say what a
 * name that comes gets: the weights, the health checks, where they lead. */
struct value *batch_rename(struct arena *a, const struct traffic_state *t, const char *const *names, size_t nnames,
                           const struct record *next)
{
    struct changes c = {.arena = a};
    bool weighted = t->record.set > 0; /* before the first share the TXT stands alone, or beside what was made by hand */
    delete_all(&c, t->txt);
    if (weighted) {
        delete_all(&c, t->exact);
        delete_all(&c, t->beside);
    }
    create_txts(&c, names, nnames, next);
    for (size_t i = 0; i < nnames && weighted; i++) {
        size_t at = names_find(t->names.at, t->names.n, names[i]);
        const char *like = t->names.at[at < t->names.n ? at : 0];
        for (size_t k = 0; k < t->exact->list.n; k++) {
            const struct value *set = t->exact->list.at[k];
            if (!name_same(set_text(set, "Name"), like))
                continue;
            struct value *made = value_map_copy(a, set);
            value_put(made, "Name", value_string(a, names[i]));
            value_put(made, "SetIdentifier", value_stringf(a, "%s.%lld", world_of(a, set), (long long)next->set));
            change(&c, "CREATE", made);
        }
    }
    return finish(&c);
}

static void mark(struct arena *a, struct value *set, const struct switch_target *to, const struct record *next)
{
    value_put(set, "SetIdentifier", value_stringf(a, "%s.%lld", to->world, (long long)next->set));
    value_put(set, "Weight", value_int(a, to->weight));
    /* Only the candidate is taken out by its health: a sick database must not
     * throw everything onto a small new world. */
    if (to->candidate && to->health_check)
        value_put(set, "HealthCheckId", value_string(a, to->health_check));
}

static struct value *alias_set(struct arena *a, const char *name, const char *type, const char *dns, const char *zone,
                               const struct switch_target *to, const struct record *next)
{
    struct value *set = value_map(a), *alias = value_map(a);
    value_put(set, "Name", value_string(a, name));
    value_put(set, "Type", value_string(a, type));
    mark(a, set, to, next);
    value_put(alias, "HostedZoneId", value_string(a, zone));
    value_put(alias, "DNSName", value_string(a, dns));
    value_put(alias, "EvaluateTargetHealth", value_bool(a, to->candidate));
    value_put(set, "AliasTarget", alias);
    return set;
}

/* An existing set of the same world, with a new identifier and weight. */
static struct value *renewed(struct arena *a, const struct value *old, const struct switch_target *to,
                             const struct record *next)
{
    struct value *set = value_map(a);
    for (size_t i = 0; i < old->map->n; i++) {
        const struct map_entry *e = &old->map->entries[i];
        struct value *v = e->value;
        if (!strcmp(e->key, "HealthCheckId"))
            continue;
        if (!strcmp(e->key, "AliasTarget") && v->kind == V_MAP) {
            struct value *alias = value_map_copy(a, v);
            value_put(alias, "EvaluateTargetHealth", value_bool(a, to->candidate));
            v = alias;
        }
        value_put(set, e->key, v);
    }
    mark(a, set, to, next);
    return set;
}

/* The world's own record at a name (NULL: any) that has an alias or is of `type`. */
const struct value *batch_own(struct arena *a, const struct traffic_state *t, const char *world, const char *name,
                              const char *type)
{
    for (size_t i = 0; t->exact && i < t->exact->list.n; i++) {
        const struct value *set = t->exact->list.at[i];
        const char *w = world_of(a, set);
        if (strcmp(w ? w : WORLD_BY_HAND, world))
            continue;
        if (name ? name_same(set_text(set, "Name"), name) && !strcmp(set_text(set, "Type"), type)
                 : value_get_string(value_get(set, "AliasTarget"), "DNSName") != NULL)
            return set;
    }
    return NULL;
}

/* Its record at a name: what stands there, renewed, or an alias to where its other
 * ones lead, or its first. NULL: it can have none. */
static struct value *set_at(struct arena *a, const struct traffic_state *t, const struct switch_target *to,
                            const char *name, const char *type, const struct record *next)
{
    const struct value *old = batch_own(a, t, to->world, name, type);
    if (old)
        return renewed(a, old, to, next);
    const struct value *other = batch_own(a, t, to->world, NULL, NULL);
    const struct value *alias = other ? value_get(other, "AliasTarget") : NULL;
    const char *dns = alias ? value_get_string(alias, "DNSName") : to->dns;
    const char *zone = alias ? value_get_string(alias, "HostedZoneId") : to->zone;
    return dns && zone ? alias_set(a, name, type, dns, zone, to, next) : NULL;
}

bool batch_reaches(struct arena *a, const struct traffic_state *t, const char *world)
{
    for (size_t i = 0; t->exact && i < t->exact->list.n; i++) {
        const char *w = world_of(a, t->exact->list.at[i]);
        if (!strcmp(w ? w : WORLD_BY_HAND, world))
            return true;
    }
    return false;
}

struct value *batch_set(struct arena *a, const struct traffic_state *t, const struct switch_target *targets, size_t n,
                        const struct record *next)
{
    static const char *const types[] = {"A", "AAAA"};
    struct changes c = {.arena = a};
    struct value **made = arena_array(a, struct value *, n + 1);
    delete_all(&c, t->txt);
    delete_all(&c, t->exact);
    create_txts(&c, t->names.at, t->names.n, next);
    for (size_t k = 0; k < t->names.n * 2; k++) {
        /* A type that one of them cannot have is left out for all: its users would
         * otherwise all go to those that have it, whatever the weights say. */
        bool all = true;
        for (size_t i = 0; i < n; i++) {
            made[i] = set_at(a, t, &targets[i], t->names.at[k / 2], types[k % 2], next);
            all = all && (made[i] || !targets[i].weight);
        }
        for (size_t i = 0; all && i < n; i++)
            if (made[i])
                change(&c, "CREATE", made[i]);
    }
    return finish(&c);
}
