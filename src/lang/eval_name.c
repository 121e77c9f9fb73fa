#include <string.h>

#include "lang/eval_run.h"
#include "lang/eval_state.h"
#include "lang/mock.h"

/* Names: local, lexical, of a world, of an imported file, of the schedule. */

static const struct value busy_value = {.kind = V_POISON};
struct value *const eval_busy = (struct value *)&busy_value; /* compared, never written */

struct value *env_find(const struct env *env, const char *name, bool *open)
{
    for (; env; env = env->up) {
        if (!env->name) {
            struct value *v = value_get(env->value, name);
            if (v)
                return v;
            *open = true;
        } else if (env->name == name || !strcmp(env->name, name)) {
            return env->value;
        }
    }
    return NULL;
}

struct frame *frame_of(struct eval *ev, struct frame *from, const struct scope *scope)
{
    if (from && from->scope == scope)
        return from;
    if (!ev->m || scope->kind == SCOPE_MODULE)
        return NULL;
    for (size_t i = 0; i < ev->m->frames.n; i++)
        if (ev->m->frames.at[i]->scope == scope)
            return ev->m->frames.at[i];
    struct frame *f = frame_new(ev->m, scope, NULL, NULL);
    vec_push(ev->m->a, &ev->m->frames, f);
    return f;
}

const struct symbol *eval_lookup(struct eval *ev, struct here here, const char *name,
                                 struct span at)
{
    const struct scope *s = here.frame ? here.frame->scope : NULL;
    if (!s && ev->p)
        s = program_file_scope(ev->p, at);
    return s ? scope_find(s, name) : NULL;
}

/* ---- lets ------------------------------------------------------------------------ */

static struct value *cycle(struct eval *ev, const struct decl *d, struct span at)
{
    struct diag *g = eval_error(ev, "BG1540", d->name.span, "`%s` is defined by itself",
                                d->name.text);
    diag_label(ev->ds, g, at, "its value is needed here while it is being computed");
    return poison(ev);
}

static struct value *typed(struct eval *ev, const struct decl *d, const struct scope *scope,
                           struct value *v)
{
    if (!d->type || !ev->p || poisoned(v))
        return v;
    const struct type *t = type_resolve(ev->p, scope, d->type);
    struct value *out = t ? eval_coerce(ev, t, v, d->name.text) : v;
    return out ? out : poison(ev);
}

static struct value *let(struct eval *ev, const struct symbol *sym, struct frame *f,
                         struct span at)
{
    const struct decl *d = sym->decl;
    if (!f) /* bare: a let of a stdlib file */
        return eval_at(ev, d->value, (struct here){NULL, NULL});
    struct value *v = map_find(&f->lets, sym->name);
    if (v == eval_busy)
        return cycle(ev, d, at);
    if (v)
        return ev->sealed && !value_known(v) ? eval_known(ev, v) : v;
    if (!ev->sealed)
        map_put(&f->lets, sym->name, eval_busy);
    v = typed(ev, d, sym->scope, eval_at(ev, d->value, (struct here){f->params, f}));
    if (!ev->sealed)
        map_put(&f->lets, sym->name, v);
    return v;
}

/* ---- symbols ----------------------------------------------------------------------- */

static struct value *no_value(struct eval *ev, const struct symbol *sym, struct span at)
{
    struct diag *d;
    switch (sym->decl->kind) {
    case DECL_WORLD:
        d = eval_error(ev, "BG1531", at, "a world is no value");
        diag_help(ev->ds, d, "name something in it: `%s.entry`", sym->name);
        break;
    case DECL_FN:
        d = eval_error(ev, "BG1531", at, "a function is no value");
        diag_help(ev->ds, d, "call it: `%s(...)`", sym->name);
        break;
    default: d = eval_error(ev, "BG1531", at, "`%s` is no value", sym->name);
    }
    diag_label(ev->ds, d, sym->decl->name.span, "declared here");
    return poison(ev);
}

