/* Record sets: atomic batches of exact deletions and creations, PENDING until
 * the name servers have them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/account.h"
#include "schema/path.h"

enum { INSYNC_MS = 30000, INSYNC_SPREAD_MS = 30000 };

struct zone {
    const char *id; /* of the object */
    const char *account;
    VEC(struct value *) sets;   /* as the API shows them, canonical, sorted */
    VEC(struct value *) served; /* as name servers answer */
};

struct zone_change {
    const char *id;
    struct zone *zone;
    int64_t submitted, insync;
    VEC(struct value *) sets; /* served from then on */
    bool done;
};

struct zones {
    VEC(struct zone *) all;
    VEC(struct zone_change *) changes;
};

void zones_init(struct sandbox *s)
{
    s->zones = arena_make(s->arena, struct zones);
}

static struct zone *zone_get(struct sandbox *s, const char *id, const char *account)
{
    for (size_t i = 0; i < s->zones->all.n; i++)
        if (!strcmp(s->zones->all.at[i]->id, id))
            return s->zones->all.at[i];
    struct zone *z = arena_make(s->arena, struct zone);
    z->id = arena_strdup(s->arena, id);
    z->account = arena_strdup(s->arena, account);
    vec_push(s->arena, &s->zones->all, z);
    return z;
}

static const struct zone *zone_of(const struct sandbox *s, const char *id)
{
    for (size_t i = 0; i < s->zones->all.n; i++)
        if (!strcmp(s->zones->all.at[i]->id, id))
            return s->zones->all.at[i];
    return NULL;
}

/* ---- one spelling ------------------------------------------------------------- */

static const char *dns_canonical(struct arena *a, const char *name)
{
    size_t n = strlen(name);
    char *out = arena_printf(a, "%s%s", name, n && name[n - 1] == '.' ? "" : ".");
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return out;
}

static struct value *number(struct arena *a, const struct value *v)
{
    const char *t = wire_text(a, v);
    return value_int(a, t ? strtoll(t, NULL, 10) : 0);
}

static struct value *truth(struct arena *a, const struct value *v)
{
    const char *t = wire_text(a, v);
    return value_bool(a, t && !strcmp(t, "true"));
}

static struct value *canonical(struct arena *a, const struct value *set);

static struct value *canonical_member(struct arena *a, const char *key, const struct value *v)
{
    if (!strcmp(key, "TTL") || !strcmp(key, "Weight"))
        return number(a, v);
    if (!strcmp(key, "EvaluateTargetHealth") || !strcmp(key, "MultiValueAnswer"))
        return truth(a, v);
    if ((!strcmp(key, "Name") || !strcmp(key, "DNSName")) && v->kind == V_STRING)
        return value_string(a, dns_canonical(a, v->s));
    if (v->kind == V_MAP)
        return canonical(a, v);
    if (v->kind == V_LIST) {
        struct value **at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = v->list.at[i]->kind == V_MAP ? canonical(a, v->list.at[i])
                                                 : value_copy(a, v->list.at[i]);
        return value_list(a, at, v->list.n);
    }
    return value_copy(a, v);
}

/* Numbers as numbers, names in lower case with their dot, members sorted. */
static struct value *canonical(struct arena *a, const struct value *set)
{
    struct value *m = value_map(a);
    const struct map_entry **e = value_sorted(set->map->arena, set->map);
    for (size_t i = 0; i < set->map->n; i++)
        if (((struct value *)e[i]->value)->kind != V_NONE)
            value_put(m, e[i]->key, canonical_member(a, e[i]->key, e[i]->value));
    return m;
}

static const char *text(const struct value *set, const char *member)
{
    const char *t = value_get_string(set, member);
    return t ? t : "";
}

/* Names sort by their labels from the right, as Route 53 lists them. */
static int name_cmp(const char *x, const char *y)
{
    size_t i = strlen(x), j = strlen(y);
    while (i && j) {
        size_t ei = i, ej = j;
        if (i && x[i - 1] == '.')
            ei = --i;
        if (j && y[j - 1] == '.')
            ej = --j;
        while (i && x[i - 1] != '.')
            i--;
        while (j && y[j - 1] != '.')
            j--;
        size_t n = ei - i < ej - j ? ei - i : ej - j;
        int c = strncmp(x + i, y + j, n);
        if (!c && ei - i != ej - j)
            c = ei - i < ej - j ? -1 : 1;
        if (c)
            return c;
    }
    return (i > 0) - (j > 0);
}

