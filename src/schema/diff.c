#include <string.h>

#include "schema/codec.h"
#include "schema/internal.h"

struct differ {
    struct lens_ctx ctx;
    const struct schema_field *field;
    VEC(struct change) out;
};

/* A leaf whose value some other resource still has to give. */
static bool unknown(const struct value *v)
{
    switch (v->kind) {
    case V_REF:
    case V_DEFERRED:
    case V_POISON:
    case V_METRIC: return true;
    case V_RANGE: return unknown(v->range.low) || unknown(v->range.high);
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            if (unknown(v->list.at[i]))
                return true;
        return false;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            if (unknown(v->map->entries[i].value))
                return true;
        return false;
    default: return false;
    }
}

/* As it would be read back: what goes to the wire alike is alike. */
static struct value *canonical(struct differ *d, struct value *v)
{
    struct value *object = value_map(d->ctx.a);
    bool absent = false;
    struct value *got = NULL;
    if (!unknown(v) && lens_store(&d->ctx, d->field->lens, v, object))
        got = lens_get(&d->ctx, d->field->lens, object, &absent);
    if (got)
        return got;
    return record_canonical(&d->ctx, d->field->type, v);
}

/* ---- JSON texts ------------------------------------------------------------------ */

/* In policy documents a list of one and its element mean the same. */
static struct value *loosen(struct arena *a, struct value *v)
{
    if (v->kind == V_LIST && v->list.n == 1)
        return loosen(a, v->list.at[0]);
    if (v->kind == V_LIST) {
        struct value **at = arena_array(a, struct value *, v->list.n ? v->list.n : 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = loosen(a, v->list.at[i]);
        return value_list(a, at, v->list.n);
    }
    if (v->kind != V_MAP)
        return v;
    struct value *m = value_map(a);
    for (size_t i = 0; i < v->map->n; i++)
        value_put(m, v->map->entries[i].key, loosen(a, v->map->entries[i].value));
    return m;
}

static bool same_json(struct arena *a, const struct value *x, const struct value *y)
{
    if (x->kind != V_STRING || y->kind != V_STRING)
        return false;
    struct value *p = value_from_json(a, x->s, strlen(x->s), NULL);
    struct value *q = value_from_json(a, y->s, strlen(y->s), NULL);
    return p && q && value_equal(loosen(a, p), loosen(a, q));
}

/* ---- changes --------------------------------------------------------------------- */

static bool nothing(const struct value *v)
{
    return !v || v->kind == V_NONE || (v->kind == V_STRING && !*v->s) ||
           ((v->kind == V_LIST || v->kind == V_SET) && !v->list.n) ||
           (v->kind == V_MAP && !v->map->n);
}

static bool equal(struct differ *d, const struct value *before, const struct value *after)
{
    if (nothing(before) && nothing(after))
        return true;
    if (!before)
        return false;
    if (value_equal(before, after))
        return true;
    const struct codec *codec = d->field->lens->codec;
    return codec && !strcmp(codec->name, "json") && same_json(d->ctx.a, before, after);
}

/* Elements of `in` that are not in `not_in`, each compared in its canonical form
 * but given as it was written: spans lead errors to the spec. */
static struct value *minus(struct differ *d, const struct value *in, const struct value *not_in,
                           bool written)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < in->list.n; i++) {
        struct value *e = in->list.at[i];
        struct value *one = value_set(d->ctx.a, &e, 1);
        const struct value *c = written ? canonical(d, one) : one;
        bool found = (c->kind == V_SET || c->kind == V_LIST) && c->list.n > 0;
        for (size_t k = 0; found && k < c->list.n; k++) {
            bool has = false;
            for (size_t j = 0; !has && j < not_in->list.n; j++)
                has = value_equal(c->list.at[k], not_in->list.at[j]);
            found = has;
        }
        if (!found)
            vec_push(d->ctx.a, &out, e);
    }
    return value_set(d->ctx.a, out.at, out.n);
}

static void changed(struct differ *d, const char *path, struct value *before, struct value *after,
                    const struct value *as_read)
{
    struct arena *a = d->ctx.a;
    struct change c = {
        .field = d->field,
        .path = path,
        .before = before ? before : value_none(a),
        .after = after,
        .deferred = unknown(after),
        .secret = (d->field->mods & FIELD_SECRET) || value_secret(after) ||
                  (before && value_secret(before)),
    };
    if (type_bare(d->field->type)->kind == TYPE_K_SET && after->kind == V_SET && !c.deferred &&
        !strcmp(path, d->field->name)) {
        const struct value *old = before && before->kind == V_SET ? before : value_set(a, NULL, 0);
        c.added = minus(d, after, old, true);
        c.removed = as_read->kind == V_SET ? minus(d, old, as_read, false) : value_set(a, NULL, 0);
    }
    vec_push(a, &d->out, c);
}

