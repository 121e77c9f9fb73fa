/* Objects: finding, adding, replacing, removing; ids. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "plan/live.h"
#include "sandbox/account.h"
#include "schema/path.h"

/* ---- noise -------------------------------------------------------------------- */

/* splitmix64 (public domain, Sebastiano Vigna). */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t sandbox_noise(const struct sandbox *s, const char *of, int64_t n)
{
    return mix(mix(s->seed ^ hash_text(of)) ^ (uint64_t)n);
}

double noise_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

double noise_normal(uint64_t bits)
{
    /* Box-Muller, with both numbers out of the one. */
    double u = noise_unit(mix(bits)), v = noise_unit(mix(bits + 1));
    return sqrt(-2 * log(u + 1e-300)) * cos(2 * acos(-1.0) * v);
}

/* ---- ids ---------------------------------------------------------------------- */

const char *sandbox_hex(struct sandbox *s, struct arena *a, size_t digits)
{
    char *out = arena_strdup(a, "00000000000000000000000000000000");
    uint64_t n = ++s->counter;
    char text[40];
    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)mix(s->seed ^ mix(n)),
             (unsigned long long)mix(s->seed + mix(~n)));
    if (digits > 32)
        digits = 32;
    memcpy(out, text, digits);
    out[digits] = '\0';
    return out;
}

static const char *uuid(struct sandbox *s, struct arena *a)
{
    const char *h = sandbox_hex(s, a, 32);
    return arena_printf(a, "%.8s-%.4s-4%.3s-a%.3s-%.12s", h, h + 8, h + 13, h + 17, h + 20);
}

const char *sandbox_account_id(const struct sandbox *s, const char *alias)
{
    if (!alias || !*alias)
        return s->account_id;
    if (map_has(&s->declared, alias))
        return map_find(&s->declared, alias);
    /* The role of an `account` declaration says whose it is. */
    const struct program *p = s->ss->program;
    for (size_t i = 0; i < p->accounts.n; i++) {
        const struct decl *d = p->accounts.at[i];
        if (!d->name.text || strcmp(d->name.text, alias))
            continue;
        for (const struct arg *x = d->fields; x; x = x->next) {
            const struct expr *e = x->value;
            if (!x->name.text || strcmp(x->name.text, "role") || !e)
                continue;
            const char *arn = e->kind == EXPR_LITERAL && e->literal->kind == V_STRING
                                  ? e->literal->s
                              : e->kind == EXPR_TEMPLATE && e->parts ? e->parts->text
                                                                     : NULL;
            const char *at = arn ? strstr(arn, "::") : NULL;
            if (at && strspn(at + 2, "0123456789") == 12)
                return arena_strndup(s->arena, at + 2, 12);
        }
    }
    return s->account_id;
}

/* The constant beginning of what an id must match: "sg-" of ^sg- */
static const char *id_prefix(struct arena *a, const struct schema *schema)
{
    const struct schema_field *f = schema->id_field ? schema_field(schema, schema->id_field) : NULL;
    const struct type *t = f ? f->type : NULL;
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    if (!t || !t->pattern || t->pattern[0] != '^')
        return NULL;
    return arena_strndup(a, t->pattern + 1, strcspn(t->pattern + 1, "[(.*+?{|\\$"));
}

/* Whether the id stands in a member that is called so. */
static bool id_is_arn(const struct schema *schema)
{
    const struct schema_field *f = schema->id_field ? schema_field(schema, schema->id_field) : NULL;
    const char *last = f && f->item->get ? path_last(f->item->get) : "";
    size_t n = strlen(last);
    return n >= 3 && (!strcmp(last + n - 3, "Arn") || !strcmp(last + n - 3, "ARN"));
}

/* "elasticloadbalancing" of elbv2: what ARNs call a service. */
static const char *arn_service(const char *service)
{
    if (!strcmp(service, "elbv2"))
        return "elasticloadbalancing";
    return service;
}

static const char *last_colon_part(const char *arn, const char *after)
{
    const char *at = arn ? strstr(arn, after) : NULL;
    return at ? at + strlen(after) : NULL;
}

