#include "lang/eval.h"

#include <string.h>

#include "lang/eval_run.h"
#include "lang/identity.h"

/* A whole program becomes a graph: once without facts, for the ids of worlds,
 * and once with what is known. */

/* ---- inputs ------------------------------------------------------------------------- */

static bool secret_type(const struct type *t)
{
    for (; t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET); t = t->elem)
        if (t->kind == TYPE_K_SECRET)
            return true;
    return false;
}

static struct value *input(struct eval *ev, const struct decl *d)
{
    struct value *v = ev->m->args->inputs ? map_find(ev->m->args->inputs, d->name.text) : NULL;
    if (!v && d->value)
        v = eval_at(ev, d->value, (struct here){NULL, ev->m->root});
    if (!v || poisoned(v))
        return v;
    if (!v->span.file)
        v = value_at_span(ev, v, d->name.span);
    const struct type *t = d->type ? type_resolve(ev->p, ev->m->root->scope, d->type) : NULL;
    if (!t)
        return v;
    v = eval_coerce(ev, t, v, d->name.text);
    if (v && ev->m->residual && secret_type(t) && v->kind != V_NONE) {
        /* a secret is its locator, never its value */
        struct span span = v->span;
        v = value_ref(ev->a, "input", NULL, d->name.text);
        ev->m->closed = true;
        v->secret = true;
        v->span = span;
    }
    return v ? v : poison(ev);
}

static void inputs(struct eval *ev)
{
    struct program *p = ev->p;
    struct diag *missing = NULL;
    ev->m->inputs = value_map(ev->a);
    for (size_t i = 0; i < p->inputs.n; i++) {
        const struct decl *d = p->inputs.at[i];
        struct value *v = input(ev, d);
        if (v) {
            value_put(ev->m->inputs, d->name.text, v);
            continue;
        }
        if (!missing) {
            missing = eval_error(ev, "BG1501", d->name.span, "the input `%s` has no value",
                                 d->name.text);
            diag_at(ev->ds, missing, "it has no default");
        } else {
            diag_label(ev->ds, missing, d->name.span, "nor has this");
        }
        diag_help(ev->ds, missing, "give it with `-i %s=...`, in the file of `--env`, or in "
                                   "BGC_INPUT_%s", d->name.text, d->name.text);
        value_put(ev->m->inputs, d->name.text, poison(ev));
    }
    const struct map *given = ev->m->args->inputs;
    for (size_t i = 0; given && i < given->n; i++) {
        const struct symbol *s = map_find(&p->root->symbols, given->entries[i].key);
        if (!s || s->decl->kind != DECL_INPUT)
            eval_error(ev, "BG1502", NO_SPAN, "there is no input `%s`", given->entries[i].key);
    }
}

/* ---- stack, accounts ----------------------------------------------------------------- */

static const struct arg *setting(const struct decl *d, const char *name)
{
    for (const struct arg *g = d ? d->fields : NULL; g; g = g->next)
        if (g->name.text && !strcmp(g->name.text, name))
            return g;
    return NULL;
}

/* A text that must be known at once; NULL: not said, or reported. */
static const char *text_of(struct eval *ev, const struct decl *d, const char *name)
{
    const struct arg *g = setting(d, name);
    struct value *v = g ? eval_at(ev, g->value, (struct here){NULL, ev->m->root}) : NULL;
    if (!v || poisoned(v) || v->kind == V_NONE)
        return NULL;
    if (v->kind == V_STRING && !v->secret)
        return v->s;
    struct diag *e = eval_error(ev, "BG1533", g->value->span,
                                "`%s` is a string that is known at once", name);
    diag_at(ev->ds, e, "this is %s", value_unknown(v)  ? "not known yet"
                                     : v->secret ? "secret"
                                                 : kind_named(v->kind));
    return NULL;
}

static void stack(struct eval *ev)
{
    struct graph *g = ev->m->g;
    const struct decl *d = ev->p->stack;
    if (d) {
        g->stack = d->name.text;
        g->region = text_of(ev, d, "region");
        g->account_id = text_of(ev, d, "account");
        g->store = text_of(ev, d, "store");
        const struct arg *tags = setting(d, "tags");
        struct value *v = tags ? eval_at(ev, tags->value, (struct here){NULL, ev->m->root}) : NULL;
        if (v && value_secret(v))
            eval_error(ev, "BG1506", tags->value->span, "tags are no place for a secret");
        else if (v && v->kind == V_MAP)
            g->tags = v;
        else if (v && !poisoned(v))
            eval_error(ev, "BG1533", tags->value->span, "`tags` is a record of strings");
    }
    vec_push(ev->a, &g->accounts, (struct account){NULL, NULL, g->region});
    for (size_t i = 0; i < ev->p->accounts.n; i++) {
        const struct decl *a = ev->p->accounts.at[i];
        vec_push(ev->a, &g->accounts,
                 (struct account){a->name.text, text_of(ev, a, "role"), text_of(ev, a, "region")});
    }
}

