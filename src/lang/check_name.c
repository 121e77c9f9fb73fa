#include <inttypes.h>
#include <string.h>

#include "lang/check_state.h"
#include "lang/mock.h"
#include "lang/print.h"

/* ---- reasons --------------------------------------------------------- */

static const struct cause *cause_of(struct arena *a, struct span span, const char *text,
                                    const char *name, struct span at, const struct cause *next)
{
    struct cause *w = arena_make(a, struct cause);
    *w = (struct cause){next, span, text, name, at};
    return w;
}

void note_needs(const struct at *at, uint64_t params)
{
    const struct scope *s = at->scope;
    while (s && s->kind != SCOPE_MODULE)
        s = s->parent;
    if (!s || !params || !s->name)
        return;
    const struct symbol *module = s->parent ? map_find(&s->parent->symbols, s->name) : NULL;
    if (module && module->body == s && module->checked)
        ((struct module_memo *)module->checked)->needs_plan |= params;
}

/* ---- what a name may not see ----------------------------------------- */

static const struct scope *within(const struct scope *s, enum scope_kind k)
{
    while (s && s->kind != k)
        s = s->parent;
    return s;
}

static struct span name_span(const struct decl *d)
{
    return d->name.span.file ? d->name.span : d->span;
}

/* Something of a world is named where it cannot be seen. */
static struct typed hidden_world(const struct at *at, struct span span, const struct symbol *y,
                                 const char *world)
{
    struct checker *c = at->c;
    const struct scope *own = within(at->scope, SCOPE_WORLD);
    bool whole = y->decl->kind == DECL_WORLD;
    struct diag *d;
    if (own) {
        d = diag_error(c->ds, "BG3003", span, "a world cannot see another world");
        if (whole && own->name == world) {
            d->message = "a world is not named from within";
            diag_help(c->ds, d, "write the names of its resources alone: they mean the same world");
        } else {
            diag_help(c->ds, d, "put what both need into `shared`, or into one world");
        }
    } else {
        d = diag_error(c->ds, "BG3001", span, "shared code cannot see a world");
        diag_help(c->ds, d, "move this %s into `world %s`",
                  within(at->scope, SCOPE_MODULE) ? "module's use" : "resource", world);
    }
    diag_at(c->ds, d, "exists once per colour");
    diag_label(c->ds, d, name_span(y->decl), whole ? "world `%s` is declared here"
                                                   : "declared in world `%s` here", world);
    return typed_poison();
}

/* A `let` of the root that speaks of a world, used where no world is seen. */
static struct typed hidden_behind(const struct at *at, struct span span, const struct symbol *y,
                                  const struct mention *m)
{
    struct checker *c = at->c;
    bool own = within(at->scope, SCOPE_WORLD) != NULL;
    struct diag *d = diag_error(c->ds, own ? "BG3003" : "BG3001", span,
                                own ? "a world cannot see a world from outside"
                                    : "shared code cannot see a world");
    diag_at(c->ds, d, "`%s` exists once per colour", y->name);
    diag_label(c->ds, d, m->span, "because it names `%s` here", m->symbol->name);
    diag_help(c->ds, d, own ? "write the value in the world, with the names of its resources"
                            : "move what uses it into the world");
    return typed_poison();
}

/* ---- declarations as values ------------------------------------------ */

static const struct type *instance_type(struct checker *c, const struct symbol *module)
{
    struct type *t = arena_make(c->a, struct type);
    t->kind = TYPE_K_INSTANCE;
    t->module = module;
    t->name = module->name;
    return t;
}

static struct subject *subject_new(const struct at *at, const struct symbol *y,
                                   const struct decl *type, bool live)
{
    struct subject *s = arena_make(at->c->a, struct subject);
    const struct scope *w = within(y->scope, SCOPE_WORLD);
    *s = (struct subject){y, w ? w->name : NULL, live, type, NULL};
    return s;
}

/* What a declaration is worth is worked out once; `busy` finds circles. */
struct memo {
    bool busy, done;
    struct typed is;
};

/* The phases of the arguments that a module's instance was given. Mistakes in
 * them are reported where the instance is declared, so they are muted here. */