static int set_cmp(const void *a, const void *b)
{
    const struct value *x = *(struct value *const *)a, *y = *(struct value *const *)b;
    int c = name_cmp(text(x, "Name"), text(y, "Name"));
    if (!c)
        c = strcmp(text(x, "Type"), text(y, "Type"));
    return c ? c : strcmp(text(x, "SetIdentifier"), text(y, "SetIdentifier"));
}

/* ---- batches ------------------------------------------------------------------ */

struct batch {
    struct sandbox *s;
    struct arena *a;
    const char *zone_name;
    VEC(struct value *) sets;
    VEC(const char *) wrong;
};

static void wrong(struct batch *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct batch *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vec_push(b->a, &b->wrong, arena_vprintf(b->a, fmt, ap));
    va_end(ap);
}

static const char *called(struct arena *a, const struct value *set)
{
    const char *id = value_get_string(set, "SetIdentifier");
    return id ? arena_printf(a, "[name='%s', type='%s', set identifier='%s']", text(set, "Name"),
                             text(set, "Type"), id)
              : arena_printf(a, "[name='%s', type='%s']", text(set, "Name"), text(set, "Type"));
}

static size_t find_set(const struct batch *b, const struct value *set)
{
    for (size_t i = 0; i < b->sets.n; i++)
        if (!set_cmp(&b->sets.at[i], &set))
            return i;
    return SIZE_MAX;
}

static void take_out(struct batch *b, size_t i)
{
    memmove(b->sets.at + i, b->sets.at + i + 1, (b->sets.n - i - 1) * sizeof *b->sets.at);
    b->sets.n--;
}

static void delete_set(struct batch *b, struct value *set)
{
    size_t i = find_set(b, set);
    if (i == SIZE_MAX)
        wrong(b, "Tried to delete resource record set %s but it was not found", called(b->a, set));
    else if (!value_equal(b->sets.at[i], set))
        wrong(b,
              "Tried to delete resource record set %s but the values provided do not match the "
              "current values",
              called(b->a, set));
    else
        take_out(b, i);
}

static bool inside(const char *name, const char *zone)
{
    size_t n = strlen(name), z = strlen(zone);
    return n >= z && !strcmp(name + n - z, zone) && (n == z || name[n - z - 1] == '.');
}

static bool is_policy(const struct value *set)
{
    return value_get(set, "SetIdentifier") != NULL;
}

static void check_txt(struct batch *b, const struct value *set)
{
    const struct value *rr = value_get(set, "ResourceRecords");
    for (size_t i = 0; rr && rr->kind == V_LIST && i < rr->list.n; i++) {
        const char *v = text(rr->list.at[i], "Value");
        size_t run = 0, quotes = 0;
        for (const char *c = v; *c; c++) {
            if (*c == '"' && (c == v || c[-1] != '\\')) {
                quotes++;
                run = 0;
            } else if (quotes % 2 && ++run > 255) {
                break;
            }
        }
        if (run > 255)
            wrong(b,
                  "Invalid Resource Record: 'FATAL problem: CharacterStringTooLong (Value is too "
                  "long) encountered "
                  "with '%s''",
                  v);
        else if (*v != '"' || quotes % 2)
            wrong(b,
                  "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should "
                  "be enclosed in "
                  "quotation marks) encountered with '%s''",
                  v);
    }
}

