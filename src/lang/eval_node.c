#include <string.h>

#include "lang/eval_state.h"

/* Nodes: the fields of resources, who depends on whom, and which answers are wanted. */

/* ---- fields ------------------------------------------------------------------------- */

static const struct arg *field_arg(const struct decl *d, const char *name)
{
    for (const struct arg *g = d->fields; g; g = g->next)
        if (g->name.text && names_equal(g->name.text, name))
            return g;
    return NULL;
}

static void unknown_fields(struct eval *ev, const struct decl *d, const struct type *t)
{
    for (const struct arg *g = d->fields; g; g = g->next) {
        if (!g->name.text || type_member(t, g->name.text))
            continue;
        struct diag *e = eval_error(ev, "BG1520", g->name.span, "%s has no field `%s`", d->path,
                                    g->name.text);
        VEC(const char *) names = {0};
        for (size_t i = 0; i < t->fields.n; i++)
            vec_push(ev->a, &names, t->fields.at[i].name);
        diag_did_you_mean(ev->ds, e, g->name.span, g->name.text, names.at, names.n);
    }
}

static bool put_field(struct eval *ev, struct value *props, const struct type_member *m,
                      struct value *v)
{
    if (poisoned(v))
        return false;
    /* none means the default, or that the field is not managed */
    if (v->kind == V_NONE && (m->dflt || m->type->kind == TYPE_K_OPTION))
        return true;
    v = eval_coerce(ev, m->type, v, m->name);
    if (!v) {
        ev->m->poisoned = true;
        return false;
    }
    if (value_secret(v) && !strcmp(m->name, "name")) {
        struct diag *d = eval_error(ev, "BG1506", v->span, "a name cannot be secret");
        diag_help(ev->ds, d, "names stand in plans, logs and addresses: anybody may see them");
        return false;
    }
    value_put(props, m->name, v);
    return true;
}

/* Only what the author wrote, in the order of the type's fields. */
struct value *node_props(struct eval *ev, const struct decl *d, const struct type *t,
                         struct here here)
{
    size_t n = 0;
    for (const struct arg *g = d->fields; g; g = g->next)
        n++;
    struct value *props = map_for(ev, n);
    props->span = d->span;
    if (!t || t->kind != TYPE_K_RECORD) { /* a stdlib module, closed: arguments as written */
        for (const struct arg *g = d->fields; g; g = g->next) {
            struct value *v = eval_at(ev, g->value, here);
            if (!poisoned(v) && v->kind != V_NONE)
                value_put(props, g->name.text, v);
        }
        return props;
    }
    unknown_fields(ev, d, t);
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct type_member *m = &t->fields.at[i];
        const struct arg *g = field_arg(d, m->name);
        if (g) {
            put_field(ev, props, m, eval_at(ev, g->value, here));
        } else if (!m->dflt && m->type->kind != TYPE_K_OPTION) {
            eval_error(ev, "BG1580", d->name.span.file ? d->name.span : d->span,
                       "`%s` needs the field `%s`", d->name.text, m->name);
        }
    }
    return props;
}

/* ---- nodes -------------------------------------------------------------------------- */

/* `keep` of an instance holds for what is inside. */
static void keep_of(struct node *n, const struct decl *d, const struct frame *f)
{
    for (; !d->keep && f && f->decl; f = f->caller)
        d = f->decl;
    n->keep = d->keep;
    n->keep_for = d->keep_for;
}

static void active_of(struct node *n, const struct decl *d, const struct frame *f)
{
    for (; !d->active && f && f->decl; f = f->caller)
        d = f->decl;
    n->active = d->active;
    n->active_from = d->active_from;
}

struct mentions {
    struct arena *a;
    struct node *node;
};

static void mention(void *self, const struct value *ref)
{
    struct mentions *m = self;
    const char *address = ref->kind == V_METRIC ? ref->metric.address : ref->ref.address;
    size_t n = m->node->deps.n;
    if (!n || m->node->deps.at[n - 1] != address)
        vec_push(m->a, &m->node->deps, address);
}