static void join_arguments(const struct at *at, const struct symbol *y, struct typed *t)
{
    struct checker *c = at->c;
    struct diags *loud = c->ds, quiet;
    struct at in = {.c = c, .scope = y->scope};
    diags_init(&quiet, c->a, loud->sources);
    c->ds = &quiet;
    for (const struct arg *g = y->decl->fields; g; g = g->next)
        if (g->value && g->value->kind != EXPR_LITERAL) {
            struct typed v = check_at(&in, g->value, NULL, NULL);
            if (g->name.text)
                leaf_add(&in, t, g->name.text, v);
            t->deep = v.phase > t->deep ? v.phase : t->deep;
            t->deep = v.deep > t->deep ? v.deep : t->deep;
            t->params |= v.params;
            t->why = t->why ? t->why : v.why;
        }
    c->ds = loud;
}

static struct typed resource_value(const struct at *at, const struct symbol *y)
{
    struct checker *c = at->c;
    const struct decl *d = y->decl;
    struct typed t = typed_poison();
    if (!d->path)
        return t;
    const struct symbol *module = program_module(c->p, y->scope, d->path);
    const struct decl *type = module ? NULL : program_type(c->p, d->path);
    if (module) {
        t.type = instance_type(c, module);
        join_arguments(at, y, &t);
    } else if (type && type_is_resource(type)) {
        t.type = type_ref(c->p, d->path);
        t.deep = d->kind == DECL_EXISTING ? PHASE_PLAN : PHASE_APPLY;
        if (!d->key_set && !d->set)
            t.subject = subject_new(at, y, type, false);
    } else {
        return t; /* reported where it is declared */
    }
    if (d->key_set)
        t.type = type_of(c->a, TYPE_K_MAP, t.type);
    else if (d->set)
        t.type = type_of(c->a, TYPE_K_LIST, t.type);
    else if (d->when)
        t.type = type_of(c->a, TYPE_K_OPTION, t.type);
    t.shape = d->kind == DECL_EXISTING && d->set ? PHASE_PLAN : PHASE_CONST;
    t.phase = t.shape;
    return t;
}

static struct typed let_value(const struct at *at, const struct symbol *y)
{
    struct at in = {.c = at->c, .scope = y->scope};
    return check_at(&in, y->decl->value, NULL, NULL);
}

static struct typed input_value(const struct at *at, const struct symbol *y)
{
    struct typed t = typed_of(type_resolve(at->c->p, y->scope, y->decl->type));
    if (y->scope->kind != SCOPE_MODULE)
        return t;
    uint64_t bit = 1;
    for (size_t i = 0; i < y->scope->symbols.n && i < 63; i++, bit <<= 1)
        if (y->scope->symbols.entries[i].value == y)
            t.params = bit;
    return t;
}

static struct typed once(const struct at *at, const struct symbol *y, struct span span)
{
    struct symbol *keeper = (struct symbol *)(uintptr_t)y;
    struct checker *c = at->c;
    struct memo *m = y->checked;
    if (m && m->busy) {
        /* A resource that is made of itself is found when the graph is ordered. */
        if (y->decl->kind == DECL_LET) {
            struct diag *d = diag_error(c->ds, "BG1024", span, "`%s` is made of itself", y->name);
            diag_label(c->ds, d, name_span(y->decl), "declared here");
        }
        return typed_poison();
    }
    if (!m) {
        /* Whoever asks first may be muted; what is found here is said all the same. */
        struct diags *ds = c->ds;
        c->ds = c->p->ds;
        m = arena_make(c->a, struct memo);
        keeper->checked = m;
        m->busy = true;
        m->is = y->decl->kind == DECL_LET     ? let_value(at, y)
                : y->decl->kind == DECL_INPUT ? input_value(at, y)
                                              : resource_value(at, y);
        m->busy = false;
        m->done = true;
        c->ds = ds;
    }
    struct typed t = m->is;
    if (y->decl->kind == DECL_LET && t.phase > PHASE_PLAN)
        t.why = cause_of(c->a, span, arena_printf(c->a, "through `%s`", y->name), y->name,
                         name_span(y->decl), t.why);
    return t;
}