static void check_set(struct batch *b, const struct value *set)
{
    const char *name = text(set, "Name"), *type = text(set, "Type");
    const struct value *alias = value_get(set, "AliasTarget"),
                       *rr = value_get(set, "ResourceRecords");
    int64_t weight = value_get_int(set, "Weight", 0);
    if (!inside(name, b->zone_name))
        wrong(b, "RRSet with DNS name %s is not permitted in zone %s", name, b->zone_name);
    if (!alias == !rr || (alias && value_get(set, "TTL")) || (rr && !value_get(set, "TTL")))
        wrong(b,
              "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "
              "ResourceRecords], or "
              "TrafficPolicyInstanceId], but found none or more in Change with %s",
              called(b->a, set));
    int64_t ttl = value_get_int(set, "TTL", 0);
    if (ttl < 0 || ttl > INT32_MAX)
        wrong(b, "Invalid request: TTL of %s is not between 0 and 2147483647", called(b->a, set));
    if (weight < 0 || weight > 255)
        wrong(b, "Invalid request: Weight of %s is not between 0 and 255", called(b->a, set));
    if (!value_get(set, "Weight") != !is_policy(set) && !value_get(set, "Region") &&
        !value_get(set, "Failover") && !value_get(set, "GeoLocation") &&
        !value_get(set, "MultiValueAnswer"))
        wrong(b, "Invalid request: Missing field 'SetIdentifier' or 'Weight' in Change with %s",
              called(b->a, set));
    if (!strcmp(type, "TXT"))
        check_txt(b, set);
    const char *check = value_get_string(set, "HealthCheckId");
    if (check && !object_by_text(b->s, "*", check))
        wrong(b, "No such health check: %s", check);
    for (size_t i = 0; i < b->sets.n; i++) {
        const struct value *o = b->sets.at[i];
        if (strcmp(text(o, "Name"), name))
            continue;
        bool same_type = !strcmp(text(o, "Type"), type);
        const struct value *here = value_get(set, "GeoLocation"),
                           *there = value_get(o, "GeoLocation");
        if (same_type && is_policy(o) && is_policy(set) && !here != !there) {
            wrong(b,
                  "RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created as other "
                  "RRSets exist with the same name and type but a different routing policy",
                  name, type, text(set, "SetIdentifier"));
            break;
        }
        if (same_type && here && there && value_equal(here, there)) {
            wrong(b,
                  "RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created because "
                  "RRSet %s has the same geolocation",
                  name, type, text(set, "SetIdentifier"), text(o, "SetIdentifier"));
            break;
        }
        if (same_type && is_policy(o) != is_policy(set)) {
            wrong(b,
                  "RRSet with DNS name %s, type %s%s%s cannot be created as a %s RRSet exists with "
                  "the same name and type",
                  name, type, is_policy(set) ? ", SetIdentifier " : "", text(set, "SetIdentifier"),
                  is_policy(o) ? "weighted" : "non multi-answer");
            break;
        }
        if (!same_type && (!strcmp(type, "CNAME") || !strcmp(text(o, "Type"), "CNAME"))) {
            wrong(b,
                  "RRSet of type %s with DNS name %s is not permitted because a conflicting RRSet "
                  "of type %s with "
                  "the same DNS name already exists in zone %s",
                  type, name, text(o, "Type"), b->zone_name);
            break;
        }
    }
}

static void create_set(struct batch *b, struct value *set, bool upsert)
{
    size_t i = find_set(b, set);
    if (i != SIZE_MAX && !upsert) {
        wrong(b, "Tried to create resource record set %s but it already exists", called(b->a, set));
        return;
    }
    if (i != SIZE_MAX)
        take_out(b, i);
    check_set(b, set);
    vec_push(b->a, &b->sets, set);
}

static struct value *change_info(struct arena *a, const struct sandbox *s,
                                 const struct zone_change *c)
{
    struct value *info = value_map(a), *out = value_map(a);
    value_put(info, "Id", value_stringf(a, "/change/%s", c->id));
    value_put(info, "Status", value_string(a, c->insync <= s->now ? "INSYNC" : "PENDING"));
    value_put(info, "SubmittedAt", value_string(a, clock_iso(a, c->submitted)));
    value_put(out, "ChangeInfo", info);
    return out;
}

static void change_sets(struct sandbox *s, struct call *c, struct zone *z,
                        const struct object *zone)
{
    struct batch b = {.s = s, .a = c->arena};
    b.zone_name = dns_canonical(b.a, text(zone->body, "Name"));
    for (size_t i = 0; i < z->sets.n; i++)
        vec_push(b.a, &b.sets, z->sets.at[i]);
    const struct value *changes = value_at(c->req.input, "ChangeBatch.Changes");
    if (!changes || changes->kind != V_LIST || !changes->list.n) {
        call_fail(c, "InvalidInput",
                  "1 validation error detected: Value at 'changeBatch.changes' failed to satisfy "
                  "constraint");
        return;
    }
    for (size_t i = 0; i < changes->list.n; i++) {
        const struct value *set = value_get(changes->list.at[i], "ResourceRecordSet");
        const char *action = text(changes->list.at[i], "Action");
        if (!set || set->kind != V_MAP || !*text(set, "Name") || !*text(set, "Type")) {
            call_fail(c, "InvalidInput", "a change needs a ResourceRecordSet with Name and Type");
            return;
        }
        struct value *one = canonical(b.a, set);
        if (!strcmp(action, "DELETE"))
            delete_set(&b, one);
        else if (!strcmp(action, "CREATE") || !strcmp(action, "UPSERT"))
            create_set(&b, one, *action == 'U');
        else
            wrong(&b, "Invalid action '%s'", action);
    }
    if (b.wrong.n) {
        struct buf m;
        buf_init(&m, b.a);
        for (size_t i = 0; i < b.wrong.n; i++)
            buf_printf(&m, "%s%s", i ? ", " : "[", b.wrong.at[i]);
        call_fail(c, "InvalidChangeBatch", "%s]", buf_text(&m));
        return;
    }
    if (b.sets.n)
        qsort(b.sets.at, b.sets.n, sizeof *b.sets.at, set_cmp);
    struct zone_change *ch = arena_make(s->arena, struct zone_change);
    *ch = (struct zone_change){.zone = z,
                               .submitted = s->now,
                               .id = arena_printf(s->arena, "C%s", sandbox_hex(s, s->arena, 13))};
    ch->insync = s->now + INSYNC_MS +
                 (int64_t)(noise_unit(sandbox_noise(s, ch->id, s->now)) * INSYNC_SPREAD_MS);
    /* Changes arrive in the order in which they were made. */
    for (size_t i = 0; i < s->zones->changes.n; i++)
        if (s->zones->changes.at[i]->zone == z && s->zones->changes.at[i]->insync > ch->insync)
            ch->insync = s->zones->changes.at[i]->insync;
    z->sets.n = 0;
    for (size_t i = 0; i < b.sets.n; i++) {
        struct value *keep = cloud_value_copy(s->arena, b.sets.at[i]);
        vec_push(s->arena, &z->sets, keep);
        vec_push(s->arena, &ch->sets, keep);
    }
    vec_push(s->arena, &s->zones->changes, ch);
    s->dirty = true;
    call_ok(c, change_info(c->arena, s, ch));
}