static void node_make(struct eval *ev, struct unit *u, struct member *m, const struct type *t)
{
    const struct decl *d = u->decl;
    struct graph *g = ev->m->g;
    struct node *n = arena_make(ev->a, struct node);
    n->address = m->address;
    const char *dot = strrchr(u->address, '.');
    n->name = dot ? dot + 1 : u->address;
    if (m->key)
        n->name = arena_printf(ev->a, "%s[\"%s\"]", n->name, m->key);
    n->world = u->frame->world;
    n->type = d->path;
    n->decl = d;
    n->span = d->name.span;
    n->account = d->in.text ? d->in.text : u->frame->account;
    n->existing = d->kind == DECL_EXISTING;
    n->set = d->set;
    n->pin = d->pin;
    n->pinned = d->pin && ev->m->pins ? map_find(ev->m->pins, n->address) : NULL;
    keep_of(n, d, u->frame);
    active_of(n, d, u->frame);
    n->keys = u->open_keys ? u->open_keys : u->frame->keys;
    n->when = u->open_when ? u->open_when : u->frame->when;
    n->module = u->closed;
    n->props = node_props(ev, d, t, (struct here){m->env, u->frame});
    /* now, while they are in the cache; nodes_link keeps those that are nodes */
    eval_each_ref(n->props, mention, &(struct mentions){ev->a, n});
    vec_push(ev->a, &g->nodes, n);
    map_put(&g->by_address, n->address, n);
    for (size_t i = 0; i < g->worlds.n; i++)
        if (n->world && !strcmp(g->worlds.at[i]->name, n->world))
            vec_push(ev->a, &g->worlds.at[i]->nodes, n);
}

static void nodes_of(struct eval *ev, struct unit *u)
{
    const struct type *t = NULL;
    if (!u->module && !u->closed) {
        const struct decl *type = program_type(ev->p, u->decl->path);
        t = type ? type_of_resource(ev->p, type, u->decl->kind == DECL_EXISTING) : NULL;
        if (!t) {
            ev->m->poisoned = true;
            return;
        }
    }
    for (size_t i = 0; i < u->members.n && eval_step(ev, u->decl->name.span); i++) {
        struct member *m = &u->members.at[i];
        if (u->module)
            frame_fill(ev, m->instance, u->module->decl->body);
        else
            node_make(ev, u, m, t);
    }
}

static void check_assert(struct eval *ev, const struct decl *d, struct here here)
{
    struct value *v = eval_at(ev, d->value, here);
    if (poisoned(v) || value_unknown(v) || (v->kind == V_BOOL && v->b))
        return;
    if (v->kind != V_BOOL) {
        struct diag *e = eval_error(ev, "BG1515", d->value->span, "a condition is true or false");
        diag_at(ev->ds, e, "this is %s", kind_named(v->kind));
        return;
    }
    struct diag *e = eval_error(ev, "BG1550", d->value->span, "%s",
                                d->path2 ? d->path2 : "an assertion does not hold");
    diag_at(ev->ds, e, "this is false");
}

/* NULL: another declaration has its name. Symbols mostly stand in the order of their
 * declarations, so the one behind the last is tried before the name is looked up. */
static const struct symbol *symbol_of(const struct scope *s, const struct decl *d, size_t *next)
{
    const struct symbol *y = *next < s->symbols.n ? s->symbols.entries[*next].value : NULL;
    if (!y || y->decl != d)
        y = map_find(&s->symbols, d->name.text);
    if (!y || y->decl != d)
        return NULL;
    *next = y->ordinal + 1;
    return y;
}

/* Large scopes: what doubles leaves its halves behind. */
static void reserve(struct machine *m, const struct frame *f)
{
    enum { LARGE = 64 };
    size_t n = f->scope->symbols.n;
    if (n < LARGE)
        return;
    map_reserve(&m->g->by_address, m->g->by_address.n + n);
}

