#include <string.h>

#include "schema/internal.h"

/* ---- desired ------------------------------------------------------------------- */

struct defaults {
    struct schemas *ss;
    struct arena *a;
    const struct schema *s;
    const struct value *props;
    bool query;         /* of an `existing`: only the defaults of query fields count */
    struct value *done; /* by name; NONE where a field is not managed */
    size_t depth;       /* a default may need another one; not itself */
};

static struct value *desired_field(struct defaults *d, const struct schema_field *f);

static struct value *default_name(const void *self, struct arena *a, const char *name)
{
    struct defaults *d = (struct defaults *)self;
    const struct schema_field *f = schema_field(d->s, name);
    (void)a;
    return f ? desired_field(d, f) : NULL;
}

static bool waits(const struct value *v)
{
    return v->kind == V_DEFERRED || v->kind == V_POISON;
}

static struct value *desired_field(struct defaults *d, const struct schema_field *f)
{
    struct value *v = value_get(d->done, f->name);
    if (v)
        return v;
    v = value_get(d->props, f->name);
    bool counts = !d->query || (f->mods & FIELD_QUERY);
    if ((!v || v->kind == V_NONE) && f->item->dflt && counts && d->depth < 16) {
        struct names names = {default_name, d};
        d->depth++;
        struct diags *ds = d->ss->program->ds;
        v = names_eval(d->ss->program, d->a, ds, f->item->dflt, &names);
        d->depth--;
        if (v && v->kind != V_NONE && !waits(v) && !(v->kind == V_REF && v->ref.field))
            v = type_coerce(d->ss->program, d->a, f->type, v, f->name);
    }
    if (!v)
        v = value_none(d->a);
    value_put(d->done, f->name, v);
    return v;
}

static struct value *all_fields(struct schemas *ss, struct arena *a, const struct schema *s,
                                const struct value *props, bool query)
{
    struct defaults d = {
        .ss = ss, .a = a, .s = s, .props = props, .query = query, .done = value_map(a)};
    struct value *out = value_map(a);
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        if (!query && (f->mods & FIELD_QUERY))
            continue;
        struct value *v = desired_field(&d, f);
        if (v->kind != V_NONE)
            value_put(out, f->name, v);
    }
    return out;
}

struct value *schema_desired(struct schemas *ss, struct arena *a, const struct schema *s,
                             const struct value *props)
{
    return all_fields(ss, a, s, props, false);
}

struct value *schema_query(struct schemas *ss, struct arena *a, const struct schema *s,
                           const struct value *props)
{
    return all_fields(ss, a, s, props, true);
}

/* ---- references ------------------------------------------------------------------ */

/* The elements of a set are also known by the address of the set. */
struct value *schema_fact(struct arena *a, const struct facts *facts, const char *address)
{
    struct value *f = facts_find(facts, address);
    const char *bracket = strrchr(address, '[');
    if (f || !bracket || bracket[1] != '"')
        return f;
    struct value *all = facts_find(facts, arena_strndup(a, address, (size_t)(bracket - address)));
    size_t n = strlen(bracket + 2);
    if (!all || all->kind != V_LIST || n < 2)
        return NULL;
    for (size_t i = 0; i < all->list.n; i++) {
        const char *id = value_get_string(all->list.at[i], "id");
        if (id && strlen(id) == n - 2 && !strncmp(id, bracket + 2, n - 2))
            return all->list.at[i];
    }
    return NULL;
}

static struct value *id_of(struct arena *a, const struct facts *facts, struct value *v)
{
    struct value *f = facts ? schema_fact(a, facts, v->ref.address) : NULL;
    if (!f)
        return v;
    struct value *out = NULL;
    if (f->kind == V_LIST && !v->ref.field) {
        struct value **at = arena_array(a, struct value *, f->list.n ? f->list.n : 1);
        size_t n = 0;
        for (size_t i = 0; i < f->list.n; i++)
            if (value_get(f->list.at[i], "id"))
                at[n++] = value_get(f->list.at[i], "id");
        out = value_list(a, at, n);
    } else {
        out = value_get(f, v->ref.field ? v->ref.field : "id");
    }
    if (!out)
        return v;
    out = value_copy(a, out);
    out->span = v->span;
    out->secret |= v->secret;
    return out;
}

