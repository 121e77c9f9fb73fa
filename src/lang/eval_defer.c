#include <string.h>

#include "lang/eval_state.h"

/* What is not known, when it will be, and whether it may be shown. */

struct value *poison(struct eval *ev)
{
    if (ev->m)
        ev->m->poisoned = true;
    return value_poison(ev->a);
}

struct diag *eval_error(struct eval *ev, const char *code, struct span at, const char *fmt, ...)
{
    if (ev->m)
        ev->m->poisoned = true;
    if (diags_full(ev->ds))
        return diag_error(ev->ds, code, at, "%s", code);
    va_list ap;
    va_start(ap, fmt);
    const char *message = arena_vprintf(ev->ds->arena, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < ev->ds->all.n; i++) {
        struct diag *d = ev->ds->all.at[i];
        if (d->severity == SEV_ERROR && !strcmp(d->code, code) && !strcmp(d->message, message) &&
            !memcmp(&d->span, &at, sizeof at)) {
            /* what the caller adds now was added then: give it a copy that nobody prints */
            struct diag *copy = arena_make(ev->ds->arena, struct diag);
            *copy = *d;
            return copy;
        }
    }
    return diag_error(ev->ds, code, at, "%s", message);
}

struct value *map_for(struct eval *ev, size_t n)
{
    struct value *m = value_map(ev->a);
    map_reserve(m->map, n);
    return m;
}

const char *kind_named(enum value_kind k)
{
    static const char *const names[] = {
        [V_NONE] = "none",           [V_BOOL] = "a bool",         [V_INT] = "an int",
        [V_NUMBER] = "a number",     [V_STRING] = "a string",     [V_DURATION] = "a duration",
        [V_PERCENT] = "a percent",   [V_SIZE] = "a size",         [V_RATE] = "a rate",
        [V_CIDR] = "a cidr",         [V_REGEX] = "a regex",       [V_RANGE] = "a range",
        [V_LIST] = "a list",         [V_SET] = "a set",           [V_MAP] = "a record",
        [V_REF] = "a reference",     [V_METRIC] = "a metric",     [V_DEFERRED] = "not known yet",
        [V_POISON] = "an error",
    };
    return (size_t)k < sizeof names / sizeof *names ? names[k] : "?";
}

struct value *eval_no_data(struct eval *ev, struct span at)
{
    struct value *v = value_none(ev->a);
    v->phase = PHASE_RUN;
    v->span = at;
    return v;
}

struct value *value_join(struct eval *ev, struct value *v, const struct value *from)
{
    if (!from)
        return v;
    uint8_t phase = PHASE_CONST;
    bool secret = false;
    value_traits(from, &phase, &secret);
    if (phase <= v->phase && (!secret || v->secret))
        return v;
    v = value_copy(ev->a, v);
    if (phase > v->phase)
        v->phase = phase;
    v->secret = v->secret || secret;
    return v;
}

/* ---- references inside ---------------------------------------------------- */

void eval_each_ref(const struct value *v, void (*see)(void *self, const struct value *ref),
                    void *self)
{
    switch ((enum value_kind)v->kind) {
    case V_REF:
    case V_METRIC: see(self, v); break;
    case V_RANGE:
        eval_each_ref(v->range.low, see, self);
        eval_each_ref(v->range.high, see, self);
        break;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            eval_each_ref(v->list.at[i], see, self);
        break;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            eval_each_ref(v->map->entries[i].value, see, self);
        break;
    case V_DEFERRED:
        for (size_t i = 0; i < v->deferred->ncauses; i++)
            see(self, v->deferred->causes[i]);
        break;
    default: break;
    }
}

/* ---- deferring -------------------------------------------------------------- */

enum { FEW = 16 }; /* so many are compared one by one */

struct causes {
    struct eval *ev;
    VEC(struct value *) refs;
    struct map seen; /* of those beyond FEW: address and field */
    enum phase phase;
    bool secret;
};

static void add_cause(struct causes *c, const struct value *ref)
{
    for (size_t i = 0; i < c->refs.n && i < FEW; i++)
        if (!value_cmp(c->refs.at[i], ref))
            return;
    if (c->refs.n >= FEW) {
        if (!c->seen.arena)
            map_init(&c->seen, c->ev->a);
        const char *key = arena_printf(c->ev->a, "%s %s %s", ref->ref.address,
                                       ref->ref.type ? ref->ref.type : "",
                                       ref->ref.field ? ref->ref.field : "");
        if (map_put(&c->seen, key, c))
            return;
    }
    vec_push(c->ev->a, &c->refs, (struct value *)ref);
}