static struct typed no_value(const struct at *at, const struct symbol *y, struct span span)
{
    static const char *const words[] = {
        [DECL_FN] = "a function", [DECL_MODULE] = "a module", [DECL_TYPE] = "a type",
        [DECL_USE] = "an imported file",
    };
    struct diag *d = diag_error(at->c->ds, "BG1004", span, "`%s` is %s, not a value", y->name,
                                words[y->decl->kind]);
    diag_label(at->c->ds, d, name_span(y->decl), "declared here");
    if (y->decl->kind == DECL_FN)
        diag_help(at->c->ds, d, "call it: `%s(...)`", y->name);
    return typed_poison();
}

struct typed value_at_symbol(const struct at *at, const struct symbol *y, struct span span)
{
    struct typed t;
    switch (y->decl->kind) {
    case DECL_INPUT:
    case DECL_LET:
    case DECL_EXISTING:
    case DECL_RESOURCE: t = once(at, y, span); break;
    case DECL_WORLD: {
        struct type *w = arena_make(at->c->a, struct type);
        w->kind = TYPE_K_WORLD;
        w->name = y->name;
        t = typed_of(w);
        struct mention *m = arena_make(at->c->a, struct mention);
        *m = (struct mention){y, span};
        t.world = m;
        break;
    }
    case DECL_FN:
    case DECL_MODULE:
    case DECL_TYPE:
    case DECL_USE: return no_value(at, y, span);
    default: return typed_poison();
    }
    return t;
}

struct typed type_at_symbol(const struct at *at, const struct symbol *y, struct span span)
{
    mark_used(at->c, y->decl);
    return value_at_symbol(at, y, span);
}

/* ---- names ----------------------------------------------------------- */

static const struct {
    const char *name;
    enum site site;
    enum type_kind type;
} scheduled[] = {
    {"requests", SITE_RETIRE, TYPE_K_RATE},
    {"outcome", SITE_EXPECT, TYPE_K_STRING},
    {"lost", SITE_EXPECT, TYPE_K_PERCENT},
    {"restored", SITE_EXPECT, TYPE_K_DURATION},
    {"took", SITE_EXPECT, TYPE_K_DURATION},
    {"share", SITE_EXPECT, TYPE_K_PERCENT},
    {"failed", SITE_EXPECT, TYPE_K_STRING},
};

static const char *const outcomes[] = {"applied", "unchanged", "rolled_back", "paused", "failed"};

/* Names that only the schedule knows. */
static bool scheduled_name(const struct at *at, const char *name, struct typed *out)
{
    struct arena *a = at->c->a;
    for (size_t i = 0; i < sizeof scheduled / sizeof *scheduled; i++) {
        if (scheduled[i].site != at->site || strcmp(scheduled[i].name, name) != 0)
            continue;
        *out = typed_of(type_simple(scheduled[i].type));
        if (!strcmp(name, "outcome")) {
            struct type *t = arena_make(a, struct type);
            t->kind = TYPE_K_UNION;
            for (size_t k = 0; k < sizeof outcomes / sizeof *outcomes; k++)
                vec_push(a, &t->items, type_of_literal(a, value_string(a, outcomes[k])));
            out->type = t;
        }
        out->phase = out->shape = PHASE_RUN;
        return true;
    }
    return false;
}

/* The world in which `name` is declared, when it is only seen there. */
static const struct symbol *in_some_world(const struct program *p, const char *name,
                                          const char **world)
{
    for (size_t i = 0; i < p->worlds.n; i++) {
        const struct symbol *y = program_in_world(p, p->worlds.at[i]->name.text, name);
        if (y) {
            *world = p->worlds.at[i]->name.text;
            return y;
        }
    }
    return NULL;
}