/* ---- shared and worlds ------------------------------------------------------------------ */

static struct frame *fixed_frame(struct eval *ev, const struct scope *s, const char *prefix,
                                 const char *world)
{
    struct frame *f = frame_new(ev->m, s, prefix, world);
    vec_push(ev->a, &ev->m->frames, f);
    return f;
}

static const struct symbol *world_symbol(struct eval *ev, const struct decl *d)
{
    const struct symbol *s = map_find(&ev->p->root->symbols, d->name.text);
    return s && s->decl == d && s->body ? s : NULL;
}

static void frames(struct eval *ev)
{
    const struct scope *root = ev->p->root;
    ev->m->root = fixed_frame(ev, root, NULL, NULL);
    if (root->shared)
        fixed_frame(ev, root->shared, "shared", NULL);
    for (size_t i = 0; i < ev->p->worlds.n; i++) {
        const struct decl *d = ev->p->worlds.at[i];
        const struct symbol *s = world_symbol(ev, d);
        if (!s)
            continue;
        fixed_frame(ev, s->body, d->name.text, d->name.text);
        struct world *w = arena_make(ev->a, struct world);
        w->name = d->name.text;
        w->id = "";
        w->encoding = IDENTITY_ENCODING;
        w->span = d->name.span;
        vec_push(ev->a, &ev->m->g->worlds, w);
    }
}

static void entry(struct eval *ev, const struct symbol *s)
{
    struct world *w = graph_world(ev->m->g, s->name);
    const struct decl *d = s->body->entry;
    if (!w || !d)
        return;
    struct value *v = eval_at(ev, d->value, (struct here){NULL, frame_of(ev, NULL, s->body)});
    if (poisoned(v))
        return;
    if (v->kind == V_REF && !v->ref.field) {
        w->entry = v->ref.address;
        return;
    }
    if (value_unknown(v)) /* its keys wait for an answer */
        return;
    struct diag *e = eval_error(ev, "BG1582", d->value->span, "an entry is one resource");
    diag_at(ev->ds, e, "this is %s", kind_named(v->kind));
}

static void bodies(struct eval *ev)
{
    const struct scope *root = ev->p->root;
    frame_fill(ev, ev->m->root, root->file ? root->file->decls : NULL);
    for (const struct decl *d = root->file ? root->file->decls : NULL; d; d = d->next) {
        if (d->kind == DECL_SHARED && root->shared) {
            frame_fill(ev, frame_of(ev, NULL, root->shared), d->body);
        } else if (d->kind == DECL_WORLD) {
            const struct symbol *s = world_symbol(ev, d);
            if (s)
                frame_fill(ev, frame_of(ev, NULL, s->body), d->body);
        }
    }
    for (size_t i = 0; i < ev->p->worlds.n; i++) {
        const struct symbol *s = world_symbol(ev, ev->p->worlds.at[i]);
        if (s)
            entry(ev, s);
    }
}

/* ---- traffic, gates, rollouts, outputs --------------------------------------------------- */

static void schedule(struct eval *ev)
{
    struct program *p = ev->p;
    struct graph *g = ev->m->g;
    struct here here = {NULL, ev->m->root};
    for (size_t i = 0; i < p->traffics.n; i++) {
        const struct decl *d = p->traffics.at[i];
        const struct decl *type = program_type(p, d->path);
        struct traffic *t = arena_make(ev->a, struct traffic);
        t->world = d->name.text;
        t->kind = d->path;
        t->decl = d;
        t->items = type ? type->items : NULL;
        t->props = node_props(ev, d, type ? type_of_resource(p, type, false) : NULL, here);
        if (value_secret(t->props))
            eval_error(ev, "BG1506", d->name.span, "where traffic goes cannot be secret");
        vec_push(ev->a, &g->traffics, t);
    }
    for (size_t i = 0; i < p->gates.n; i++) {
        const struct decl *d = p->gates.at[i];
        struct gate *gate = arena_make(ev->a, struct gate);
        gate->name = d->name.text;
        gate->ast = d->gate;
        gate->span = d->name.span;
        for (const struct check_ast *c = d->gate ? d->gate->checks : NULL; c; c = c->next)
            vec_push(ev->a, &gate->checks,
                     (struct check){c->name.text, closure_new(ev->a, c->cond, here, false), c});
        vec_push(ev->a, &g->gates, gate);
    }
    for (size_t i = 0; i < p->rollouts.n; i++) {
        const struct decl *d = p->rollouts.at[i];
        struct rollout *r = arena_make(ev->a, struct rollout);
        r->world = d->name.text;
        r->as = d->as.text;
        r->decl = d;
        r->steps = d->steps;
        for (const struct step_ast *s = d->steps; s; s = s->next)
            if (s->kind == STEP_RETIRE && s->cond)
                r->retire_when = closure_new(ev->a, s->cond, here, true);
        vec_push(ev->a, &g->rollouts, r);
    }
    for (size_t i = 0; i < p->outputs.n; i++) {
        const struct decl *d = p->outputs.at[i];
        struct value *v = eval_at(ev, d->value, here);
        if (poisoned(v))
            continue;
        if (value_secret(v) && !d->secret) {
            struct diag *e = eval_error(ev, "BG1506", d->value->span, "output `%s` is secret",
                                        d->name.text);
            diag_help(ev->ds, e, "write `output secret %s = ...`: that it is there is shown, its "
                                 "value never", d->name.text);
        }
        map_put(&g->outputs, d->name.text, v);
    }
}

