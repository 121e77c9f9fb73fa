#include <string.h>

#include "lang/eval_state.h"

/* Expressions: dispatch, literals, collections, templates, and the budgets. */

enum { EVAL_MEMORY = 384 << 20, TEXT_STEP = 64 /* bytes of text that are read in a step */ };

static bool spent(struct eval *ev)
{
    ev->dead = true;
    if (ev->m)
        ev->m->poisoned = true;
    return false;
}

static bool overspent(struct eval *ev, struct span at)
{
    if (ev->steps > EVAL_STEPS) {
        struct diag *d = eval_error(ev, "BG1542", at, "this computation takes too many steps");
        diag_at(ev->ds, d, "stopped here after %d steps", EVAL_STEPS);
        diag_help(ev->ds, d, "loops and functions of one program share this budget: make the "
                             "collections smaller, or compute the value once in a `let`");
        return spent(ev);
    }
    struct diag *d = eval_error(ev, "BG1543", at, "this computation takes too much memory");
    diag_at(ev->ds, d, "stopped here after %d MiB", EVAL_MEMORY >> 20);
    diag_help(ev->ds, d, "make the collections or the texts smaller");
    return spent(ev);
}

bool eval_spend(struct eval *ev, struct span at, uint64_t steps)
{
    if (ev->dead)
        return false;
    ev->steps += steps;
    bool in_bounds = ev->steps <= EVAL_STEPS && arena_used(ev->a) - ev->memory <= EVAL_MEMORY;
    return in_bounds || overspent(ev, at);
}

bool eval_step(struct eval *ev, struct span at)
{
    return eval_spend(ev, at, 1);
}

/* Never goes on for longer than it takes to spend `left`. */
static uint64_t walk(const struct value *v, uint64_t left)
{
    uint64_t n = 1;
    switch ((enum value_kind)v->kind) {
    case V_STRING: return n + strlen(v->s) / TEXT_STEP;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n && n <= left; i++)
            n += walk(v->list.at[i], left - n);
        return n;
    case V_MAP:
        for (size_t i = 0; i < v->map->n && n <= left; i++)
            n += walk(v->map->entries[i].value, left - n);
        return n;
    default: return n;
    }
}

bool eval_walk(struct eval *ev, struct span at, const struct value *v)
{
    if (value_parts(v) == 1 && v->kind != V_STRING)
        return !ev->dead;
    return eval_spend(ev, at, walk(v, EVAL_STEPS) - 1);
}

/* A value of more parts is not made: whoever goes through one can rely on its end. */
static struct value *too_large(struct eval *ev, struct span at)
{
    struct diag *d = eval_error(ev, "BG1543", at, "this value is too large");
    diag_at(ev->ds, d, "it has more than %d parts", EVAL_PARTS);
    diag_note(ev->ds, d, "what stands in it more than once counts each time");
    diag_help(ev->ds, d, "make the collections smaller");
    spent(ev);
    return poison(ev);
}

/* ---- templates ---------------------------------------------------------------- */

const char *eval_text(struct eval *ev, const struct value *v, struct span at)
{
    struct diag *d;
    switch ((enum value_kind)v->kind) {
    case V_STRING:
    case V_CIDR: return v->s;
    case V_BOOL: return v->b ? "true" : "false";
    case V_INT: return arena_printf(ev->a, "%lld", (long long)v->i);
    case V_NUMBER:
    case V_DURATION:
    case V_PERCENT:
    case V_SIZE:
    case V_RATE: {
        /* a secret number is text all the same: the result is secret too */
        struct value plain = *v;
        plain.secret = false;
        return value_text(ev->a, &plain);
    }
    case V_REF:
        d = eval_error(ev, "BG1516", at, "a resource is not text");
        diag_at(ev->ds, d, "`%s` is %s", v->ref.address, v->ref.type ? v->ref.type : "a resource");
        diag_help(ev->ds, d, "name one of its fields, for example `.id`");
        return NULL;
    case V_NONE:
        d = eval_error(ev, "BG1516", at, "none is not text");
        diag_help(ev->ds, d, "say what stands here when it is absent: `${x ?? \"-\"}`");
        return NULL;
    case V_LIST:
    case V_SET:
        d = eval_error(ev, "BG1516", at, "%s is not text", kind_named(v->kind));
        diag_help(ev->ds, d, "join its elements: `${join(xs, \", \")}`");
        return NULL;
    default:
        eval_error(ev, "BG1516", at, "%s is not text", kind_named(v->kind));
        return NULL;
    }
}