static struct typed unknown_name(const struct at *at, const struct expr *e)
{
    struct checker *c = at->c;
    const char *world = NULL;
    const struct symbol *y = in_some_world(c->p, e->name.text, &world);
    bool user = !program_is_std(c->p, e->span);
    if (y && user && (within(at->scope, SCOPE_SHARED) || within(at->scope, SCOPE_WORLD)))
        return hidden_world(at, e->span, y, world);
    struct diag *d = diag_error(c->ds, "BG1001", e->span, "there is no `%s` here", e->name.text);
    diag_missing(c->ds, d, "name", e->name.text);
    if (y && user) {
        diag_label(c->ds, d, name_span(y->decl), "declared in world `%s` here", world);
        diag_help(c->ds, d, "write `%s.%s`", world, e->name.text);
        if (!e->grouped)
            diag_edit(c->ds,
                      diag_fix(c->ds, d, true, "change to `%s.%s`", world, e->name.text), e->span,
                      "%s.%s", world, e->name.text);
        return typed_poison();
    }
    VEC(const char *) names = {0};
    bool in_time = diags_may_suggest(c->ds, scope_root(at->scope)->symbols.n);
    for (const struct local *l = at->locals; l; l = l->up)
        vec_push(c->a, &names, l->name);
    for (const struct scope *s = at->scope; s && in_time; s = s->parent) {
        for (size_t i = 0; i < s->symbols.n; i++)
            if (scope_find(at->scope, s->symbols.entries[i].key))
                vec_push(c->a, &names, s->symbols.entries[i].key);
        for (size_t i = 0; s->kind == SCOPE_ROOT && s->shared && i < s->shared->symbols.n; i++)
            vec_push(c->a, &names, s->shared->symbols.entries[i].key);
    }
    for (size_t i = 0; i < sizeof scheduled / sizeof *scheduled; i++)
        if (scheduled[i].site == at->site)
            vec_push(c->a, &names, scheduled[i].name);
    if (diag_did_you_mean(c->ds, d, e->span, e->name.text, names.at, names.n))
        return typed_poison();
    if (within(at->scope, SCOPE_MODULE) &&
        map_find(&scope_root(at->scope)->symbols, e->name.text))
        diag_help(c->ds, d,
                  "a module sees its parameters and the plain values of its file: pass it in");
    else if (!strcmp(e->name.text, "live"))
        diag_help(c->ds, d, "`live` is the world that serves now: only gates compare with it");
    return typed_poison();
}

struct typed check_name(const struct at *at, const struct expr *e)
{
    for (const struct local *l = at->locals; l; l = l->up)
        if (l->name && !strcmp(l->name, e->name.text))
            return l->is;
    const struct symbol *y = scope_find(at->scope, e->name.text);
    struct typed t;
    if (!y) {
        if (scheduled_name(at, e->name.text, &t))
            return t;
        if (at->site == SITE_GATE && !strcmp(e->name.text, "live")) {
            t = typed_of(type_simple(TYPE_K_WORLD));
            t.live = true;
            t.phase = t.shape = PHASE_RUN;
            return t;
        }
        return unknown_name(at, e);
    }
    bool confined = within(at->scope, SCOPE_SHARED) || within(at->scope, SCOPE_WORLD);
    if (confined && y->decl->kind == DECL_WORLD)
        return hidden_world(at, e->span, y, y->name);
    t = type_at_symbol(at, y, e->span);
    if ((confined || within(at->scope, SCOPE_MODULE)) && t.world && y->decl->kind == DECL_LET &&
        y->scope->kind == SCOPE_ROOT)
        return hidden_behind(at, e->span, y, t.world);
    return t;
}

/* ---- fields ---------------------------------------------------------- */

void report_no_field(const struct at *at, struct span span, const char *name, const char *of,
                     const char *const *candidates, size_t n)
{
    struct diag *d = diag_error(at->c->ds, "BG1005", span, "%s has no `%s`", of, name);
    bool in_time = diags_may_suggest(at->c->ds, n);
    if (in_time && diag_did_you_mean(at->c->ds, d, span, name, candidates, n))
        return;
    struct buf b;
    buf_init(&b, at->c->a);
    for (size_t i = 0; i < n && i < 12; i++)
        buf_printf(&b, "%s`%s`", i ? ", " : "", candidates[i]);
    if (n)
        diag_help(at->c->ds, d, "it has %s%s", buf_text(&b), n > 12 ? ", ..." : "");
}