struct value *schema_ids(struct arena *a, const struct facts *facts, struct value *v)
{
    switch (v->kind) {
    case V_REF: return id_of(a, facts, v);
    case V_RANGE: {
        struct value *low = schema_ids(a, facts, v->range.low);
        struct value *high = schema_ids(a, facts, v->range.high);
        if (low == v->range.low && high == v->range.high)
            return v;
        struct value *out = value_copy(a, v);
        out->range.low = low;
        out->range.high = high;
        return out;
    }
    case V_LIST:
    case V_SET: {
        struct value **at = arena_array(a, struct value *, v->list.n ? v->list.n : 1);
        bool changed = false;
        for (size_t i = 0; i < v->list.n; i++) {
            at[i] = schema_ids(a, facts, v->list.at[i]);
            changed |= at[i] != v->list.at[i];
        }
        if (!changed)
            return v;
        struct value *out =
            v->kind == V_SET ? value_set(a, at, v->list.n) : value_list(a, at, v->list.n);
        out->span = v->span;
        out->secret = v->secret;
        return out;
    }
    case V_MAP: {
        struct value *out = value_map(a);
        bool changed = false;
        for (size_t i = 0; i < v->map->n; i++) {
            struct value *x = v->map->entries[i].value;
            struct value *y = schema_ids(a, facts, x);
            changed |= x != y;
            value_put(out, v->map->entries[i].key, y);
        }
        if (!changed)
            return v;
        out->span = v->span;
        out->secret = v->secret;
        return out;
    }
    default: return v;
    }
}

/* ---- replies --------------------------------------------------------------------- */

static struct value **none_of(struct arena *a, size_t *n)
{
    *n = 0;
    return arena_array(a, struct value *, 1);
}

static const char *parent_field(const struct schema *s)
{
    const struct value *p = map_find(&s->settings, "parent");
    return p && p->kind == V_STRING ? p->s : NULL;
}

struct value *schema_child(struct arena *a, const struct schema *s, struct value *object,
                           const char *parent)
{
    if (!parent || object->kind != V_MAP || !parent_field(s))
        return object;
    struct value *out = value_map(a);
    path_merge(a, out, object);
    value_put(out, PARENT_MEMBER, value_string(a, parent));
    return out;
}

/* What is there already knows it better than what is wished. */
static const char *parent_of(const struct schema *s, const struct schema_call *c,
                             const struct call_env *env)
{
    const char *field = parent_field(s);
    bool whole = c->verb == VERB_FIND || c == schema_call(s, VERB_READ);
    if (!field || !whole)
        return NULL;
    const char *have = c->verb == VERB_READ && !c->batched
                           ? value_get_string(env->live, PARENT_MEMBER) : NULL;
    return have ? have : value_get_string(env->props, field);
}

/* Reservations[].Instances: a list of every element's list is one list. */
static struct value *spliced(struct arena *a, const struct wire_path *p, struct value *v)
{
    bool each = false;
    for (const struct wire_step *s = p->steps; s && s->next; s = s->next)
        each = each || s->each;
    if (!each || !v || v->kind != V_LIST)
        return v;
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < v->list.n; i++) {
        const struct value *part = v->list.at[i];
        if (part->kind != V_LIST)
            vec_push(a, &out, v->list.at[i]);
        for (size_t k = 0; part->kind == V_LIST && k < part->list.n; k++)
            vec_push(a, &out, part->list.at[k]);
    }
    return value_list(a, out.at, out.n);
}

