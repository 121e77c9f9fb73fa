#include <string.h>

#include "lang/eval_state.h"

/* Facts, and what becomes known with them. */

void facts_init(struct facts *f, struct arena *a)
{
    map_init(&f->by_address, a);
}

void facts_put(struct facts *f, const char *address, struct value *fields)
{
    map_put(&f->by_address, address, fields);
}

/* `shared.net.private["subnet-1"]`: the element of the set's answer with that id. */
static struct value *find_element(const struct facts *f, const char *address)
{
    size_t n = strlen(address);
    if (n < 5 || strcmp(address + n - 2, "\"]"))
        return NULL;
    size_t open = n - 2;
    while (open > 1 && !(address[open - 1] == '"' && address[open - 2] == '['))
        open--;
    if (open < 2)
        return NULL;
    size_t base = open - 2, len = n - 2 - open;
    char name[256];
    if (base >= sizeof name)
        return NULL; /* AWS has no such names, nor has bgc */
    memcpy(name, address, base);
    name[base] = '\0';
    struct value *list = map_find(&f->by_address, name);
    for (size_t k = 0; list && list->kind == V_LIST && k < list->list.n; k++) {
        const char *id = value_get_string(list->list.at[k], "id");
        if (id && strlen(id) == len && !memcmp(id, address + open, len))
            return list->list.at[k];
    }
    return NULL;
}

struct value *facts_find(const struct facts *f, const char *address)
{
    struct value *v = map_find(&f->by_address, address);
    return v ? v : find_element(f, address);
}

/* ---- forcing ------------------------------------------------------------------------- */

static bool worth_trying(struct eval *ev, const struct value *v)
{
    const struct deferred *d = v->deferred;
    if (ev->measurer && v->phase == PHASE_RUN)
        return true;
    if (ev->m && ev->m->residual)
        return false;
    for (size_t i = 0; i < d->ncauses; i++)
        if (eval_fact(ev, d->causes[i]))
            return true;
    return !d->ncauses && v->phase != PHASE_RUN;
}

static struct value *deferred_known(struct eval *ev, struct value *v)
{
    const struct deferred *d = v->deferred;
    if (!worth_trying(ev, v))
        return v;
    struct machine *m = ev->m;
    if (!d->here.frame)
        ev->m = NULL; /* it was deferred by a bare evaluation */
    struct value *out = eval_at(ev, d->expr, d->here);
    ev->m = m;
    if (poisoned(out))
        return out;
    if (d->want) {
        out = eval_coerce(ev, d->want, out, d->what);
        if (!out)
            return poison(ev);
    }
    /* a reference to another's reference field ends as an id only here, where
     * its type has been seen */
    if (out->kind != V_DEFERRED && !value_known(out)) {
        out = eval_known(ev, out);
        if (poisoned(out))
            return out;
    }
    out = value_join(ev, out, v->secret ? v : NULL);
    return v->span.file ? value_at_span(ev, out, v->span) : out;
}

static struct value *items_known(struct eval *ev, struct value *v)
{
    struct value **at = NULL;
    for (size_t i = 0; i < v->list.n; i++) {
        struct value *item = eval_known(ev, v->list.at[i]);
        if (poisoned(item))
            return item;
        if (item != v->list.at[i] && !at) {
            at = arena_array(ev->a, struct value *, v->list.n);
            memcpy(at, v->list.at, i * sizeof *at);
        }
        if (at)
            at[i] = item;
    }
    if (!at)
        return v;
    struct value *out = v->kind == V_SET ? value_set(ev->a, at, v->list.n)
                                         : value_list(ev->a, at, v->list.n);
    out->phase = v->phase;
    out->secret = v->secret;
    out->span = v->span;
    return out;
}

static struct value *members_known(struct eval *ev, struct value *v)
{
    struct value *out = NULL;
    for (size_t i = 0; i < v->map->n; i++) {
        const struct map_entry *e = &v->map->entries[i];
        struct value *item = eval_known(ev, e->value);
        if (poisoned(item))
            return item;
        if (item != e->value && !out) {
            out = value_map(ev->a);
            for (size_t k = 0; k < i; k++)
                value_put(out, v->map->entries[k].key, v->map->entries[k].value);
            out->phase = v->phase;
            out->secret = v->secret;
            out->span = v->span;
        }
        if (out)
            value_put(out, e->key, item);
    }
    return out ? out : v;
}