bool field_meant(const struct at *at, const struct arg *given, const struct type *record,
                 const char *name)
{
    VEC(const char *) names = {0};
    for (size_t i = 0; i < record->fields.n; i++)
        vec_push(at->c->a, &names, record->fields.at[i].name);
    for (const struct arg *g = given; g; g = g->next) {
        const char *near = g->name.text && !type_member(record, g->name.text) &&
                                   diags_may_suggest(at->c->ds, names.n)
                               ? suggest(g->name.text, names.at, names.n)
                               : NULL;
        if (near && !strcmp(near, name))
            return true;
    }
    return false;
}

/* Of what has a declaration: all uses of one that is misspelt are one mistake. */
static void report_no_member(const struct at *at, const struct expr *e, const char *of,
                             const char *const *candidates, size_t n)
{
    report_no_field(at, e->name.span, e->name.text, of, candidates, n);
    diag_missing(at->c->ds, diags_last(at->c->ds), of, e->name.text);
}

/* live, live.web, web */
static struct typed world_member(const struct at *at, const struct expr *e, struct typed of)
{
    struct checker *c = at->c;
    const char *name = e->name.text;
    if (!of.type->name) { /* `live` itself */
        const struct symbol *w = map_find(&c->p->root->symbols, name);
        if (w && w->decl->kind == DECL_WORLD) {
            struct typed t = type_at_symbol(at, w, e->span);
            t.live = true;
            t.phase = t.shape = PHASE_RUN;
            return t;
        }
        VEC(const char *) names = {0};
        for (size_t i = 0; i < c->p->worlds.n; i++)
            vec_push(c->a, &names, c->p->worlds.at[i]->name.text);
        report_no_field(at, e->name.span, name, "`live`", names.at, names.n);
        diag_missing(c->ds, diags_last(c->ds), "name", name);
        return typed_poison();
    }
    const struct symbol *w = map_find(&c->p->root->symbols, of.type->name);
    if (!w || !w->body)
        return typed_poison();
    struct typed t;
    if (!strcmp(name, "entry") && w->body->entry) {
        struct at in = {.c = c, .scope = w->body};
        struct diags *loud = c->ds, quiet;
        diags_init(&quiet, c->a, loud->sources);
        c->ds = &quiet; /* its mistakes are reported where it is declared */
        t = check_at(&in, w->body->entry->value, NULL, NULL);
        c->ds = loud;
    } else {
        const struct symbol *y = map_find(&w->body->symbols, name);
        if (!y) {
            VEC(const char *) names = {0};
            for (size_t i = 0; i < w->body->symbols.n; i++)
                vec_push(c->a, &names, w->body->symbols.entries[i].key);
            report_no_field(at, e->name.span, name,
                            arena_printf(c->a, "world `%s`", of.type->name), names.at, names.n);
            diag_missing(c->ds, diags_last(c->ds), "name", name); /* as in the world itself */
            return typed_poison();
        }
        t = type_at_symbol(at, y, e->span);
    }
    if (of.live && t.subject) {
        struct subject *s = arena_make(c->a, struct subject);
        *s = *t.subject;
        s->live = true;
        t.subject = s;
    }
    t.live = of.live;
    t.world = of.world;
    return t;
}