struct value *eval_template(struct eval *ev, const struct expr *x, struct here here)
{
    size_t n = 0, k = 0;
    for (const struct part *p = x->parts; p; p = p->next)
        n += p->expr != NULL;
    struct value **parts = arena_array(ev->a, struct value *, n ? n : 1);
    bool bad = false, unknown = false, no_data = false;
    for (const struct part *p = x->parts; p; p = p->next) {
        if (!p->expr)
            continue;
        struct value *v = eval_at(ev, p->expr, here);
        parts[k++] = v;
        bad = bad || poisoned(v);
        unknown = unknown || value_unknown(v);
        no_data = no_data || value_no_data(v);
    }
    if (bad)
        return poison(ev);
    if (no_data)
        return eval_no_data(ev, x->span);
    if (unknown)
        return eval_defer(ev, x, here, parts, n);
    struct buf b;
    buf_init(&b, ev->a);
    k = 0;
    for (const struct part *p = x->parts; p; p = p->next) {
        const char *text = p->expr ? eval_text(ev, parts[k++], p->expr->span) : p->text;
        if (!text)
            return poison(ev);
        buf_puts(&b, text);
        if (b.len > EVAL_TEXT) {
            eval_error(ev, "BG1543", x->span, "this text is longer than 16 MiB");
            return poison(ev);
        }
    }
    struct value *v = value_string(ev->a, buf_text(&b));
    v->span = x->span;
    for (size_t i = 0; i < n; i++)
        v = value_join(ev, v, parts[i]);
    return v;
}

/* ---- collections ---------------------------------------------------------------- */

static struct value *list(struct eval *ev, const struct expr *x, struct here here)
{
    size_t n = 0, k = 0;
    bool bad = false;
    for (const struct arg *g = x->args; g; g = g->next)
        n++;
    struct value **at = arena_array(ev->a, struct value *, n ? n : 1);
    for (const struct arg *g = x->args; g; g = g->next) {
        at[k] = eval_at(ev, g->value, here);
        bad = bad || poisoned(at[k]);
        k++;
    }
    return bad ? poison(ev) : value_list(ev->a, at, n);
}

static struct value *record(struct eval *ev, const struct expr *x, struct here here)
{
    size_t n = 0;
    for (const struct arg *g = x->args; g; g = g->next)
        n++;
    struct value *map = map_for(ev, n);
    bool bad = false;
    for (const struct arg *g = x->args; g; g = g->next) {
        struct value *v = eval_at(ev, g->value, here);
        bad = bad || poisoned(v);
        if (map_has(map->map, g->name.text)) {
            eval_error(ev, "BG1526", g->name.span, "the field `%s` stands here twice",
                       g->name.text);
            bad = true;
        }
        value_put(map, g->name.text, v);
    }
    return bad ? poison(ev) : map;
}

static struct value *map(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *out = value_map(ev->a);
    bool bad = false;
    for (const struct arg *g = x->args; g; g = g->next) {
        struct value *k = g->key ? eval_at(ev, g->key, here) : NULL;
        struct value *v = eval_at(ev, g->value, here);
        bad = bad || poisoned(v) || (k && poisoned(k));
        if (bad)
            continue;
        const char *key = g->name.text;
        if (k) {
            if (value_unknown(k))
                return eval_defer(ev, x, here, &k, 1);
            if (k->kind != V_STRING) {
                eval_error(ev, "BG1533", g->key->span, "a key of a map is a string, not %s",
                           kind_named(k->kind));
                bad = true;
                continue;
            }
            key = k->s;
            out->phase = k->phase > out->phase ? k->phase : out->phase;
        }
        if (map_has(out->map, key)) {
            eval_error(ev, "BG1526", g->key ? g->key->span : g->value->span,
                       "the key \"%s\" stands here twice", key);
            bad = true;
        }
        value_put(out, key, v);
    }
    return bad ? poison(ev) : out;
}