struct value **schema_result(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s, const struct schema_call *c,
                             const struct call_env *env, const struct value *reply, size_t *n)
{
    struct lens_ctx ctx = lens_context(ss, a, ds, s);
    ctx.code = "BG1801";
    struct call_names cn = {.ctx = &ctx, .s = s, .c = c, .env = env};
    struct path_names selectors = call_selectors(&cn);
    struct value *v;
    if (c->item->result)
        v = spliced(a, c->item->result, path_get(a, reply, c->item->result, &selectors));
    else if (c->verb == VERB_CREATE)
        v = env->physical_name ? value_string(a, env->physical_name) : NULL;
    else
        v = reply ? value_copy(a, reply) : NULL;
    if (!v)
        return none_of(a, n);
    struct value **at = arena_array(a, struct value *, 1);
    at[0] = v;
    size_t count = 1;
    if (v->kind == V_LIST || v->kind == V_SET) {
        at = v->list.at;
        count = v->list.n;
    } else if (v->kind == V_STRING && !*v->s) {
        return none_of(a, n); /* an empty element of XML */
    }
    struct value **out = arena_array(a, struct value *, count ? count : 1);
    const char *parent = parent_of(s, c, env);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        if (c->item->where) {
            cn.it = at[i];
            struct names names = call_names(&cn);
            struct value *keep = names_eval(ss->program, a, ds, c->item->where, &names);
            if (!keep)
                return NULL;
            if (keep->kind != V_BOOL || !keep->b)
                continue;
        }
        out[(*n)++] = schema_child(a, s, at[i], parent);
    }
    return out;
}

struct value *schema_join(struct schemas *ss, struct arena *a, struct diags *ds,
                          const struct schema *s, const struct schema_call *c,
                          const struct call_env *env, const struct value *object,
                          const struct value *reply)
{
    struct lens_ctx ctx = lens_context(ss, a, ds, s);
    struct call_names cn = {.ctx = &ctx, .s = s, .c = c, .env = env};
    struct path_names selectors = call_selectors(&cn);
    struct value *out = value_map(a);
    path_merge(a, out, object);
    if (!c->item->result) {
        path_merge(a, out, reply);
        return out;
    }
    struct value *v = path_get(a, reply, c->item->result, &selectors);
    if (v)
        value_put(out, path_last(c->item->result), v);
    return out;
}

/* ---- objects --------------------------------------------------------------------- */

struct reading *schema_read(struct schemas *ss, struct arena *a, struct diags *ds,
                            const struct schema *s, struct value *object)
{
    struct lens_ctx ctx = lens_context(ss, a, ds, s);
    ctx.code = "BG1801";
    if (object->kind != V_MAP)
        return lens_fail(&ctx, "the reply shows no record");
    struct reading *r = arena_make(a, struct reading);
    r->fields = value_map(a);
    r->object = object;
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        bool absent = false;
        if (!lens_reads(f->lens))
            continue;
        struct value *v = lens_get(&ctx, f->lens, object, &absent);
        if (!v && !absent)
            return NULL;
        if (v)
            value_put(r->fields, f->name, v);
    }
    struct value *id = s->id_field ? value_get(r->fields, s->id_field) : NULL;
    if (!id || id->kind != V_STRING || !*id->s) {
        ctx.field = s->id_field;
        return lens_fail(&ctx, "the reply does not say what it is called by");
    }
    r->id = id->s;
    value_put(r->fields, "id", id);
    r->tags = tags_read(a, s, object);
    return r;
}

bool schema_store(struct schemas *ss, struct arena *a, const struct schema *s,
                  const struct value *fields, struct value *object)
{
    struct lens_ctx ctx = lens_quiet(ss, a, s);
    bool ok = true;
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        struct value *v = value_get(fields, f->name);
        if (!v && (f->mods & FIELD_ID))
            v = value_get(fields, "id");
        if (v)
            ok &= lens_store(&ctx, f->lens, v, object);
    }
    return ok;
}