static struct typed ref_field(const struct at *at, const struct expr *e, struct typed of)
{
    struct checker *c = at->c;
    const struct decl *type = of.type->name ? program_type(c->p, of.type->name) : NULL;
    if (!type)
        return typed_poison();
    const struct type_item *metric = type_metric(type, e->name.text);
    struct typed t = typed_poison();
    t.world = of.world;
    t.live = of.live;
    t.params = of.params;
    if (metric) {
        t.type = type_of(c->a, TYPE_K_METRIC, type_of_field(c->p, type, metric));
        if (of.subject) {
            struct subject *s = arena_make(c->a, struct subject);
            *s = *of.subject;
            s->metric = metric;
            t.subject = s;
        }
        return t;
    }
    const struct type_item *field = type_field(type, e->name.text);
    if (!field && strcmp(e->name.text, "id") != 0) {
        VEC(const char *) names = {0};
        bool measuring = at->site == SITE_GATE || at->site == SITE_FAULT;
        for (int round = 0; round < 2; round++) /* what is probably meant comes first */
            for (const struct type_item *i = type->items; i; i = i->next)
                if (i->name.text && (round == 0) == ((i->kind == ITEM_METRIC) == measuring) &&
                    (i->kind == ITEM_METRIC ||
                     (i->kind == ITEM_FIELD && !(i->mods & FIELD_QUERY))))
                    vec_push(c->a, &names, i->name.text);
        report_no_field(at, e->name.span, e->name.text, of.type->name, names.at, names.n);
        return typed_poison();
    }
    t.type = field ? type_of_field(c->p, type, field) : type_simple(TYPE_K_STRING);
    if (field && (field->mods & FIELD_LIVE) && at->site == SITE_GATE) { /* read at each round */
        struct measure m = {.span = e->span, .live = of.live};
        if (of.subject)
            vec_push(c->a, &m.subjects, of.subject);
        if (at->measures)
            vec_push(c->a, &at->measures->all, m);
        t.phase = t.shape = PHASE_RUN;
        return t;
    }
    t.phase = of.phase > of.deep ? of.phase : of.deep;
    t.shape = t.phase;
    t.deep = of.deep;
    if (t.phase == PHASE_APPLY)
        t.why = cause_of(c->a, e->span,
                         arena_printf(c->a, "`%s` is known only after this %s is created",
                                      e->name.text, of.type->name),
                         expr_text(c->a, e), NO_SPAN, of.why);
    else
        t.why = of.why;
    return t;
}

/* The arguments of an instance that `t` depends on. */
static void join_params(struct typed of, struct typed *t)
{
    const struct map *names = &of.type->module->body->symbols;
    for (size_t i = 0; i < names->n && i < 63; i++) {
        const struct leaf *l = t->params & 1ull << i ? leaf_find(of.leaves, names->entries[i].key)
                                                     : NULL;
        if (!l)
            continue;
        enum phase phase = l->is.deep > l->is.phase ? l->is.deep : l->is.phase;
        if (phase > t->phase) {
            t->phase = phase;
            t->why = l->is.why;
        }
        t->shape = phase > t->shape ? phase : t->shape;
    }
}

static struct span out_span(const struct symbol *module, const char *name)
{
    for (const struct decl *d = module->decl->body; d; d = d->next)
        if (d->kind == DECL_OUT && d->name.text && !strcmp(d->name.text, name))
            return d->name.span;
    return NO_SPAN;
}

static struct typed instance_field(const struct at *at, const struct expr *e, struct typed of)
{
    struct checker *c = at->c;
    const struct module_memo *m = check_module(c, of.type->module);
    struct typed *out = map_find(&m->outs, e->name.text);
    if (!out) {
        if (m->busy)
            return typed_poison();
        VEC(const char *) names = {0};
        for (size_t i = 0; i < m->outs.n; i++)
            vec_push(c->a, &names, m->outs.entries[i].key);
        report_no_member(at, e, arena_printf(c->a, "module `%s`", of.type->module->name), names.at,
                         names.n);
        return typed_poison();
    }
    struct typed t = *out;
    t.leaves = NULL;
    if (t.params) /* as late as the arguments that it is made of */
        join_params(of, &t);
    if (t.phase > PHASE_PLAN && t.why)
        t.why = cause_of(c->a, e->span, arena_printf(c->a, "through `%s` of module `%s`",
                                                     e->name.text, of.type->module->name),
                         expr_text(c->a, e), out_span(of.type->module, e->name.text), t.why);
    t.params = of.params;
    t.world = of.world;
    t.subject = NULL;
    return t;
}

/* n.NAME, where n is an imported file. */
static const struct symbol *imported(const struct at *at, const struct expr *e, bool *is_file)
{
    *is_file = false;
    if (e->kind != EXPR_FIELD || e->a->kind != EXPR_NAME)
        return NULL;
    for (const struct local *l = at->locals; l; l = l->up)
        if (l->name && !strcmp(l->name, e->a->name.text))
            return NULL;
    struct symbol *use = scope_find(at->scope, e->a->name.text);
    if (!use || use->decl->kind != DECL_USE)
        return NULL;
    *is_file = true;
    use->reached = true;
    return use->body ? map_find(&use->body->symbols, e->name.text) : NULL;
}