/* `after` as written, `as_read` in the form in which `before` was read. */
static void compare(struct differ *d, const char *path, const struct type *t, struct value *before,
                    struct value *after, struct value *as_read)
{
    struct arena *a = d->ctx.a;
    t = type_bare(t);
    bool maps = after->kind == V_MAP && as_read->kind == V_MAP && before && before->kind == V_MAP;
    if (maps && t->kind == TYPE_K_RECORD) {
        for (size_t i = 0; i < t->fields.n; i++) {
            const struct type_member *f = &t->fields.at[i];
            struct value *x = value_get(after, f->name), *y = value_get(as_read, f->name);
            if (!y || y->kind == V_NONE)
                y = x;
            if (!x || x->kind == V_NONE)
                x = y; /* a default of the record */
            if (x && x->kind != V_NONE)
                compare(d, arena_printf(a, "%s.%s", path, f->name), f->type,
                        value_get(before, f->name), x, y);
        }
        return;
    }
    if (maps && t->kind == TYPE_K_MAP) {
        for (size_t i = 0; i < after->map->n; i++) {
            const char *key = after->map->entries[i].key;
            struct value *x = after->map->entries[i].value, *y = value_get(as_read, key);
            compare(d, arena_printf(a, "%s[\"%s\"]", path, key), t->elem, value_get(before, key), x,
                    y ? y : x);
        }
        for (size_t i = 0; i < before->map->n; i++) {
            const char *key = before->map->entries[i].key;
            if (!value_get(after, key))
                changed(d, arena_printf(a, "%s[\"%s\"]", path, key), before->map->entries[i].value,
                        value_none(a), value_none(a));
        }
        return;
    }
    if (unknown(after) || !equal(d, before, as_read))
        changed(d, path, before, after, as_read);
}

static bool managed(const struct schema_field *f)
{
    return !(f->mods & (FIELD_ID | FIELD_LIVE | FIELD_QUERY | FIELD_WRITE_ONLY));
}

struct change *schema_diff(struct schemas *ss, struct arena *a, const struct schema *s,
                           const struct value *desired, const struct value *fields, size_t *n)
{
    struct differ d = {.ctx = lens_quiet(ss, a, s)};
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        struct value *after = value_get(desired, f->name);
        if (!after || after->kind == V_NONE)
            continue;
        d.field = f;
        if (!fields) {
            if (!(f->mods & (FIELD_LIVE | FIELD_QUERY)) && !nothing(after))
                changed(&d, f->name, NULL, after, after);
            continue;
        }
        bool unsaid = f->may_omit && nothing(value_get(fields, f->name));
        if (managed(f) && lens_reads(f->lens) && !unsaid)
            compare(&d, f->name, f->type, value_get(fields, f->name), after, canonical(&d, after));
    }
    *n = d.out.n;
    return d.out.at;
}

/* ---- the calls that bring changes ---------------------------------------------------- */

static bool brings(const struct schema_call *c, const struct change *ch)
{
    bool subject = false;
    for (size_t i = 0; i < c->subjects.n; i++)
        subject |= !strcmp(c->subjects.at[i], ch->field->name);
    if (!subject || !c->aspect || ch->deferred)
        return subject;
    const struct value *part = strcmp(c->aspect, "added") ? ch->removed : ch->added;
    return part && part->list.n > 0;
}

const struct schema_call **schema_updates(struct arena *a, const struct schema *s,
                                          const struct change *changes, size_t nchanges, size_t *n)
{
    const struct schema_call **out =
        arena_array(a, const struct schema_call *, s->calls.n ? s->calls.n : 1);
    *n = 0;
    for (size_t i = 0; i < s->calls.n; i++) {
        const struct schema_call *c = &s->calls.at[i];
        bool wanted = false;
        for (size_t k = 0; c->verb == VERB_UPDATE && k < nchanges; k++)
            wanted |= !(changes[k].field->mods & FIELD_FIXED) && brings(c, &changes[k]);
        if (wanted)
            out[(*n)++] = c;
    }
    return out;
}