void frame_fill(struct eval *ev, struct frame *f, const struct decl *body)
{
    struct here here = {f->params, f};
    reserve(ev->m, f);
    if (f->module && !eval_enter(ev, f->decl ? f->decl->name.span : NO_SPAN))
        return;
    size_t next = 0;
    for (const struct decl *d = body; d && !ev->dead; d = d->next) {
        struct unit *u;
        const struct symbol *sym;
        switch (d->kind) {
        case DECL_RESOURCE:
        case DECL_EXISTING:
            sym = symbol_of(f->scope, d, &next);
            u = sym ? unit_of(ev, f, sym, d->name.span) : NULL;
            if (u)
                nodes_of(ev, u);
            break;
        case DECL_LET: /* also what nobody uses: its errors are errors */
            sym = symbol_of(f->scope, d, &next);
            if (sym)
                eval_symbol(ev, sym, here, d->name.span);
            break;
        case DECL_ASSERT: check_assert(ev, d, here); break;
        default: break;
        }
    }
    /* an instance's outs too */
    if (f->module)
        for (const struct decl *d = body; d && !ev->dead; d = d->next)
            if (d->kind == DECL_OUT)
                eval_at(ev, d->value, here);
    ev->depth -= f->module != NULL;
}

/* ---- who depends on whom ---------------------------------------------------------------- */

struct nodes {
    VEC(struct node *) list;
};

enum { FEW = 16 }; /* so many are compared one by one */

struct linking {
    struct eval *ev;
    struct node *node;
    struct nodes *deps; /* of all nodes, in their order: looked up once */
    struct map seen; /* of those beyond FEW: address */
};

/* In the place of what was mentioned: there are never more. */
static void add_dep(struct linking *l, const char *mentioned)
{
    struct node *to = graph_find(l->ev->m->g, mentioned);
    if (!to)
        return;
    to->named = true;
    size_t n = l->node->deps.n;
    for (size_t i = 0; i < n && i < FEW; i++)
        if (l->node->deps.at[i] == to->address)
            return;
    if (n >= FEW && !l->seen.arena)
        map_init(&l->seen, l->ev->a);
    if (n < FEW || !map_put(&l->seen, to->address, l->node)) {
        l->node->deps.at[l->node->deps.n++] = to->address;
        vec_push(l->ev->a, &l->deps->list, to);
    }
}

enum colour { WHITE, GREY, BLACK }; /* of node.walked */

struct walk {
    struct eval *ev;
    VEC(struct node *) path;
};

static void report_cycle(struct walk *w, const struct node *to)
{
    size_t from = 0;
    while (from < w->path.n && w->path.at[from] != to)
        from++;
    struct buf text;
    buf_init(&text, w->ev->a);
    for (size_t i = from; i < w->path.n; i++)
        buf_printf(&text, "%s -> ", w->path.at[i]->address);
    buf_puts(&text, to->address);
    struct diag *d = eval_error(w->ev, "BG1541", to->span,
                                "resources depend on one another in a circle");
    diag_at(w->ev->ds, d, "%s", buf_text(&text));
    for (size_t i = from; i < w->path.n; i++)
        if (w->path.at[i] != to)
            diag_label(w->ev->ds, d, w->path.at[i]->span, "through this one");
    diag_help(w->ev->ds, d, "one of them must not name the next: none of them could be made first");
}