struct value *eval_symbol(struct eval *ev, const struct symbol *sym, struct here from,
                          struct span at)
{
    struct frame *f = frame_of(ev, from.frame, sym->scope);
    bool open = false;
    struct value *v;
    switch (sym->decl->kind) {
    case DECL_LET:
    case DECL_OUT: return let(ev, sym, f, at);
    case DECL_INPUT:
        v = f && f->module ? env_find(f->params, sym->name, &open)
            : ev->m        ? value_get(ev->m->inputs, sym->name)
                           : NULL;
        if (v)
            return ev->sealed && !value_known(v) ? eval_known(ev, v) : v;
        return poison(ev); /* its absence was reported */
    case DECL_RESOURCE:
    case DECL_EXISTING:
        if (f) {
            struct unit *u = unit_of(ev, f, sym, at);
            return u ? unit_value(ev, u, at) : poison(ev);
        }
        return no_value(ev, sym, at);
    default: return no_value(ev, sym, at);
    }
}

static struct value *unknown_name(struct eval *ev, const struct expr *x, struct here here)
{
    struct diag *d = eval_error(ev, "BG1530", x->span, "nothing here is called `%s`",
                                x->name.text);
    VEC(const char *) names = {0};
    for (const struct env *e = here.env; e; e = e->up)
        if (e->name)
            vec_push(ev->a, &names, e->name);
    const struct scope *s = here.frame ? here.frame->scope : NULL;
    for (; s; s = s->parent)
        for (size_t i = 0; i < s->symbols.n; i++)
            vec_push(ev->a, &names, s->symbols.entries[i].key);
    diag_did_you_mean(ev->ds, d, x->span, x->name.text, names.at, names.n);
    return poison(ev);
}

/* The local variable, with what is known by now; NULL: there is none. */
static struct value *local(struct eval *ev, const struct env *env, const char *name, bool *open)
{
    struct value *v = env_find(env, name, open);
    return v && ev->sealed && (ev->facts || ev->measurer) && !value_known(v) ? eval_known(ev, v) : v;
}

struct value *eval_name(struct eval *ev, const struct expr *x, struct here here)
{
    bool open = false;
    struct value *v = local(ev, here.env, x->name.text, &open);
    if (v)
        return v;
    const struct symbol *sym = eval_lookup(ev, here, x->name.text, x->span);
    if (sym)
        return eval_symbol(ev, sym, here, x->span);
    if (open)
        return value_none(ev->a);
    if (ev->m && !strcmp(x->name.text, "live"))
        return value_ref(ev->a, "live", NULL, NULL);
    if (ev->open)
        return eval_measure(ev, x->name.text, NULL, 0, value_map(ev->a), x, here);
    return unknown_name(ev, x, here);
}

/* ---- worlds and imported files ------------------------------------------------------- */

/* The scope that an expression denotes, and whether it was written `live.`. */
static const struct symbol *denoted(struct eval *ev, const struct expr *x, struct here here,
                                    bool *live)
{
    bool open = false;
    if (x->kind == EXPR_NAME && !env_find(here.env, x->name.text, &open)) {
        const struct symbol *s = eval_lookup(ev, here, x->name.text, x->span);
        return s && s->body && (s->decl->kind == DECL_WORLD || s->decl->kind == DECL_USE) ? s
                                                                                         : NULL;
    }
    if (x->kind == EXPR_FIELD && x->a->kind == EXPR_NAME && !strcmp(x->a->name.text, "live") &&
        !env_find(here.env, "live", &open) && !eval_lookup(ev, here, "live", x->span)) {
        const struct symbol *s = eval_lookup(ev, here, x->name.text, x->span);
        *live = true;
        return s && s->body && s->decl->kind == DECL_WORLD ? s : NULL;
    }
    return NULL;
}

const struct symbol *eval_member(struct eval *ev, const struct expr *x, struct here here,
                                 const char *name)
{
    bool live = false;
    const struct symbol *s = denoted(ev, x, here, &live);
    return s ? map_find(&s->body->symbols, name) : NULL;
}

