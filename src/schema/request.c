#include <string.h>

#include "schema/internal.h"

/* ---- names -------------------------------------------------------------------- */

static struct value *owned(struct arena *a, const char *stack)
{
    struct value **values = arena_array(a, struct value *, 1);
    values[0] = value_string(a, stack);
    struct value *filter = value_map(a);
    value_put(filter, "Name", value_string(a, "tag:bgc:stack"));
    value_put(filter, "Values", value_list(a, values, 1));
    struct value **one = arena_array(a, struct value *, 1);
    one[0] = filter;
    return value_list(a, one, 1);
}

static struct value *text(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

static const struct lens *subject_lens(const struct call_names *n)
{
    if (!n->c || n->c->subjects.n != 1)
        return NULL;
    return schema_field(n->s, n->c->subjects.at[0])->lens;
}

/* The wire form of what an update is about. */
static struct value *subject_value(const struct call_names *n, struct value *v)
{
    const struct lens *l = subject_lens(n);
    if (!v || !l)
        return value_none(n->ctx->a);
    struct value *w = NULL;
    if (l->item->put_expr) {
        w = value_map(n->ctx->a);
        if (!lens_put(n->ctx, l, v, w))
            w = NULL;
    } else {
        w = lens_encode(n->ctx, l, v);
    }
    return w ? w : value_poison(n->ctx->a);
}

static struct value *field_value(const struct call_names *n, const struct schema_field *f)
{
    struct value *v = value_get(n->env->props, f->name);
    if (v)
        return v;
    if ((f->mods & FIELD_ID) && n->env->id)
        return value_string(n->ctx->a, n->env->id);
    bool absent = false;
    if (n->env->live && lens_reads(f->lens) && (f->mods & (FIELD_LIVE | FIELD_ID)))
        v = lens_get(n->ctx, f->lens, n->env->live, &absent);
    return v ? v : value_none(n->ctx->a);
}

static struct value *id_list(const struct call_names *n)
{
    const struct call_env *e = n->env;
    size_t count = e->ids ? e->nids : e->id ? 1 : 0;
    struct value **at = arena_array(n->ctx->a, struct value *, count ? count : 1);
    for (size_t i = 0; i < count; i++)
        at[i] = value_string(n->ctx->a, e->ids ? e->ids[i] : e->id);
    return value_list(n->ctx->a, at, count);
}

static struct value *find_name(const void *self, struct arena *a, const char *name)
{
    const struct call_names *n = self;
    const struct call_env *e = n->env;
    if (!strcmp(name, "id"))
        return text(a, e->id);
    if (!strcmp(name, "it"))
        return n->it;
    const struct schema_field *f = schema_field(n->s, name);
    if (f)
        return field_value(n, f);
    if (!strcmp(name, "ids"))
        return id_list(n);
    if (!strcmp(name, "physical_name"))
        return text(a, e->physical_name);
    if (!strcmp(name, "slot")) /* of 40,000: a number of its own wherever names would meet */
        return e->physical_name ? value_int(a, 1 + (int64_t)(hash_text(e->physical_name) % 40000)) : value_none(a);
    if (!strcmp(name, "stack"))
        return text(a, e->stack);
    if (!strcmp(name, "world"))
        return text(a, e->world);
    if (!strcmp(name, "name_prefix"))
        return text(a, e->name_prefix);
    if (!strcmp(name, "region"))
        return text(a, e->region);
    if (!strcmp(name, "token"))
        return text(a, e->token);
    if (!strcmp(name, "owned"))
        return e->stack ? owned(a, e->stack) : value_none(a);
    if (!strcmp(name, "tags"))
        return e->tags ? tags_shape(n->ctx, n->s, e, e->tags, true) : value_none(a);
    if (!strcmp(name, "live"))
        return e->live ? e->live : value_none(a);
    if (!strcmp(name, "keys"))
        return e->keys ? e->keys : value_none(a);
    if (!strcmp(name, "added"))
        return subject_value(n, e->added);
    if (!strcmp(name, "removed"))
        return subject_value(n, e->removed);
    if (!strcmp(name, "value")) {
        const struct lens *l = subject_lens(n);
        return subject_value(n, e->value ? e->value : l ? value_get(e->props, l->name) : NULL);
    }
    return NULL;
}

struct names call_names(const struct call_names *n)
{
    return (struct names){find_name, n};
}

static const char *find_selector(void *self, const char *name)
{
    const struct call_names *n = self;
    struct value *v = find_name(n, n->ctx->a, name);
    return v ? wire_text(n->ctx->a, v) : NULL;
}

struct path_names call_selectors(const struct call_names *n)
{
    return (struct path_names){find_selector, (void *)n};
}

/* ---- requests ------------------------------------------------------------------- */

static bool says_nothing(const struct value *v)
{
    return v->kind == V_NONE || ((v->kind == V_LIST || v->kind == V_SET) && !v->list.n) ||
           (v->kind == V_MAP && !v->map->n);
}

static bool put_create(const struct lens_ctx *c, const struct schema *s, const struct call_env *env,
                       struct value *in)
{
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        struct value *v = value_get(env->props, f->name);
        if (!v || f->later || (f->mods & FIELD_ID))
            continue;
        /* What is not there reads as empty: an empty list need not be said. */
        if (says_nothing(v) && !f->lens->inlined)
            continue;
        if (!lens_put(c, f->lens, v, in))
            return false;
    }
    return true;
}

static bool spoken_of(const struct schema_call *call, const char *field)
{
    for (const struct arg *x = call->item->bindings; x; x = x->next)
        if (names_mentions(x->value, "value") || names_mentions(x->value, field))
            return true;
    return false;
}