/* Depth first, with a stack of our own: chains may be long. */
static void find_cycles(struct eval *ev, const struct nodes *deps)
{
    struct graph *g = ev->m->g;
    struct walk w = {.ev = ev};
    size_t *next = arena_array(ev->a, size_t, g->nodes.n + 1);
    for (size_t i = 0; i < g->nodes.n; i++) {
        if (g->nodes.at[i]->walked != WHITE)
            continue;
        w.path.n = 0;
        vec_push(ev->a, &w.path, g->nodes.at[i]);
        next[0] = 0;
        g->nodes.at[i]->walked = GREY;
        while (w.path.n) {
            struct node *n = w.path.at[w.path.n - 1];
            size_t *k = &next[w.path.n - 1];
            if (*k >= n->deps.n) {
                n->walked = BLACK;
                w.path.n--;
                continue;
            }
            struct node *to = deps->list.at[n->linked + (*k)++];
            if (to->walked == GREY)
                report_cycle(&w, to);
            if (to->walked != WHITE)
                continue;
            to->walked = GREY;
            vec_push(ev->a, &w.path, to);
            next[w.path.n - 1] = 0;
        }
    }
}

/* ---- what is wanted --------------------------------------------------------------------- */

static void check_query(struct eval *ev, const struct node *n)
{
    for (size_t i = 0; i < n->deps.n; i++) {
        const struct node *to = graph_find(ev->m->g, n->deps.at[i]);
        if (to->existing)
            continue;
        struct diag *d = eval_error(ev, "BG2502", n->span,
                                    "the query of `%s` depends on what this plan makes",
                                    n->address);
        diag_label(ev->ds, d, to->span, "`%s` is made by apply", to->address);
        diag_help(ev->ds, d, "an `existing` is looked up before anything is made: use `%s` itself",
                  to->address);
        return;
    }
}

/* Whether its query can be asked now: everything that it names has been answered. */
static bool askable(struct eval *ev, const struct node *n)
{
    bool ready = value_known(n->props);
    for (size_t i = 0; i < n->deps.n && ready; i++) {
        const struct node *to = graph_find(ev->m->g, n->deps.at[i]);
        ready = to->existing && ev->facts && facts_find(ev->facts, to->address);
    }
    return ready;
}

static void find_wanted(struct eval *ev)
{
    struct graph *g = ev->m->g;
    for (size_t i = 0; i < g->nodes.n; i++) {
        struct node *n = g->nodes.at[i];
        if (!n->existing || (ev->facts && facts_find(ev->facts, n->address)))
            continue;
        if (askable(ev, n))
            vec_push(ev->a, &g->wanted, n);
    }
}

static void report_waiting(struct eval *ev)
{
    for (size_t i = 0; i < ev->m->waiting.n; i++) {
        const struct unit *u = ev->m->waiting.at[i];
        const struct expr *x = u->open_keys ? u->decl->key_set : u->decl->when;
        const struct value *v = u->open_keys ? u->open_keys : u->open_when;
        struct diag *d = eval_error(ev, "BG2501", x->span,
                                    "%s of `%s` must be known before anything is done",
                                    u->open_keys ? "the keys" : "the condition", u->address);
        const char *why = eval_why_unknown(ev->a, v);
        diag_at(ev->ds, d, "known only %s", why ? why : "later");
    }
}

void nodes_link(struct eval *ev)
{
    struct graph *g = ev->m->g;
    struct nodes deps = {0};
    for (size_t i = 0; i < g->nodes.n; i++) {
        struct linking l = {.ev = ev, .node = g->nodes.at[i], .deps = &deps};
        l.node->linked = (uint32_t)deps.list.n;
        size_t mentioned = l.node->deps.n;
        l.node->deps.n = 0;
        for (size_t k = 0; k < mentioned; k++)
            add_dep(&l, l.node->deps.at[k]);
    }
    find_cycles(ev, &deps);
    for (size_t i = 0; i < g->nodes.n; i++)
        if (g->nodes.at[i]->existing)
            check_query(ev, g->nodes.at[i]);
}

void nodes_want(struct eval *ev)
{
    struct graph *g = ev->m->g;
    find_wanted(ev);
    g->waiting = ev->m->waiting.n > 0;
    if (g->waiting && !g->wanted.n && !ev->m->poisoned)
        report_waiting(ev);
}