/* What is said of this world's resources, said of the live world's. */
static struct value *livened(struct eval *ev, struct value *v)
{
    if (v->kind == V_METRIC) {
        v = value_copy(ev->a, v);
        v->metric.live = true;
    } else if (v->kind == V_REF) {
        v = value_copy(ev->a, v);
        v->ref.address = arena_printf(ev->a, "live.%s", v->ref.address);
    } else if (v->kind == V_LIST || v->kind == V_SET) {
        struct value **at = arena_array(ev->a, struct value *, v->list.n ? v->list.n : 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = livened(ev, v->list.at[i]);
        v = value_copy(ev->a, v);
        v->list.at = at;
    } else if (v->kind == V_MAP) {
        struct value *out = value_map(ev->a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(out, v->map->entries[i].key, livened(ev, v->map->entries[i].value));
        v = out;
    }
    return v;
}

static struct value *of_scope(struct eval *ev, const struct expr *x, const struct symbol *s,
                              bool live, struct here here)
{
    const struct symbol *y = map_find(&s->body->symbols, x->name.text);
    struct value *v;
    if (y) {
        v = eval_symbol(ev, y, (struct here){NULL, frame_of(ev, NULL, s->body)}, x->span);
    } else if (s->decl->kind == DECL_WORLD && !strcmp(x->name.text, "entry") && s->body->entry) {
        v = eval_at(ev, s->body->entry->value,
                    (struct here){NULL, frame_of(ev, here.frame, s->body)});
    } else {
        struct diag *d = eval_error(ev, "BG1520", x->name.span, "there is no `%s` in `%s`",
                                    x->name.text, s->name);
        VEC(const char *) names = {0};
        for (size_t i = 0; i < s->body->symbols.n; i++)
            vec_push(ev->a, &names, s->body->symbols.entries[i].key);
        diag_did_you_mean(ev->ds, d, x->name.span, x->name.text, names.at, names.n);
        return poison(ev);
    }
    return live && !poisoned(v) ? livened(ev, v) : v;
}

/* ---- members of values ----------------------------------------------------------------- */

static struct value *no_field(struct eval *ev, const struct expr *x, const char *of,
                              const char *const *names, size_t n)
{
    struct diag *d = eval_error(ev, "BG1520", x->name.span, "%s has no field `%s`", of,
                                x->name.text);
    diag_did_you_mean(ev->ds, d, x->name.span, x->name.text, names, n);
    return poison(ev);
}

static struct value *of_record(struct eval *ev, const struct expr *x, struct value *base)
{
    struct value *v = value_get(base, x->name.text);
    if (v)
        return v;
    if (!ev->m || base->phase >= PHASE_PLAN)
        return value_join(ev, value_none(ev->a), NULL);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < base->map->n; i++)
        vec_push(ev->a, &names, base->map->entries[i].key);
    return no_field(ev, x, "this record", names.at, names.n);
}

/* The container's own phase and secrecy go over to what is taken out of it. */
static struct value *taken(struct eval *ev, struct value *v, const struct value *from)
{
    if (from->phase <= v->phase && (v->secret || !from->secret))
        return v;
    v = value_copy(ev->a, v);
    v->phase = from->phase > v->phase ? from->phase : v->phase;
    v->secret = v->secret || from->secret;
    return v;
}

/* What an `existing` looks for: the checker lets only expectations of tests ask that. NULL:
 * it is no such question. */
static struct value *asked_query(struct eval *ev, const struct expr *x, struct here here)
{
    struct mock m;
    bool open = false;
    const struct expr *first = x->a;
    while (first->kind == EXPR_FIELD || first->kind == EXPR_INDEX)
        first = first->a;
    if (!ev->m || first->kind != EXPR_NAME ||
        env_find(here.env, first->name.text, &open) || !mock_query(ev->p, ev->a, x, &m))
        return NULL;
    const struct node *n = graph_find(ev->m->g, m.address);
    struct value *fields = value_map(ev->a);
    for (const struct type_item *i = n ? m.type->items : NULL; i; i = i->next) {
        if (i->kind != ITEM_FIELD || !i->name.text)
            continue;
        struct value *v = value_get(n->props, i->name.text);
        value_put(fields, i->name.text, v ? v : value_none(ev->a));
    }
    return n ? fields : value_none(ev->a);
}

static struct value *member(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *query = strcmp(x->name.text, "query") ? NULL : asked_query(ev, x, here);
    if (query)
        return query;
    bool live = false, open = false;
    struct value *base =
        x->a->kind == EXPR_NAME ? local(ev, here.env, x->a->name.text, &open) : NULL;
    const struct symbol *scope = base ? NULL : denoted(ev, x->a, here, &live);
    if (scope)
        return of_scope(ev, x, scope, live, here);
    base = base ? base : eval_at(ev, x->a, here);
    if (poisoned(base) || value_no_data(base))
        return base;
    if (value_unknown(base))
        return eval_defer(ev, x, here, &base, 1);
    switch ((enum value_kind)base->kind) {
    case V_REF: return eval_ref_field(ev, base, x, here);
    case V_MAP: return taken(ev, of_record(ev, x, base), base);
    case V_RANGE:
        if (!strcmp(x->name.text, "low"))
            return taken(ev, base->range.low, base);
        if (!strcmp(x->name.text, "high"))
            return taken(ev, base->range.high, base);
        return no_field(ev, x, "a range", (const char *[]){"low", "high"}, 2);
    case V_NONE:
        if (!ev->m)
            return base;
        /* fall through */
    default:
        return no_field(ev, x, kind_named(base->kind), NULL, 0);
    }
}

static struct value *no_key(struct eval *ev, const struct expr *x, const struct value *base,
                            const char *key)
{
    struct diag *d = eval_error(ev, "BG1522", x->b->span, "there is no key \"%s\"", key);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < base->map->n; i++)
        vec_push(ev->a, &names, base->map->entries[i].key);
    if (!diag_did_you_mean_text(ev->ds, d, x->b->span, key, names.at, names.n) &&
        !names.n)
        diag_note(ev->ds, d, "it has no keys at all");
    return poison(ev);
}

