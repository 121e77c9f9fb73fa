#include <stdio.h>
#include <string.h>

#include "lang/eval_run.h"
#include "lang/eval_state.h"

/* Calls: functions of the program, natives, and measurements. */

/* ---- functions written in .bg ------------------------------------------------------ */

static bool calling(const struct eval *ev, const struct decl *fn)
{
    for (const struct call_frame *c = ev->calls; c; c = c->up)
        if (c->fn == fn)
            return true;
    return false;
}

static struct value *bad_arg(struct eval *ev, struct span at, const struct decl *fn,
                             const char *what, const char *name)
{
    struct diag *d = eval_error(ev, "BG1532", at, what, fn->name.text, name);
    diag_label(ev->ds, d, fn->name.span, "declared here");
    return poison(ev);
}

/* The argument for a parameter: by name, else by position; NULL: left out. */
static const struct arg *arg_for(const struct arg *args, const char *name, size_t position)
{
    size_t i = 0;
    for (const struct arg *g = args; g; g = g->next) {
        if (g->name.text ? !strcmp(g->name.text, name) : i == position)
            return g;
        i += g->name.text == NULL;
    }
    return NULL;
}

static bool has_param(const struct field_ast *params, const char *name)
{
    for (; params; params = params->next)
        if (!strcmp(params->name.text, name))
            return true;
    return false;
}

static struct value *in_stdlib_later(struct eval *ev, const struct expr *x, struct here here)
{
    struct value *args[32];
    size_t n = 0;
    for (const struct arg *g = x->args; g; g = g->next) {
        struct value *v = eval_at(ev, g->value, here);
        if (poisoned(v))
            return v;
        if (n < 32)
            args[n++] = v;
    }
    return eval_defer(ev, x, here, args, n);
}

static struct value *call_fn(struct eval *ev, const struct expr *x, struct here here,
                             const struct symbol *sym)
{
    const struct decl *fn = sym->decl;
    if (calling(ev, fn)) {
        struct diag *d = eval_error(ev, "BG1540", fn->name.span, "`%s` calls itself",
                                    fn->name.text);
        diag_label(ev->ds, d, x->span, "here");
        return poison(ev);
    }
    /* a release of the library must rebuild nobody's world: its functions stay closed */
    if (ev->m && ev->m->residual && program_is_std(ev->p, fn->span)) {
        ev->m->closed = true;
        return in_stdlib_later(ev, x, here);
    }
    const struct type *const *types = type_of_fn(ev->p, sym);
    struct here inside = {NULL, frame_of(ev, NULL, sym->scope)};
    size_t position = 0, given = 0, unnamed = 0;
    bool bad = false;
    for (const struct arg *g = x->args; g; g = g->next) {
        if (g->name.text && !has_param(fn->params, g->name.text))
            return bad_arg(ev, g->name.span, fn, "`%s` has no parameter `%s`", g->name.text);
        unnamed += g->name.text == NULL;
    }
    for (const struct field_ast *p = fn->params; p; p = p->next, position++) {
        const struct arg *g = arg_for(x->args, p->name.text, position);
        struct value *v = g          ? eval_at(ev, g->value, here)
                          : p->value ? eval_at(ev, p->value, inside)
                                     : NULL;
        if (!v)
            return bad_arg(ev, x->span, fn, "`%s` needs its argument `%s`", p->name.text);
        const struct type *t = types[position];
        if (t && !poisoned(v)) {
            v = eval_coerce(ev, t, v, p->name.text);
            v = v ? v : poison(ev);
        }
        bad = bad || poisoned(v);
        given += g && !g->name.text;
        struct env *env = arena_make(ev->a, struct env);
        *env = (struct env){inside.env, p->name.text, v};
        inside.env = env;
    }
    if (unnamed > given)
        return bad_arg(ev, x->span, fn, "`%s` takes fewer arguments%s", "");
    if (bad)
        return poison(ev);
    struct call_frame frame = {fn, ev->calls};
    ev->calls = &frame;
    ev->looping++;
    struct value *v = eval_at(ev, fn->value, inside);
    ev->looping--;
    ev->calls = frame.up;
    if (fn->type && !poisoned(v)) {
        const struct type *t = types[position];
        v = t ? eval_coerce(ev, t, v, fn->name.text) : v;
    }
    return v ? v : poison(ev);
}

/* ---- natives: which overload, with which arguments ------------------------------------ */

struct bound {
    const struct native *native;
    const struct native_param *params;
    const struct native_taking *takes;
    size_t n;
    const struct arg *args[NATIVE_PARAMS]; /* NULL: left out */
    size_t positional;                     /* args given by position */
};