/* ---- the two evaluations -------------------------------------------------------------------- */

static struct graph *build(struct program *p, struct arena *a, const struct eval_args *args,
                           bool residual)
{
    struct machine *m = arena_make(a, struct machine);
    struct graph *g = arena_make(a, struct graph);
    m->p = p;
    m->a = a;
    m->g = g;
    m->args = args;
    m->pins = (struct map *)args->pins;
    m->residual = residual;
    g->program = p;
    g->machine = m;
    map_init(&g->by_address, a);
    map_init(&g->outputs, a);
    struct eval ev = {.m = m, .p = p, .a = a, .ds = p->ds, .memory = arena_used(a),
                      .facts = residual ? NULL : args->facts};
    size_t errors = p->ds->errors;
    p->matching = 0;
    frames(&ev);
    inputs(&ev);
    g->inputs = m->inputs;
    stack(&ev);
    bodies(&ev);
    schedule(&ev);
    nodes_link(&ev);
    if (!residual)
        nodes_want(&ev);
    m->args = NULL; /* the caller's; nothing later reads it */
    return m->poisoned || p->ds->errors > errors ? NULL : g;
}

/* The same nodes in lists of their own: later layers add to a graph (what gates
 * imply), and the residual one must not change by that. */
static struct graph *graph_copy(struct arena *a, const struct graph *from)
{
    struct graph *g = arena_make(a, struct graph);
    *g = *from;
    g->nodes.at = NULL;
    g->nodes.n = g->nodes.cap = 0;
    for (size_t i = 0; i < from->nodes.n; i++)
        vec_push(a, &g->nodes, from->nodes.at[i]);
    map_clone(&g->by_address, &from->by_address);
    g->worlds.at = NULL;
    g->worlds.n = g->worlds.cap = 0;
    for (size_t i = 0; i < from->worlds.n; i++) {
        struct world *w = arena_make(a, struct world);
        *w = *from->worlds.at[i];
        w->nodes.at = NULL;
        w->nodes.n = w->nodes.cap = 0;
        for (size_t k = 0; k < from->worlds.at[i]->nodes.n; k++)
            vec_push(a, &w->nodes, from->worlds.at[i]->nodes.at[k]);
        vec_push(a, &g->worlds, w);
    }
    return g;
}

/* Without facts, the residual graph of a program in which nothing had to stay
 * closed is the graph itself. */
static struct graph *opened(const struct graph *residual, const struct eval_args *args)
{
    struct machine *m = residual->machine;
    if (m->closed || m->waiting.n || (args->facts && args->facts->by_address.n))
        return NULL;
    struct graph *g = graph_copy(m->a, residual);
    m->residual = false;
    m->g = g;
    struct eval ev = {.m = m, .p = m->p, .a = m->a, .ds = m->p->ds, .memory = arena_used(m->a)};
    nodes_want(&ev);
    return g;
}

struct graph *eval_program(struct program *p, struct arena *a, const struct eval_args *args)
{
    static const struct eval_args nothing = {0};
    if (!args)
        args = &nothing;
    if (!p->root)
        return NULL;
    struct graph *residual = build(p, a, args, true);
    struct graph *g = residual ? opened(residual, args) : NULL;
    if (residual && !g)
        g = build(p, a, args, false);
    if (!g)
        return NULL;
    size_t errors = p->ds->errors;
    g->residual = residual;
    for (size_t i = 0; i < g->worlds.n; i++)
        g->worlds.at[i]->id = identity_world(a, g, g->worlds.at[i], 0);
    return p->ds->errors > errors ? NULL : g;
}