static struct value *element(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *base = eval_at(ev, x->a, here), *i = eval_at(ev, x->b, here);
    if (poisoned(base) || poisoned(i))
        return poison(ev);
    if (value_no_data(base) || value_no_data(i))
        return eval_no_data(ev, x->span);
    if (value_unknown(base) || value_unknown(i))
        return eval_defer(ev, x, here, (struct value *[]){base, i}, 2);
    struct value *v = NULL;
    if (base->kind == V_LIST && i->kind == V_INT) {
        if (i->i < 0 || (uint64_t)i->i >= base->list.n) {
            if (!ev->m)
                return value_none(ev->a);
            struct diag *d = eval_error(ev, "BG1521", x->b->span, "there is no element %lld",
                                        (long long)i->i);
            diag_label(ev->ds, d, x->a->span, "this list has %zu, counted from 0", base->list.n);
            return poison(ev);
        }
        v = base->list.at[i->i];
    } else if (base->kind == V_MAP && (i->kind == V_STRING || i->kind == V_INT)) {
        if (!eval_walk(ev, x->b->span, i))
            return poison(ev);
        const char *key = i->kind == V_INT ? arena_printf(ev->a, "%lld", (long long)i->i) : i->s;
        v = value_get(base, key);
        if (!v && !ev->m)
            return value_none(ev->a);
        if (!v)
            return no_key(ev, x, base, key);
    } else if (base->kind == V_NONE && !ev->m) {
        return base;
    } else {
        struct diag *d = eval_error(ev, "BG1523", x->span, "%s has no elements by %s",
                                    kind_named(base->kind), kind_named(i->kind));
        if (base->kind == V_SET)
            diag_help(ev->ds, d, "a set has no order: `sort(...)` makes it a list");
        return poison(ev);
    }
    return value_join(ev, taken(ev, v, base), i);
}

struct value *eval_field(struct eval *ev, const struct expr *x, struct here here)
{
    return x->kind == EXPR_INDEX ? element(ev, x, here) : member(ev, x, here);
}