static const char *new_arn(struct sandbox *s, const struct schema *schema, const char *account,
                           const char *name, const struct value *body)
{
    struct arena *a = s->arena;
    const char *base = arena_printf(a, "arn:aws:%s:%s:%s:", arn_service(schema->service), s->region,
                                    sandbox_account_id(s, account));
    const char *hex = sandbox_hex(s, a, 16);
    if (!strcmp(schema->name, "elbv2.target_group"))
        return arena_printf(a, "%stargetgroup/%s/%s", base, name, hex);
    if (!strcmp(schema->name, "elbv2.load_balancer"))
        return arena_printf(a, "%sloadbalancer/app/%s/%s", base, name, hex);
    if (!strcmp(schema->name, "elbv2.listener")) {
        const char *lb =
            last_colon_part(value_get_string(body, "LoadBalancerArn"), ":loadbalancer/");
        return arena_printf(a, "%slistener/%s/%s", base, lb ? lb : "app/none", hex);
    }
    if (!strcmp(schema->name, "elbv2.rule")) {
        const char *l = last_colon_part(value_get_string(body, "ListenerArn"), ":listener/");
        return arena_printf(a, "%slistener-rule/%s/%s", base, l ? l : "app/none", hex);
    }
    if (!strcmp(schema->name, "sns.topic"))
        return arena_printf(a, "%s%s", base, name ? name : hex);
    const char *dot = strchr(schema->name, '.');
    if (name && *name)
        return arena_printf(a, "%s%s/%s", base, dot ? dot + 1 : schema->name, name);
    return arena_printf(a, "%s%s/%s", base, dot ? dot + 1 : schema->name, uuid(s, a));
}

const char *object_new_id(struct sandbox *s, const struct schema *schema, const char *account,
                          const char *name, const struct value *body)
{
    const struct schema_call *create = schema_call(schema, VERB_CREATE);
    const char *prefix = id_prefix(s->arena, schema);
    if (create && !create->item->result && name && *name)
        return arena_strdup(s->arena, name);
    if ((prefix && !strncmp(prefix, "arn:", 4)) || id_is_arn(schema))
        return new_arn(s, schema, account, name, body);
    if (prefix && *prefix)
        return arena_printf(s->arena, "%s%s", prefix, sandbox_hex(s, s->arena, 17));
    if (!strcmp(schema->name, "route53.zone")) {
        char *id = arena_printf(s->arena, "Z0%s", sandbox_hex(s, s->arena, 18));
        for (char *c = id; *c; c++)
            *c = (char)(*c >= 'a' ? *c - 'a' + 'A' : *c);
        return id;
    }
    if (!create && name && *name)
        return arena_strdup(s->arena, name);
    return uuid(s, s->arena);
}

/* ---- objects ------------------------------------------------------------------ */

static const char *alias(const char *account)
{
    return account ? account : "";
}

struct object *object_find(const struct sandbox *s, const char *type, const char *account,
                           const char *id)
{
    for (size_t i = 0; id && i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (!o->gone && !strcmp(o->id, id) && !strcmp(o->schema->name, type) &&
            !strcmp(o->account, alias(account)))
            return o;
    }
    return NULL;
}

const char *object_arn(const struct object *o)
{
    if (!strncmp(o->id, "arn:", 4))
        return o->id;
    for (size_t i = 0; i < o->body->map->n; i++) {
        const char *k = o->body->map->entries[i].key;
        const struct value *v = o->body->map->entries[i].value;
        size_t n = strlen(k);
        /* Its own ARN, not one that it refers to: named as its type is. */
        if (v->kind == V_STRING && !strncmp(v->s, "arn:", 4) && n >= 3 &&
            (!strcmp(k + n - 3, "Arn") || !strcmp(k + n - 3, "ARN")) && strstr(v->s, o->id))
            return v->s;
    }
    return NULL;
}

struct object *object_by_text(const struct sandbox *s, const char *account, const char *text)
{
    for (size_t i = 0; text && *text && i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (o->gone || (strcmp(alias(account), "*") && strcmp(o->account, alias(account))))
            continue;
        const char *arn;
        if (!strcmp(o->id, text) || ((arn = object_arn(o)) && !strcmp(arn, text)))
            return o;
    }
    return NULL;
}

struct object *object_add(struct sandbox *s, const struct schema *schema, const char *account,
                          const char *id, const struct value *body)
{
    struct object *o = arena_make(s->arena, struct object);
    *o = (struct object){
        .schema = schema,
        .id = arena_strdup(s->arena, id),
        .account = arena_strdup(s->arena, alias(account)),
        .body = cloud_value_copy(s->arena, body),
        .changed = s->now,
        .born = s->now,
    };
    vec_push(s->arena, &s->objects, o);
    s->dirty = true;
    return o;
}

void object_set(struct sandbox *s, struct object *o, const struct value *body)
{
    if (s->lag && o->changed + s->lag <= s->now)
        o->before = o->body;
    o->body = cloud_value_copy(s->arena, body);
    o->changed = s->now;
    s->dirty = true;
}

void object_put(struct sandbox *s, struct object *o, const char *member, struct value *v)
{
    struct value *m = value_map_copy(s->arena, o->body);
    value_put(m, member, cloud_value_copy(s->arena, v));
    o->body = m;
    s->dirty = true;
}