struct value *eval_known(struct eval *ev, struct value *v)
{
    switch ((enum value_kind)v->kind) {
    case V_REF: {
        struct value *fact = v->ref.field ? eval_fact(ev, v) : NULL;
        return fact ? value_at_span(ev, fact, v->span) : v;
    }
    case V_DEFERRED: return deferred_known(ev, v);
    case V_RANGE: {
        struct value *low = eval_known(ev, v->range.low), *high = eval_known(ev, v->range.high);
        if (poisoned(low) || poisoned(high))
            return poison(ev);
        if (low == v->range.low && high == v->range.high)
            return v;
        struct value *out = value_copy(ev->a, v);
        out->range.low = low;
        out->range.high = high;
        return out;
    }
    case V_LIST:
    case V_SET: return items_known(ev, v);
    case V_MAP: return members_known(ev, v);
    default: return v;
    }
}

static struct eval later(const struct graph *g, struct arena *a, const struct facts *facts)
{
    return (struct eval){.m = g->machine, .p = g->program, .a = a, .ds = g->program->ds,
                         .facts = facts, .sealed = true, .memory = arena_used(a)};
}

struct value *eval_force(const struct graph *g, struct arena *a, const struct facts *facts,
                         struct value *v)
{
    struct eval ev = later(g, a, facts);
    return eval_known(&ev, v);
}

struct value *eval_node_props(const struct graph *g, struct arena *a, const struct facts *facts,
                              const struct node *n)
{
    struct eval ev = later(g, a, facts);
    struct value *props = eval_known(&ev, n->props);
    if (poisoned(props))
        return NULL;
    const struct decl *decl = props == n->props ? NULL : program_type(g->program, n->type);
    const struct type *t = decl ? type_of_resource(g->program, decl, n->existing) : NULL;
    for (size_t i = 0; t && i < props->map->n; i++) {
        struct map_entry *e = &props->map->entries[i];
        const struct type_member *m = type_member(t, e->key);
        struct value *v = e->value;
        if (!m || v == value_get(n->props, e->key) || v->kind == V_NONE)
            continue;
        e->value = v = eval_coerce(&ev, m->type, v, e->key);
        if (!v)
            return NULL;
    }
    return props;
}

/* ---- why not -------------------------------------------------------------------------- */

struct reasons {
    struct arena *a;
    struct buf text;
    enum phase phase;
    VEC(const char *) seen;
};

static void collect(void *self, const struct value *ref)
{
    struct reasons *r = self;
    if (ref->kind == V_METRIC) {
        r->phase = PHASE_RUN;
        return;
    }
    if (!ref->ref.field)
        return;
    enum phase phase = ref->phase >= PHASE_APPLY ? PHASE_APPLY : PHASE_PLAN;
    if (phase < r->phase)
        return;
    if (phase > r->phase) { /* the latest one decides */
        r->phase = phase;
        r->seen.n = 0;
        buf_clear(&r->text);
    }
    for (size_t i = 0; i < r->seen.n; i++)
        if (!strcmp(r->seen.at[i], ref->ref.address))
            return;
    vec_push(r->a, &r->seen, ref->ref.address);
    buf_printf(&r->text, "%s%s", r->seen.n > 1 ? " and " : "", ref->ref.address);
}

const char *eval_why_unknown(struct arena *a, const struct value *v)
{
    struct reasons r = {.a = a, .phase = PHASE_CONST};
    if (value_known(v))
        return NULL;
    buf_init(&r.text, a);
    eval_each_ref(v, collect, &r);
    if (value_phase(v) == PHASE_RUN || r.phase == PHASE_RUN)
        return "when it is measured";
    if (!r.text.len)
        return NULL;
    return arena_printf(a, "%s %s", r.phase == PHASE_APPLY ? "after create of" : "after reading",
                        buf_text(&r.text));
}