static bool fits(const struct native_taking *p, const struct arg *g, const struct value *v)
{
    if (p->means == NATIVE_LAMBDA)
        return g->value->kind == EXPR_LAMBDA;
    if (g->value->kind == EXPR_LAMBDA)
        return false;
    if (poisoned(v) || value_no_data(v))
        return true;
    if (p->means == NATIVE_METRIC)
        return v->kind == V_METRIC;
    if (p->means == NATIVE_REF)
        return v->kind == V_REF || v->kind == V_DEFERRED;
    if (p->means == NATIVE_WORLD)
        return v->kind == V_REF && !strcmp(v->ref.address, "live");
    return value_unknown(v) || p->kinds >> v->kind & 1;
}

/* Puts the written arguments at their parameters; NULL, or what is wrong. */
static const char *bind(struct eval *ev, const struct expr *x, struct bound *b)
{
    const struct native_shape *shape = native_shape(ev->p, ev->a, b->native);
    b->params = shape->params;
    b->takes = shape->takes;
    b->n = shape->n;
    size_t position = 0;
    for (const struct arg *g = x->args; g; g = g->next) {
        size_t i = position;
        if (g->name.text) {
            for (i = 0; i < b->n; i++)
                if (strlen(g->name.text) == b->params[i].name_len &&
                    !memcmp(g->name.text, b->params[i].name, b->params[i].name_len))
                    break;
            if (i == b->n)
                return arena_printf(ev->a, "`%s` has no parameter `%s`", b->native->name,
                                    g->name.text);
        } else {
            position++;
            if (i >= b->n)
                return arena_printf(ev->a, "`%s` takes at most %zu argument%s", b->native->name,
                                    b->n, b->n == 1 ? "" : "s");
        }
        if (b->args[i])
            return arena_printf(ev->a, "`%s` is given twice", g->name.text);
        b->args[i] = g;
    }
    b->positional = position;
    for (size_t i = 0; i < b->n; i++)
        if (!b->args[i] && !b->params[i].dflt)
            return arena_printf(ev->a, "`%s` needs its argument `%.*s`", b->native->name,
                                (int)b->params[i].name_len, b->params[i].name);
    return NULL;
}

static struct value *value_of_arg(struct value *const *values, const struct expr *x,
                                  const struct arg *g)
{
    size_t i = 0;
    for (const struct arg *k = x->args; k; k = k->next, i++)
        if (k == g)
            return values[i];
    return NULL;
}

static const char *described(struct eval *ev, const struct value *v)
{
    if (v->kind == V_REF && v->ref.type)
        return arena_printf(ev->a, "a reference to %s", v->ref.type);
    return kind_named(v->kind);
}

static bool choose(struct eval *ev, const struct expr *x, const struct native *first,
                   struct value *const *values, struct bound *out)
{
    const char *wrong = NULL;
    const struct arg *at = NULL;
    const struct value *found = NULL;
    struct native_param wanted = {0};
    for (const struct native *n = first; n; n = native_overload(n)) {
        struct bound b = {.native = n};
        const char *why = bind(ev, x, &b);
        if (why) {
            wrong = wrong ? wrong : why;
            continue;
        }
        size_t i = 0;
        while (i < b.n && (!b.args[i] ||
                           fits(&b.takes[i], b.args[i], value_of_arg(values, x, b.args[i]))))
            i++;
        if (i == b.n) {
            *out = b;
            return true;
        }
        if (!at) {
            at = b.args[i];
            found = value_of_arg(values, x, at);
            wanted = b.params[i];
        }
    }
    if (at) {
        struct diag *d = eval_error(ev, "BG1533", at->value->span,
                                    "`%s` wants %.*s for `%.*s`", first->name,
                                    (int)wanted.type_len, wanted.type, (int)wanted.name_len,
                                    wanted.name);
        if (found)
            diag_at(ev->ds, d, "this is %s", described(ev, found));
        for (const struct native *n = first; n; n = native_overload(n))
            diag_note(ev->ds, d, "it is declared as `%s`", n->signature);
        return false;
    }
    struct diag *d = eval_error(ev, "BG1532", x->span, "%s", wrong ? wrong : "wrong arguments");
    for (const struct native *n = first; n; n = native_overload(n))
        diag_note(ev->ds, d, "it is declared as `%s`", n->signature);
    return false;
}

struct value *native_refuse(struct native_call *c, size_t i, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *message = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    struct span at = i < c->n && c->exprs[i] ? c->exprs[i]->span : c->call->span;
    eval_error(c->ev, "BG1533", at, "%s", message);
    return NULL;
}

/* ---- measurements ------------------------------------------------------------------------ */

/* `against = live`: the same metric, of the live world. */
static struct value *against_live(struct eval *ev, struct value *v, const struct value *first)
{
    if (v->kind != V_REF || v->ref.field || strcmp(v->ref.address, "live") ||
        first->kind != V_METRIC)
        return v;
    struct value *m = value_copy(ev->a, first);
    m->metric.live = true;
    return m;
}

static struct value *measured(struct eval *ev, const struct bound *b, struct value **args,
                              const struct expr *x, struct here here)
{
    struct value *named = value_map(ev->a);
    size_t last = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!args[i])
            continue;
        if (args[0])
            args[i] = against_live(ev, args[i], args[0]);
        if (!b->args[i]->name.text)
            last = i + 1;
        else
            value_put(named, arena_strndup(ev->a, b->params[i].name, b->params[i].name_len),
                      args[i]);
    }
    return eval_measure(ev, b->native->name, args, last, named, x, here);
}