int64_t zones_step(struct sandbox *s)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < s->zones->changes.n; i++) {
        struct zone_change *c = s->zones->changes.at[i];
        if (c->done)
            continue;
        if (c->insync > s->now) {
            next = c->insync < next ? c->insync : next;
            continue;
        }
        c->done = true;
        c->zone->served.n = 0;
        for (size_t k = 0; k < c->sets.n; k++)
            vec_push(s->arena, &c->zone->served, c->sets.at[k]);
    }
    return next;
}

void zones_each(struct sandbox *s, void (*see)(void *self, const struct value *set), void *self)
{
    for (size_t i = 0; i < s->zones->all.n; i++)
        for (size_t k = 0; k < s->zones->all.at[i]->served.n; k++)
            see(self, s->zones->all.at[i]->served.at[k]);
}

size_t zones_count(struct sandbox *s, const struct object *zone)
{
    const struct zone *z = zone_of(s, zone->id);
    return 2 + (z ? z->sets.n : 0);
}

/* ---- calls -------------------------------------------------------------------- */

static struct value *own_set(struct arena *a, const char *name, const char *type, int64_t ttl,
                             const char *value)
{
    struct value *set = value_map(a), *rr = value_map(a), **at = arena_array(a, struct value *, 1);
    value_put(set, "Name", value_string(a, name));
    value_put(set, "Type", value_string(a, type));
    value_put(set, "TTL", value_int(a, ttl));
    value_put(rr, "Value", value_string(a, value));
    at[0] = rr;
    value_put(set, "ResourceRecords", value_list(a, at, 1));
    return set;
}

static void list_sets(struct call *c, const struct zone *z, const struct object *zone)
{
    struct arena *a = c->arena;
    const char *apex = dns_canonical(a, text(zone->body, "Name"));
    const char *from = value_get_string(c->req.input, "StartRecordName");
    const char *type = value_get_string(c->req.input, "StartRecordType");
    VEC(struct value *) all = {0};
    vec_push(a, &all, own_set(a, apex, "NS", 172800, "ns-1.sandbox.example."));
    vec_push(a, &all,
             own_set(a, apex, "SOA", 900,
                     "ns-1.sandbox.example. hostmaster.sandbox.example. 1 7200 900 1209600 86400"));
    for (size_t i = 0; z && i < z->sets.n; i++)
        vec_push(a, &all, z->sets.at[i]);
    qsort(all.at, all.n, sizeof *all.at, set_cmp);
    size_t first = 0;
    for (; from && first < all.n; first++) {
        int cmp = name_cmp(text(all.at[first], "Name"), dns_canonical(a, from));
        if (cmp > 0 || (!cmp && (!type || strcmp(text(all.at[first], "Type"), type) >= 0)))
            break;
    }
    struct value *out = value_map(a);
    value_put(out, "ResourceRecordSets", value_list(a, all.at + first, all.n - first));
    value_put(out, "IsTruncated", value_bool(a, false));
    value_put(out, "MaxItems", value_string(a, "300"));
    call_ok(c, out);
}