static void gather(struct causes *c, const struct value *v)
{
    if (v->phase > c->phase)
        c->phase = v->phase;
    c->secret = c->secret || v->secret;
    switch ((enum value_kind)v->kind) {
    case V_REF:
        if (v->ref.field)
            add_cause(c, v);
        break;
    case V_METRIC: c->phase = PHASE_RUN; break;
    case V_RANGE:
        gather(c, v->range.low);
        gather(c, v->range.high);
        break;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            gather(c, v->list.at[i]);
        break;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            gather(c, v->map->entries[i].value);
        break;
    case V_DEFERRED:
        for (size_t i = 0; i < v->deferred->ncauses; i++)
            add_cause(c, v->deferred->causes[i]);
        break;
    default: break;
    }
}

struct value *eval_defer(struct eval *ev, const struct expr *x, struct here here,
                         struct value *const *on, size_t n)
{
    struct causes c = {.ev = ev};
    for (size_t i = 0; i < n; i++)
        if (on[i])
            gather(&c, on[i]);
    struct deferred *d = arena_make(ev->a, struct deferred);
    d->serial = ev->m ? ++ev->m->serial : ++ev->serial;
    d->expr = x;
    d->here = here;
    d->causes = c.refs.at;
    d->ncauses = c.refs.n;
    struct value *v = arena_make(ev->a, struct value);
    v->kind = V_DEFERRED;
    v->phase = (uint8_t)c.phase;
    v->secret = c.secret;
    v->span = x->span;
    v->deferred = d;
    return v;
}

/* ---- types that deferred leaves must meet --------------------------------------- */

static const struct type *inner(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    return t;
}

static bool is_secret_type(const struct type *t)
{
    for (; t; t = t->elem) {
        if (t->kind == TYPE_K_SECRET)
            return true;
        if (t->kind != TYPE_K_OPTION)
            return false;
    }
    return false;
}

/* Deferred leaves remember `t`; leaves of a secret type become secret. */
static struct value *remember(struct eval *ev, const struct type *t, struct value *v,
                              const char *what)
{
    if (is_secret_type(t) && !v->secret && v->kind != V_NONE) {
        v = value_copy(ev->a, v);
        v->secret = true;
    }
    if (v->kind == V_DEFERRED) {
        if (v->deferred->want == t)
            return v;
        struct deferred *d = arena_make(ev->a, struct deferred);
        *d = *v->deferred;
        d->want = t;
        d->what = what;
        v = value_copy(ev->a, v);
        v->deferred = d;
        return v;
    }
    const struct type *in = inner(t);
    if (!in)
        return v;
    if ((v->kind == V_LIST || v->kind == V_SET) &&
        (in->kind == TYPE_K_LIST || in->kind == TYPE_K_SET)) {
        struct value **at = NULL;
        for (size_t i = 0; i < v->list.n; i++) {
            struct value *item = remember(ev, in->elem, v->list.at[i], what);
            if (item == v->list.at[i] && !at)
                continue;
            if (!at) {
                at = arena_array(ev->a, struct value *, v->list.n);
                memcpy(at, v->list.at, i * sizeof *at);
            }
            at[i] = item;
        }
        if (at) {
            v = value_copy(ev->a, v);
            v->list.at = at;
        }
    } else if (v->kind == V_MAP && (in->kind == TYPE_K_RECORD || in->kind == TYPE_K_MAP)) {
        struct value *copy = NULL;
        for (size_t i = 0; i < v->map->n; i++) {
            const struct map_entry *e = &v->map->entries[i];
            const struct type *ft = in->elem;
            for (size_t k = 0; in->kind == TYPE_K_RECORD && k < in->fields.n; k++)
                if (names_equal(in->fields.at[k].name, e->key))
                    ft = in->fields.at[k].type;
            struct value *item = ft ? remember(ev, ft, e->value, e->key) : e->value;
            if (item == e->value)
                continue;
            if (!copy) {
                copy = value_map(ev->a);
                for (size_t k = 0; k < v->map->n; k++)
                    value_put(copy, v->map->entries[k].key, v->map->entries[k].value);
            }
            value_put(copy, e->key, item);
        }
        if (copy) {
            copy->span = v->span;
            copy->phase = v->phase;
            copy->secret = v->secret;
            v = copy;
        }
    }
    return v;
}

struct value *eval_coerce(struct eval *ev, const struct type *t, struct value *v, const char *what)
{
    if (poisoned(v) || (value_parts(v) > 1 && !eval_walk(ev, v->span, v)))
        return NULL;
    struct value *out = type_coerce(ev->p, ev->a, t, v, what);
    return out ? remember(ev, t, out, what) : NULL;
}