enum { NATIVE_STEPS = 10 }; /* of a call in a loop, besides the walks over its arguments */

/* ---- calling a native ---------------------------------------------------------------------- */

static struct value *call_native(struct eval *ev, const struct expr *x, struct here here,
                                 const struct native *first)
{
    size_t n = 0;
    for (const struct arg *g = x->args; g; g = g->next)
        n++;
    struct value **values = arena_array(ev->a, struct value *, n ? n : 1);
    bool bad = false;
    n = 0;
    for (const struct arg *g = x->args; g; g = g->next, n++) {
        if (g->value->kind == EXPR_LAMBDA)
            continue;
        values[n] = eval_at(ev, g->value, here);
        bad = bad || poisoned(values[n]);
    }
    struct bound b = {0};
    if (bad || !choose(ev, x, first, values, &b))
        return poison(ev);

    struct value *args[NATIVE_PARAMS] = {0};
    const struct expr *lambdas[NATIVE_PARAMS] = {0}, *exprs[NATIVE_PARAMS] = {0};
    bool unknown = false, no_data = false;
    for (size_t i = 0; i < b.n; i++) {
        if (!b.args[i])
            continue;
        exprs[i] = b.args[i]->value;
        args[i] = value_of_arg(values, x, b.args[i]);
        if (!args[i]) {
            lambdas[i] = b.args[i]->value;
            continue;
        }
        if (!b.native->peek && !eval_walk(ev, x->span, args[i]))
            return poison(ev);
        no_data = no_data || value_no_data(args[i]);
        unknown = unknown || (b.native->shape ? value_unknown(args[i]) : !value_known(args[i]));
    }
    if (no_data)
        return eval_no_data(ev, x->span);
    if (b.native->phase == PHASE_RUN)
        return measured(ev, &b, args, x, here);
    struct native_call c = {.ev = ev, .a = ev->a, .args = args, .lambdas = lambdas,
                            .exprs = exprs, .n = b.n, .here = here, .call = x,
                            .native = b.native};
    if (unknown) {
        if (b.native->early && !b.native->early(&c))
            return poison(ev);
        return eval_defer(ev, x, here, values, n);
    }
    if (ev->looping && !eval_spend(ev, x->span, NATIVE_STEPS))
        return poison(ev);
    struct value *v = b.native->fn ? b.native->fn(&c) : NULL;
    if (!v || poisoned(v))
        return poison(ev);
    for (size_t i = 0; i < b.n && !value_unknown(v); i++) {
        if (!args[i])
            continue;
        struct value outer = *args[i];
        if (b.native->shape) { /* only the collection itself was looked at */
            outer.kind = V_NONE;
            v = value_join(ev, v, &outer);
        } else {
            v = value_join(ev, v, args[i]);
        }
    }
    return v;
}

/* ---- who is called --------------------------------------------------------------------------- */

/* "http.get" of http.get(...), when nothing there is a variable. */
static const char *dotted(struct eval *ev, const struct expr *f)
{
    if (f->kind == EXPR_NAME)
        return f->name.text;
    if (f->kind != EXPR_FIELD)
        return NULL;
    const char *of = dotted(ev, f->a);
    return of ? arena_printf(ev->a, "%s.%s", of, f->name.text) : NULL;
}

static struct value *unknown_function(struct eval *ev, const struct expr *x, const char *name)
{
    struct diag *d = eval_error(ev, "BG1531", x->a->span, "there is no function `%s`", name);
    size_t n;
    const struct native *all = native_all(&n);
    const char **names = arena_array(ev->a, const char *, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        names[i] = all[i].name;
    diag_did_you_mean(ev->ds, d, x->a->span, name, names, n);
    return poison(ev);
}

struct value *eval_call(struct eval *ev, const struct expr *x, struct here here)
{
    const struct expr *f = x->a;
    const struct symbol *sym = NULL;
    if (f->kind == EXPR_NAME)
        sym = eval_lookup(ev, here, f->name.text, f->span);
    else if (f->kind == EXPR_FIELD)
        sym = eval_member(ev, f->a, here, f->name.text);
    if (sym && sym->decl->kind == DECL_FN)
        return call_fn(ev, x, here, sym);
    const char *name = dotted(ev, f);
    const struct native *n = name ? native_find(name) : NULL;
    if (n)
        return call_native(ev, x, here, n);
    if (sym) {
        struct diag *d = eval_error(ev, "BG1531", f->span, "`%s` is no function", f->name.text);
        diag_label(ev->ds, d, sym->decl->name.span, "declared here");
        return poison(ev);
    }
    if (!name) {
        eval_error(ev, "BG1531", f->span, "this is no function");
        return poison(ev);
    }
    return unknown_function(ev, x, name);
}