static const char *last_part(const char *id)
{
    const char *slash = id ? strrchr(id, '/') : NULL;
    return slash ? slash + 1 : id ? id : "";
}

bool zones_call(struct sandbox *s, struct call *c)
{
    if (!strcmp(c->req.operation, "GetChange")) {
        const char *id = last_part(value_get_string(c->req.input, "Id"));
        for (size_t i = 0; i < s->zones->changes.n; i++)
            if (!strcmp(s->zones->changes.at[i]->id, id)) {
                call_ok(c, change_info(c->arena, s, s->zones->changes.at[i]));
                return true;
            }
        call_fail(c, "NoSuchChange", "A change with ID '%s' does not exist", id);
        return true;
    }
    const char *id = last_part(value_get_string(c->req.input, "HostedZoneId"));
    struct object *zone = object_find(s, "route53.zone", c->req.account, id);
    if (!zone) {
        call_fail(c, "NoSuchHostedZone", "No hosted zone found with ID: %s", id);
        return true;
    }
    if (!strcmp(c->req.operation, "ChangeResourceRecordSets"))
        change_sets(s, c, zone_get(s, id, zone->account), zone);
    else
        list_sets(c, zone_of(s, id), zone);
    return true;
}

/* ---- the file ----------------------------------------------------------------- */

static struct value *list_of(struct arena *a, struct value *const *at, size_t n)
{
    struct value **out = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = at[i];
    return value_list(a, out, n);
}

struct value *zones_save(struct sandbox *s, struct arena *a)
{
    VEC(struct value *) zones = {0}, changes = {0};
    for (size_t i = 0; i < s->zones->all.n; i++) {
        const struct zone *z = s->zones->all.at[i];
        struct value *m = value_map(a);
        value_put(m, "id", value_string(a, z->id));
        value_put(m, "account", value_string(a, z->account));
        value_put(m, "sets", list_of(a, z->sets.at, z->sets.n));
        value_put(m, "served", list_of(a, z->served.at, z->served.n));
        vec_push(a, &zones, m);
    }
    for (size_t i = 0; i < s->zones->changes.n; i++) {
        const struct zone_change *c = s->zones->changes.at[i];
        struct value *m = value_map(a);
        value_put(m, "id", value_string(a, c->id));
        value_put(m, "zone", value_string(a, c->zone->id));
        value_put(m, "submitted", value_int(a, c->submitted));
        value_put(m, "insync", value_int(a, c->insync));
        if (!c->done)
            value_put(m, "sets", list_of(a, c->sets.at, c->sets.n));
        vec_push(a, &changes, m);
    }
    struct value *out = value_map(a);
    value_put(out, "zones", value_list(a, zones.at, zones.n));
    value_put(out, "changes", value_list(a, changes.at, changes.n));
    return out;
}

#define LOAD_SETS(s, into, v)                                                                      \
    do {                                                                                           \
        const struct value *list_ = (v);                                                           \
        for (size_t k_ = 0; list_ && list_->kind == V_LIST && k_ < list_->list.n; k_++)            \
            if (list_->list.at[k_]->kind == V_MAP)                                                 \
                vec_push((s)->arena, (into),                                                       \
                         cloud_value_copy((s)->arena, canonical((s)->arena, list_->list.at[k_]))); \
    } while (0)

void zones_load(struct sandbox *s, const struct value *v)
{
    const struct value *zones = value_get(v, "zones"), *changes = value_get(v, "changes");
    for (size_t i = 0; zones && zones->kind == V_LIST && i < zones->list.n; i++) {
        struct zone *z =
            zone_get(s, text(zones->list.at[i], "id"), text(zones->list.at[i], "account"));
        LOAD_SETS(s, &z->sets, value_get(zones->list.at[i], "sets"));
        LOAD_SETS(s, &z->served, value_get(zones->list.at[i], "served"));
    }
    for (size_t i = 0; changes && changes->kind == V_LIST && i < changes->list.n; i++) {
        const struct value *m = changes->list.at[i];
        struct zone_change *c = arena_make(s->arena, struct zone_change);
        c->id = arena_strdup(s->arena, text(m, "id"));
        c->zone = zone_get(s, text(m, "zone"), "");
        c->submitted = value_get_int(m, "submitted", 0);
        c->insync = value_get_int(m, "insync", 0);
        c->done = !value_get(m, "sets");
        LOAD_SETS(s, &c->sets, value_get(m, "sets"));
        vec_push(s->arena, &s->zones->changes, c);
    }
}