static struct value *choose(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *c = eval_at(ev, x->a, here);
    if (poisoned(c))
        return poison(ev);
    if (value_no_data(c))
        return eval_no_data(ev, x->span);
    if (value_unknown(c))
        return eval_defer(ev, x, here, &c, 1);
    if (c->kind == V_NONE && !ev->m) /* bare: not known is not true */
        return value_join(ev, eval_at(ev, x->c, here), c);
    if (c->kind != V_BOOL) {
        struct diag *d = eval_error(ev, "BG1515", x->a->span, "a condition is true or false");
        diag_at(ev->ds, d, "this is %s", kind_named(c->kind));
        return poison(ev);
    }
    return value_join(ev, eval_at(ev, c->b ? x->b : x->c, here), c);
}

/* A value that was made just now, and that nobody else has: placed without a copy. */
static struct value *fresh(struct value *v, const struct expr *x)
{
    v->span = x->span;
    return v;
}

/* ---- dispatch ---------------------------------------------------------------------- */

static struct value *dispatch(struct eval *ev, const struct expr *x, struct here here)
{
    switch (x->kind) {
    case EXPR_LITERAL: return (struct value *)(uintptr_t)x->literal; /* shared: only read */
    case EXPR_TEMPLATE: return eval_template(ev, x, here);
    case EXPR_NAME: return eval_name(ev, x, here);
    case EXPR_FIELD:
    case EXPR_INDEX: return eval_field(ev, x, here);
    case EXPR_CALL: return eval_call(ev, x, here);
    case EXPR_LIST: return fresh(list(ev, x, here), x);
    case EXPR_RECORD: return fresh(record(ev, x, here), x);
    case EXPR_MAP: return fresh(map(ev, x, here), x);
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: return eval_for(ev, x, here);
    case EXPR_UNARY: return eval_unary(ev, x, here);
    case EXPR_BINARY: return eval_binary(ev, x, here);
    case EXPR_IF: return choose(ev, x, here);
    case EXPR_LAMBDA: {
        struct diag *d = eval_error(ev, "BG1534", x->span, "a function is no value");
        diag_help(ev->ds, d, "`x => ...` may stand only as an argument of a library function, "
                             "such as `count` or `all`");
        return poison(ev);
    }
    case EXPR_ERROR: return poison(ev);
    }
    return poison(ev);
}

bool eval_too_deep(struct eval *ev, struct span at)
{
    struct diag *d = eval_error(ev, "BG1544", at, "this is nested too deeply");
    diag_help(ev->ds, d, "values may refer to one another %d levels deep", EVAL_DEPTH);
    return spent(ev);
}

struct value *eval_at(struct eval *ev, const struct expr *x, struct here here)
{
    if (!x || ev->dead || (ev->looping && !eval_step(ev, x->span)) || !eval_enter(ev, x->span))
        return poison(ev);
    struct value *v = dispatch(ev, x, here);
    if (value_parts(v) > EVAL_PARTS)
        v = too_large(ev, x->span);
    ev->depth--;
    return poisoned(v) ? v : value_at_span(ev, v, x->span);
}

struct value *eval_apply(struct eval *ev, const struct expr *lambda, struct here here,
                         struct value *arg)
{
    if (lambda->kind != EXPR_LAMBDA) {
        eval_error(ev, "BG1534", lambda->span, "here stands a function: `x => ...`");
        return poison(ev);
    }
    struct env *env = arena_make(ev->a, struct env);
    *env = (struct env){here.env, lambda->var.text, arg};
    here.env = env;
    ev->looping++;
    struct value *v = eval_at(ev, lambda->b, here);
    ev->looping--;
    return v;
}

/* ---- bare expressions -------------------------------------------------------------- */

static struct eval bare(struct program *p, struct arena *a, struct diags *ds)
{
    return (struct eval){.p = p, .a = a, .ds = ds, .sealed = true, .memory = arena_used(a)};
}

struct value *eval_expr(struct program *p, struct arena *a, struct diags *ds, const struct expr *e,
                        const struct env *env)
{
    struct eval ev = bare(p, a, ds);
    struct value *v = eval_at(&ev, e, (struct here){env, NULL});
    return poisoned(v) ? NULL : v;
}

struct value *eval_lambda(struct program *p, struct arena *a, struct diags *ds,
                          const struct expr *e, const struct env *env, struct value *arg)
{
    struct eval ev = bare(p, a, ds);
    struct value *v = eval_apply(&ev, e, (struct here){env, NULL}, arg);
    return poisoned(v) ? NULL : v;
}