const struct symbol *find_function(const struct at *at, const struct expr *callee)
{
    bool is_file;
    const struct symbol *y = callee->kind == EXPR_NAME ? scope_find(at->scope, callee->name.text)
                                                       : imported(at, callee, &is_file);
    if (y && y->decl->kind == DECL_FN)
        mark_used(at->c, y->decl);
    return y && y->decl->kind == DECL_FN ? y : NULL;
}

/* The first name of a path; NULL: it is none. */
static const char *path_root(const struct expr *e)
{
    while (e->kind == EXPR_FIELD || e->kind == EXPR_INDEX)
        e = e->a;
    return e->kind == EXPR_NAME ? e->name.text : NULL;
}

/* What an `existing` looks for, in the expectations of tests. */
static bool asked_query(const struct at *at, const struct expr *e, struct typed *out)
{
    struct mock m;
    const char *root = at->site == SITE_TEST ? path_root(e) : NULL;
    for (const struct local *l = root ? at->locals : NULL; l; l = l->up)
        if (l->name && !strcmp(l->name, root))
            return false;
    if (!root || !mock_query(at->c->p, at->c->a, e, &m))
        return false;
    *out = check_at(at, e->a, NULL, NULL);
    if (!is_poison(*out))
        *out = typed_of(mock_query_type(at->c->p, &m));
    return true;
}

struct typed check_field(const struct at *at, const struct expr *e)
{
    bool is_file;
    struct typed query;
    if (asked_query(at, e, &query))
        return query;
    const struct symbol *y = imported(at, e, &is_file);
    if (y)
        return type_at_symbol(at, y, e->span);
    if (is_file) {
        const struct symbol *use = scope_find(at->scope, e->a->name.text);
        VEC(const char *) names = {0};
        for (size_t i = 0; use->body && i < use->body->symbols.n; i++)
            vec_push(at->c->a, &names, use->body->symbols.entries[i].key);
        if (use->body)
            report_no_member(at, e, arena_printf(at->c->a, "\"%s\"", use->decl->path2), names.at,
                             names.n);
        return typed_poison();
    }
    struct typed of = check_at(at, e->a, NULL, NULL);
    const struct type *t = of.type;
    struct typed r = of;
    r.subject = NULL;
    r.leaves = NULL;
    switch (t->kind) {
    case TYPE_K_POISON: return of;
    case TYPE_K_ANY: return r;
    case TYPE_K_WORLD: return world_member(at, e, of);
    case TYPE_K_REF: return ref_field(at, e, of);
    case TYPE_K_INSTANCE: return instance_field(at, e, of);
    case TYPE_K_RANGE:
        if (!strcmp(e->name.text, "low") || !strcmp(e->name.text, "high")) {
            r.type = t->elem;
            return r;
        }
        report_no_field(at, e->name.span, e->name.text, "a range",
                        (const char *const[]){"low", "high"}, 2);
        return typed_poison();
    case TYPE_K_RECORD: {
        const struct type_member *m = type_member(t, e->name.text);
        if (m) {
            typed_leaf(at, of, m->name, e->span, expr_text(at->c->a, e), &r);
            r.type = m->type;
            return r;
        }
        VEC(const char *) names = {0};
        for (size_t i = 0; i < t->fields.n; i++)
            vec_push(at->c->a, &names, t->fields.at[i].name);
        report_no_field(at, e->name.span, e->name.text, t->name ? t->name : "this record", names.at,
                        names.n);
        return typed_poison();
    }
    case TYPE_K_OPTION: {
        struct diag *d = diag_error(at->c->ds, "BG1018", e->a->span, "this may be none");
        diag_at(at->c->ds, d, "this is %s", type_text(at->c->a, t));
        diag_help(at->c->ds, d, "say what is meant then, with `??`, before reading a field of it");
        return typed_poison();
    }
    default: {
        struct diag *d = diag_error(at->c->ds, "BG1005", e->name.span, "%s has no fields",
                                    type_text(at->c->a, type_widen(t)));
        if (t->kind == TYPE_K_MAP)
            diag_help(at->c->ds, d, "the values of a map are read by key: [\"%s\"]", e->name.text);
        return typed_poison();
    }
    }
}