static bool put_update(const struct lens_ctx *c, const struct schema *s,
                       const struct schema_call *call, const struct call_env *env, struct value *in)
{
    for (size_t i = 0; i < call->subjects.n; i++) {
        const struct schema_field *f = schema_field(s, call->subjects.at[i]);
        struct value *v = value_get(env->props, f->name);
        if (env->value && call->subjects.n == 1)
            v = env->value;
        if (v && !spoken_of(call, f->name) && !lens_put(c, f->lens, v, in))
            return false;
    }
    return true;
}

static bool put_bindings(const struct lens_ctx *c, const struct schema *s,
                         const struct schema_call *call, const struct call_env *env,
                         struct value *in)
{
    struct call_names n = {.ctx = c, .s = s, .c = call, .env = env};
    struct names names = call_names(&n);
    for (const struct arg *x = call->item->bindings; x; x = x->next) {
        struct lens_ctx at = *c;
        at.field = x->name.text;
        at.span = x->value->span;
        struct value *v = names_eval(c->ss->program, c->a, c->ds, x->value, &names);
        if (v)
            v = wire_clean(&at, v);
        if (!v)
            return false;
        if (v->kind == V_NONE)
            continue;
        struct value *one = value_map(c->a);
        value_put(one, x->name.text, v);
        path_merge(c->a, in, one);
    }
    return true;
}

struct value *schema_request(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s, const struct schema_call *c,
                             const struct call_env *env)
{
    struct lens_ctx ctx = lens_context(ss, a, ds, s);
    struct value *in = value_map(a);
    if (c->verb == VERB_CREATE && !put_create(&ctx, s, env, in))
        return NULL;
    if (c->verb == VERB_UPDATE && !c->aspect && !put_update(&ctx, s, c, env, in))
        return NULL;
    if (!put_bindings(&ctx, s, c, env, in))
        return NULL;
    if (c->verb == VERB_CREATE && env->tags && env->tags->map->n && s->taggable) {
        const struct wire_path *at = tags_place(a, s, "at");
        if (at)
            path_put(a, in, at, NULL, tags_shape(&ctx, s, env, env->tags, false));
    }
    if (c->item->token && env->token)
        value_put(in, c->item->token, value_string(a, env->token));
    return in;
}

/* ---- requests, read ---------------------------------------------------------------- */

/* All names that the bindings determine, wire values. */
static struct value *bound(struct schemas *ss, struct arena *a, const struct schema_call *c,
                           const struct value *input)
{
    struct value *out = value_map(a);
    for (const struct arg *x = c->item->bindings; x; x = x->next) {
        struct value *part = value_get(input, x->name.text);
        struct value *one = value_map(a);
        if (part && names_match(ss->program, a, x->value, part, one))
            path_merge(a, out, one);
    }
    return out;
}

struct value *schema_unbind(struct schemas *ss, struct arena *a, const struct schema *s,
                            const struct schema_call *c, const struct value *input)
{
    static const char *const names[] = {"id", "ids", "physical_name", "keys"};
    struct value *all = bound(ss, a, c, input), *out = value_map(a);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct value *v = value_get(all, names[i]);
        if (v && v->kind != V_NONE)
            value_put(out, names[i], v);
    }
    /* The id may be spoken of by the name of its field. */
    struct value *own = s->id_field ? value_get(all, s->id_field) : NULL;
    if (own && own->kind == V_STRING && !value_get(out, "id"))
        value_put(out, "id", own);
    struct value *tags = value_get(all, "tags");
    const struct wire_path *at = c->verb == VERB_CREATE ? tags_place(a, s, "at") : NULL;
    if (at && path_get(a, input, at, NULL))
        tags = path_get(a, input, at, NULL);
    if (tags)
        value_put(out, "tags", schema_untags(a, tags));
    if (c->item->token && value_get(input, c->item->token))
        value_put(out, "token", value_get(input, c->item->token));
    return out;
}

static void take(const struct lens_ctx *c, const struct schema_field *f, const struct value *input,
                 struct value *out)
{
    bool absent = false;
    struct value *v = lens_unput(c, f->lens, input, &absent);
    if (v && v->kind != V_NONE)
        value_put(out, f->name, v);
}

struct value *schema_unrequest(struct schemas *ss, struct arena *a, const struct schema *s,
                               const struct schema_call *c, const struct value *input)
{
    struct lens_ctx ctx = lens_quiet(ss, a, s);
    struct value *out = value_map(a), *all = bound(ss, a, c, input);
    if (c->verb == VERB_CREATE)
        for (size_t i = 0; i < s->fields.n; i++)
            if (!s->fields.at[i].later && !(s->fields.at[i].mods & FIELD_ID))
                take(&ctx, &s->fields.at[i], input, out);
    for (size_t i = 0; i < c->subjects.n && !c->aspect; i++)
        if (!spoken_of(c, c->subjects.at[i]))
            take(&ctx, schema_field(s, c->subjects.at[i]), input, out);
    /* What a binding carries: a field by name, or the subject in its wire form. */
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        struct value *w = value_get(all, f->name);
        if (!w || w->kind == V_NONE || value_get(out, f->name) || (f->mods & FIELD_ID) ||
            !strcmp(f->name, "id"))
            continue;
        struct value *v = wire_in(&ctx, f->type, w);
        if (v)
            value_put(out, f->name, v);
    }
    const char *said = c->aspect ? c->aspect : "value";
    struct value *w = value_get(all, said);
    if (w && w->kind != V_NONE && c->subjects.n == 1) {
        const struct lens *l = schema_field(s, c->subjects.at[0])->lens;
        bool absent = false;
        struct value *v =
            l->item->put_expr ? lens_unput(&ctx, l, w, &absent) : lens_decode(&ctx, l, w);
        if (v)
            value_put(out, l->name, v);
    }
    return out;
}