static const char *parent_field_id(struct sandbox *s, struct arena *a, const struct object *o)
{
    const struct value *p = map_find(&o->schema->settings, "parent");
    const struct schema_field *f = p && p->kind == V_STRING ? schema_field(o->schema, p->s) : NULL;
    if (!f)
        return NULL;
    /* Replies need not show it; the object keeps what the request said. */
    const struct wire_path *at = f->item->put ? f->item->put : f->item->get;
    const struct value *v = at ? path_get(a, o->body, at, NULL) : NULL;
    (void)s;
    return v && v->kind == V_STRING ? v->s : NULL;
}

/* Forgets what has been gone for longer than anything may still show it. */
static void sweep(struct sandbox *s)
{
    int64_t shown = s->lag > TAGS_FORGOTTEN ? s->lag : TAGS_FORGOTTEN;
    size_t n = 0;
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (!o->gone || o->changed + shown > s->now)
            s->objects.at[n++] = o;
    }
    s->objects.n = n;
}

static void remove_one(struct sandbox *s, struct object *o)
{
    o->gone = true;
    o->before = o->body;
    o->changed = s->now;
    s->dirty = true;
    special_deleted(s, o);
    struct arena *a = arena_new("children");
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *child = s->objects.at[i];
        const char *up = child->gone ? NULL : parent_field_id(s, a, child);
        if (up && !strcmp(up, o->id) && !strcmp(child->account, o->account))
            remove_one(s, child);
    }
    arena_free(a);
}

void object_remove(struct sandbox *s, struct object *o)
{
    remove_one(s, o);
    sweep(s);
}

struct value *object_seen(const struct sandbox *s, const struct object *o)
{
    if (!s->lag || s->now >= o->changed + s->lag)
        return o->gone ? NULL : o->body;
    /* Each change is seen after a time of its own within the lag. */
    double share = noise_unit(sandbox_noise(s, o->id, o->changed));
    bool seen = s->now >= o->changed + (int64_t)(share * (double)s->lag);
    return seen ? (o->gone ? NULL : o->body) : o->before;
}

double sandbox_number(const struct value *v, double otherwise)
{
    double d = otherwise;
    if (v && v->kind == V_INT)
        d = (double)v->i;
    else if (v && v->kind == V_NUMBER)
        d = dec_double(v->dec);
    else if (v && v->kind == V_STRING && *v->s)
        d = strtod(v->s, NULL);
    return d >= -1e9 && d <= 1e9 ? d : otherwise;
}

bool object_is(const struct object *o, const char *type)
{
    return !strcmp(o->schema->name, type);
}

const char *object_text(struct arena *a, const struct object *o, const char *path)
{
    return wire_text(a, value_at(o->body, path));
}

struct value *object_fields(struct sandbox *s, struct arena *a, const struct object *o)
{
    struct diags quiet;
    diags_init(&quiet, a, s->ss->program->ds->sources);
    struct reading *r = schema_read(s->ss, a, &quiet, o->schema, o->body);
    return r ? r->fields : NULL;
}

struct value *object_tags(struct arena *a, const struct object *o)
{
    const struct value *setting = map_find(&o->schema->settings, "tags");
    const char *at = setting ? value_get_string(setting, "get") : NULL;
    const struct value *tags = value_get(o->body, at ? at : "Tags");
    return tags ? schema_untags(a, tags) : value_map(a);
}

const char *object_address(const struct sandbox *s, const struct object *o, const char **world)
{
    struct arena *a = s->arena;
    struct arena *scratch = arena_new("address");
    struct value *tags = object_tags(scratch, o);
    const char *address = value_get_string(tags, TAG_ADDRESS),
               *w = value_get_string(tags, TAG_WORLD);
    const char *slash = w ? strchr(w, '/') : NULL;
    *world = w ? arena_strdup(a, slash ? slash + 1 : w) : NULL;
    address = address ? arena_strdup(a, address) : NULL;
    arena_free(scratch);
    for (size_t i = 0; !address && i < s->known.n; i++)
        if (s->known.entries[i].value && !strcmp(s->known.entries[i].value, o->id))
            address = s->known.entries[i].key;
    return address;
}

bool value_mentions(const struct value *v, const char *id)
{
    if (!v || !*id)
        return false;
    switch (v->kind) {
    case V_STRING: {
        size_t n = strlen(id);
        for (const char *at = v->s; (at = strstr(at, id)); at += n)
            if ((at == v->s || at[-1] == ',') && (!at[n] || at[n] == ','))
                return true;
        return false;
    }
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            if (value_mentions(v->list.at[i], id))
                return true;
        return false;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            if (strcmp(v->map->entries[i].key, "Tags") != 0 && /* what a tag says holds nothing */
                value_mentions(v->map->entries[i].value, id))
                return true;
        return false;
    default: return false;
    }
}
