#include "lsp/marks.h"

#include <stdlib.h>
#include <string.h>

#include "lang/parse.h"
#include "lsp/analysis.h"

/* A walk over the trees of the program. What an expression's members mean hangs
 * on the type that the checker found for it. */

struct variable {
    const struct variable *up;
    struct word name;
    const struct field_ast *param; /* of a function; NULL */
};

struct walk {
    struct analysis *an;
    struct program *p;
    struct marks *out;
    const struct scope *scope;
    const struct variable *locals;
};

static void walk_expr(struct walk *w, const struct expr *e);
static void walk_body(struct walk *w, const struct scope *s, const struct decl *body);

/* ---- marks ----------------------------------------------------------- */

static struct mark *add(struct walk *w, struct span span, enum meaning means, struct span target)
{
    static const struct mark nothing;
    vec_push(w->an->arena, &w->out->all, nothing);
    struct mark *m = &w->out->all.at[w->out->all.n - 1];
    *m = (struct mark){.span = span,
                       .means = means,
                       .target = target,
                       .declares = target.file && target.file == span.file &&
                                   target.start == span.start,
                       .scope = w->scope};
    return m;
}

static struct span decl_place(const struct decl *d)
{
    return d->name.span.file ? d->name.span : d->path_span.file ? d->path_span : d->span;
}

static struct mark *add_decl(struct walk *w, struct span span, const struct decl *d)
{
    struct mark *m = add(w, span, MEANS_DECL, decl_place(d));
    m->decl = d;
    return m;
}

static struct mark *add_symbol(struct walk *w, struct span span, const struct symbol *y)
{
    return add_decl(w, span, y->decl);
}

static struct mark *add_field(struct walk *w, struct span span, const struct decl *type,
                              const struct type_item *item)
{
    struct mark *m = add(w, span, MEANS_FIELD, item->name.span);
    m->decl = type;
    m->item = item;
    return m;
}

static struct mark *add_member(struct walk *w, struct span span, const struct decl *of,
                               const struct field_ast *f)
{
    struct mark *m = add(w, span, MEANS_MEMBER, f->name.span);
    m->decl = of;
    m->field = f;
    return m;
}

static void add_word(struct walk *w, struct span span, const char *doc)
{
    add(w, span, MEANS_WORD, NO_SPAN)->doc = doc;
}

/* The part of a span that begins `from` bytes into it and is `n` long. */
static struct span part_of(struct span s, size_t from, size_t n)
{
    return (struct span){s.file, s.start + (uint32_t)from, s.start + (uint32_t)(from + n)};
}

/* ---- what has fields -------------------------------------------------- */

static const struct field_ast *field_named(const struct field_ast *f, const char *name)
{
    while (f && (!f->name.text || strcmp(f->name.text, name) != 0))
        f = f->next;
    return f;
}

const struct decl *module_out(const struct symbol *module, const char *name)
{
    for (const struct decl *d = module ? module->decl->body : NULL; d; d = d->next)
        if (d->kind == DECL_OUT && d->name.text && !strcmp(d->name.text, name))
            return d;
    return NULL;
}

const struct type *type_record_in(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    if (!t || t->kind == TYPE_K_RECORD)
        return t;
    const struct type *only = NULL;
    for (size_t i = 0; t->kind == TYPE_K_UNION && i < t->items.n; i++) {
        const struct type *r = type_record_in(t->items.at[i]);
        if (r && only)
            return NULL;
        only = r ? r : only;
    }
    return only;
}

const struct decl *fields_type(struct program *p, const struct scope *s, const struct decl *d)
{
    if (!d->path)
        return NULL;
    return d->kind == DECL_TRAFFIC ? program_type(p, d->path) : type_decl_find(p, s, d->path);
}

static const struct {
    enum decl_kind kind;
    const char *name, *doc;
} settings[] = {
    {DECL_STACK, "region", "The region in which everything is made."},
    {DECL_STACK, "account", "The account that is meant: another one is refused before any call "
                            "that writes."},
    {DECL_STACK, "store", "Where locks, the journal and what was asked for are kept: "
                          "`s3://bucket/prefix`, or a folder."},
    {DECL_STACK, "tags", "Tags that everything carries."},
    {DECL_ACCOUNT, "role", "The role that is assumed to act in it."},
    {DECL_ACCOUNT, "region", "The region to act in; the stack's, when it is not said."},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

const char *setting_doc(enum decl_kind kind, const char *name)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].kind == kind && !strcmp(settings[i].name, name))
            return settings[i].doc;
    return NULL;
}

const char *const *setting_names(enum decl_kind kind, size_t *n)
{
    static const char *const stack[] = {"region", "account", "store", "tags"};
    static const char *const account[] = {"role", "region"};
    *n = kind == DECL_STACK ? 4 : kind == DECL_ACCOUNT ? 2 : 0;
    return kind == DECL_STACK ? stack : account;
}

/* A member of a record type: of a declared one, the place of its declaration. */
static void record_member(struct walk *w, struct span span, const struct type *t, const char *name,
                          const struct expr *e)
{
    const struct type_member *m = t ? type_member(t, name) : NULL;
    if (!m)
        return;
    const struct field_ast *f =
        t->decl && t->decl->type ? field_named(t->decl->type->fields, name) : NULL;
    struct mark *made = NULL;
    if (m->item)
        made = add_field(w, span, t->decl, m->item);
    else if (f)
        made = add_member(w, span, t->decl, f);
    else
        add_word(w, span, m->doc);
    if (made)
        made->e = e;
}

/* ---- types ----------------------------------------------------------- */

static void walk_type(struct walk *w, const struct type_ast *t);

/* A path whose first word may be the name of an imported file: then the rest of
 * it alone is what `d` is called. */
static void add_path(struct walk *w, struct span span, const char *path, const struct decl *d)
{
    size_t n = strcspn(path, ".");
    const struct symbol *use =
        path[n] ? scope_find(w->scope, arena_strndup(w->an->arena, path, n)) : NULL;
    if (use && use->decl->kind == DECL_USE) {
        add_symbol(w, part_of(span, 0, n), use);
        span = part_of(span, n + 1, strlen(path) - n - 1);
    }
    add_decl(w, span, d);
}

static void type_name(struct walk *w, struct span span, const char *path)
{
    const struct decl *d = type_decl_find(w->p, w->scope, path);
    if (d)
        add_path(w, span, path, d);
}

static void walk_fields(struct walk *w, const struct decl *of, const struct field_ast *fields)
{
    for (const struct field_ast *f = fields; f; f = f->next) {
        add_member(w, f->name.span, of, f);
        walk_type(w, f->type);
        walk_expr(w, f->value);
    }
}

static void walk_type(struct walk *w, const struct type_ast *t)
{
    for (; t; t = t->next) {
        size_t n = t->path ? strlen(t->path) : 0;
        if (t->kind == TYPE_NAMED && n)
            type_name(w, part_of(t->span, 0, n), t->path);
        else if (t->kind == TYPE_REF && n && t->span.end - t->span.start >= n)
            type_name(w, part_of(t->span, t->span.end - t->span.start - n, n), t->path);
        walk_type(w, t->a);
        walk_type(w, t->items);
        walk_fields(w, NULL, t->fields);
    }
}

/* ---- expressions ----------------------------------------------------- */

static const struct symbol *import_of(const struct walk *w, const struct expr *e)
{
    if (!e || e->kind != EXPR_NAME || !e->name.text)
        return NULL;
    for (const struct variable *v = w->locals; v; v = v->up)
        if (v->name.text && !strcmp(v->name.text, e->name.text))
            return NULL;
    const struct symbol *y = scope_find(w->scope, e->name.text);
    return y && y->decl->kind == DECL_USE ? y : NULL;
}

static void walk_name(struct walk *w, const struct expr *e)
{
    static const struct {
        const char *name, *doc;
    } words[] = {
        {"live", "The world that serves now. Only gates of steps below 100 % can compare with it."},
        {"requests", "The requests that the old world still gets."},
        {"outcome", "How the rehearsed run ended."},
        {"lost", "The share of requests that were answered with an error or not at all."},
        {"restored", "How long it took until the live world had all traffic again."},
        {"took", "How long the whole run took."},
        {"share", "The share of the traffic that the new world has at the end."},
        {"failed", "The check that failed: \"gate.check\"."},
        {"latency", "A fault: every request takes so much longer, or times as long."},
        {"errors", "A fault: so many requests are answered with an error."},
        {"load", "A fault: the load from here on, or a factor of it."},
        {"throttle", "A fault: so many API calls are throttled."},
        {"unavailable", "A fault: so many API calls are answered with 5xx."},
        {"reply_lost", "A fault: so many API calls are done, but their answer is lost."},
        {"stale", "A fault: what is read is so old."},
        {"die", "A fault: the runner dies here, and another one takes over."},
    };
    if (!e->name.text)
        return;
    for (const struct variable *v = w->locals; v; v = v->up)
        if (v->name.text && !strcmp(v->name.text, e->name.text)) {
            struct mark *m = add(w, e->span, v->param ? MEANS_MEMBER : MEANS_LOCAL, v->name.span);
            m->field = v->param;
            m->e = e;
            return;
        }
    const struct symbol *y = scope_find(w->scope, e->name.text);
    if (y) {
        add_symbol(w, e->name.span, y)->e = e;
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].name, e->name.text)) {
            add_word(w, e->name.span, words[i].doc);
            w->out->all.at[w->out->all.n - 1].e = e;
        }
}

static void world_member(struct walk *w, const struct expr *e, const struct type *world)
{
    const char *name = e->name.text;
    const struct symbol *y = map_find(&w->p->root->symbols, world->name ? world->name : name);
    if (!y || y->decl->kind != DECL_WORLD)
        return;
    if (!world->name) { /* live.web */
        add_symbol(w, e->name.span, y)->e = e;
        return;
    }
    const struct symbol *in = y->body ? map_find(&y->body->symbols, name) : NULL;
    if (in)
        add_symbol(w, e->name.span, in)->e = e;
    else if (!strcmp(name, "entry") && y->body && y->body->entry)
        add_decl(w, e->name.span, y->body->entry)->e = e;
}

static void walk_member(struct walk *w, const struct expr *e)
{
    const char *name = e->name.text;
    const struct symbol *use = import_of(w, e->a);
    walk_expr(w, e->a);
    if (!name)
        return;
    if (use) {
        const struct symbol *y = use->body ? map_find(&use->body->symbols, name) : NULL;
        if (y)
            add_symbol(w, e->name.span, y)->e = e;
        return;
    }
    const struct check_found *f = analysis_found(w->an, e->a);
    const struct type *t = f ? f->type : NULL;
    while (t && t->kind == TYPE_K_SECRET)
        t = t->elem;
    if (!t)
        return;
    switch (t->kind) {
    case TYPE_K_WORLD: world_member(w, e, t); break;
    case TYPE_K_REF: {
        const struct decl *type = t->name ? program_type(w->p, t->name) : NULL;
        const struct type_item *item = type ? type_field(type, name) : NULL;
        if (type && !item)
            item = type_metric(type, name);
        if (item)
            add_field(w, e->name.span, type, item)->e = e;
        else if (type && !strcmp(name, "id"))
            add_word(w, e->name.span, "What AWS calls the resource by.");
        break;
    }
    case TYPE_K_INSTANCE: {
        const struct decl *out = module_out(t->module, name);
        if (out)
            add_decl(w, e->name.span, out)->e = e;
        break;
    }
    case TYPE_K_RECORD: record_member(w, e->name.span, t, name, e); break;
    case TYPE_K_RANGE:
        add_word(w, e->name.span,
                 !strcmp(name, "low") ? "The lower end of the range." : "The upper end of the range.");
        break;
    default: break;
    }
}

/* "http.get" of http.get; NULL when it is no path of words. */
static const char *callee_path(struct walk *w, const struct expr *e)
{
    if (e->kind == EXPR_NAME)
        return e->name.text;
    const char *of = e->kind == EXPR_FIELD ? callee_path(w, e->a) : NULL;
    return of ? arena_printf(w->an->arena, "%s.%s", of, e->name.text) : NULL;
}

static void walk_call(struct walk *w, const struct expr *e)
{
    const struct symbol *fn = NULL, *use = e->a->kind == EXPR_FIELD ? import_of(w, e->a->a) : NULL;
    if (e->a->kind == EXPR_NAME && e->a->name.text)
        fn = scope_find(w->scope, e->a->name.text);
    else if (use && use->body && e->a->name.text)
        fn = map_find(&use->body->symbols, e->a->name.text);
    if (fn && fn->decl->kind != DECL_FN)
        fn = NULL;
    const char *path = fn ? NULL : callee_path(w, e->a);
    const struct native *native = path ? native_find(path) : NULL;
    if (native) {
        struct mark *m = add(w, e->a->span, MEANS_NATIVE, NO_SPAN);
        m->native = native;
        m->e = e;
    } else if (fn) {
        if (use)
            walk_expr(w, e->a->a);
        add_symbol(w, e->a->name.span, fn)->e = e;
    } else {
        walk_expr(w, e->a);
    }
    for (const struct arg *g = e->args; g; g = g->next) {
        const struct field_ast *f =
            fn && g->name.text ? field_named(fn->decl->params, g->name.text) : NULL;
        if (f)
            add_member(w, g->name.span, fn->decl, f);
        walk_expr(w, g->value);
    }
}

static void walk_loop(struct walk *w, const struct expr *e)
{
    const struct word none = {0};
    struct variable first = {w->locals, e->var, NULL};
    struct variable second = {&first, e->var2 ? *e->var2 : none, NULL};
    walk_expr(w, e->a);
    if (e->var.text)
        add(w, e->var.span, MEANS_LOCAL, e->var.span);
    if (e->var2)
        add(w, e->var2->span, MEANS_LOCAL, e->var2->span);
    const struct variable *outer = w->locals;
    w->locals = e->var2 ? &second : &first;
    walk_expr(w, e->c);
    walk_expr(w, e->key);
    walk_expr(w, e->b);
    w->locals = outer;
}

static void walk_expr(struct walk *w, const struct expr *e)
{
    if (!e)
        return;
    switch (e->kind) {
    case EXPR_LITERAL:
    case EXPR_ERROR: return;
    case EXPR_TEMPLATE:
        for (const struct part *p = e->parts; p; p = p->next)
            walk_expr(w, p->expr);
        return;
    case EXPR_NAME: walk_name(w, e); return;
    case EXPR_FIELD: walk_member(w, e); return;
    case EXPR_CALL: walk_call(w, e); return;
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: walk_loop(w, e); return;
    case EXPR_RECORD: {
        const struct check_found *f = analysis_found(w->an, e);
        const struct type *t = f && f->want ? type_record_in(f->want) : NULL;
        for (const struct arg *g = e->args; g; g = g->next) {
            if (g->name.text)
                record_member(w, g->name.span, t, g->name.text, NULL);
            walk_expr(w, g->value);
        }
        return;
    }
    case EXPR_LAMBDA: {
        struct variable v = {w->locals, e->var, NULL};
        if (e->var.text)
            add(w, e->var.span, MEANS_LOCAL, e->var.span);
        w->locals = &v;
        walk_expr(w, e->b);
        w->locals = v.up;
        return;
    }
    case EXPR_INDEX:
    case EXPR_LIST:
    case EXPR_MAP:
    case EXPR_UNARY:
    case EXPR_BINARY:
    case EXPR_IF: break;
    }
    walk_expr(w, e->a);
    walk_expr(w, e->b);
    walk_expr(w, e->c);
    for (const struct arg *g = e->args; g; g = g->next) {
        walk_expr(w, g->key);
        walk_expr(w, g->value);
    }
}

/* ---- declarations ---------------------------------------------------- */

static void declared(struct walk *w, const struct decl *d)
{
    if (d->name.text && d->name.span.file)
        add_decl(w, d->name.span, d);
}

/* One of those that are only named where nothing else can stand. */
static void listed(struct walk *w, struct word name, const struct decl *const *at, size_t n)
{
    for (size_t i = 0; name.text && i < n; i++)
        if (at[i]->name.text && !strcmp(at[i]->name.text, name.text)) {
            add_decl(w, name.span, at[i]);
            return;
        }
}

static void world_named(struct walk *w, struct word name)
{
    listed(w, name, w->p->worlds.at, w->p->worlds.n);
}

static void inputs_named(struct walk *w, const struct arg *args)
{
    for (const struct arg *g = args; g; g = g->next) {
        listed(w, g->name, w->p->inputs.at, w->p->inputs.n);
        walk_expr(w, g->value);
    }
}

/* web.asg, shared.net.vpc, web.nat["a"] in `moved` and `adopt`: the first two words. */
static void walk_address(struct walk *w, const char *path, struct span span)
{
    size_t n = path ? strcspn(path, ".[") : 0, m;
    if (!n || path[n] != '.')
        return;
    const struct program *p = w->p;
    const char *first = arena_strndup(w->an->arena, path, n);
    m = strcspn(path + n + 1, ".[");
    const char *second = arena_strndup(w->an->arena, path + n + 1, m);
    const struct symbol *y = NULL;
    if (!strcmp(first, "shared")) {
        y = p->root->shared ? map_find(&p->root->shared->symbols, second) : NULL;
    } else {
        world_named(w, (struct word){first, part_of(span, 0, n)});
        y = program_in_world(p, first, second);
    }
    if (y)
        add_symbol(w, part_of(span, n + 1, m), y);
}

static void walk_resource(struct walk *w, const struct decl *d)
{
    declared(w, d);
    const struct symbol *module = d->path ? program_module(w->p, w->scope, d->path) : NULL;
    const struct decl *type = module ? NULL : fields_type(w->p, w->scope, d);
    if (module)
        add_path(w, d->path_span, d->path, module->decl);
    else if (type)
        add_path(w, d->path_span, d->path, type);
    listed(w, d->in, w->p->accounts.at, w->p->accounts.n);
    walk_expr(w, d->key_set);
    struct variable key = {w->locals, d->key_var, NULL};
    if (d->key_var.text) {
        add(w, d->key_var.span, MEANS_LOCAL, d->key_var.span);
        w->locals = &key;
    }
    walk_expr(w, d->when);
    for (const struct arg *g = d->fields; g; g = g->next) {
        const struct field_ast *f =
            module && g->name.text ? field_named(module->decl->params, g->name.text) : NULL;
        const struct type_item *item = g->name.text ? type_field(type, g->name.text) : NULL;
        if (f)
            add_member(w, g->name.span, module->decl, f);
        else if (item)
            add_field(w, g->name.span, type, item);
        walk_expr(w, g->value);
    }
    w->locals = key.up;
}

static void walk_settings(struct walk *w, const struct decl *d)
{
    declared(w, d);
    for (const struct arg *g = d->fields; g; g = g->next) {
        const char *doc = g->name.text ? setting_doc(d->kind, g->name.text) : NULL;
        if (doc)
            add_word(w, g->name.span, doc);
        walk_expr(w, g->value);
    }
}

static void walk_gate(struct walk *w, const struct decl *d)
{
    declared(w, d);
    for (const struct check_ast *c = d->gate ? d->gate->checks : NULL; c; c = c->next) {
        struct mark *m = add(w, c->name.span, MEANS_CHECK, c->name.span);
        m->decl = d;
        m->check = c;
        walk_expr(w, c->cond);
    }
}

static void walk_scenario(struct walk *w, const struct decl *d)
{
    for (const struct scene_ast *s = d->scenes; s; s = s->next) {
        inputs_named(w, s->inputs);
        walk_expr(w, s->load);
        walk_expr(w, s->cond);
        for (const struct fault_ast *f = s->faults; f; f = f->next) {
            walk_expr(w, f->target);
            walk_expr(w, f->value);
        }
    }
}

static void walk_fn(struct walk *w, const struct decl *d)
{
    declared(w, d);
    walk_fields(w, d, d->params);
    walk_type(w, d->type);
    struct variable all[64];
    const struct variable *outer = w->locals;
    size_t n = 0;
    for (const struct field_ast *f = d->params; f && n < 64; f = f->next, n++) {
        all[n] = (struct variable){w->locals, f->name, f};
        w->locals = &all[n];
    }
    walk_expr(w, d->value);
    w->locals = outer;
}

static void walk_use(struct walk *w, const struct decl *d)
{
    const struct symbol *y = map_find(&w->scope->symbols, d->path2 ? d->name.text : d->path);
    const struct scope *file = y && y->decl == d ? y->body : NULL;
    if (d->path2)
        declared(w, d);
    if (file && file->file)
        add(w, d->path2 ? d->path2_span : d->path_span, MEANS_FILE,
            (struct span){file->file->file, 0, 0})
            ->decl = d;
}

static void walk_type_decl(struct walk *w, const struct decl *d)
{
    add_decl(w, d->path_span.file ? d->path_span : d->name.span, d);
    for (const struct field_ast *f = d->type && d->type->kind == TYPE_RECORD ? d->type->fields : NULL;
         f; f = f->next) {
        add_member(w, f->name.span, d, f);
        walk_type(w, f->type);
        walk_expr(w, f->value);
    }
    if (!d->type || d->type->kind != TYPE_RECORD)
        walk_type(w, d->type);
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->name.text && (i->kind == ITEM_FIELD || i->kind == ITEM_METRIC)) {
            add_field(w, i->name.span, d, i);
            walk_type(w, i->type);
        }
}

static void walk_decl(struct walk *w, const struct decl *d)
{
    const struct symbol *y =
        d->name.text && w->scope ? map_find(&w->scope->symbols, d->name.text) : NULL;
    const struct scope *body = y && y->decl == d ? y->body : NULL;
    switch (d->kind) {
    case DECL_STACK:
    case DECL_ACCOUNT: walk_settings(w, d); break;
    case DECL_USE: walk_use(w, d); break;
    case DECL_INPUT:
    case DECL_LET:
    case DECL_OUTPUT:
    case DECL_OUT:
        declared(w, d);
        walk_type(w, d->type);
        walk_expr(w, d->value);
        break;
    case DECL_ASSERT:
    case DECL_ENTRY: walk_expr(w, d->value); break;
    case DECL_FN: walk_fn(w, d); break;
    case DECL_MODULE:
        declared(w, d);
        walk_fields(w, d, d->params);
        if (body)
            walk_body(w, body, d->body);
        break;
    case DECL_EXISTING:
    case DECL_RESOURCE: walk_resource(w, d); break;
    case DECL_SHARED:
        if (w->scope->shared)
            walk_body(w, w->scope->shared, d->body);
        break;
    case DECL_WORLD:
        declared(w, d);
        if (body)
            walk_body(w, body, d->body);
        break;
    case DECL_TRAFFIC:
        world_named(w, d->name);
        if (fields_type(w->p, w->scope, d))
            add_decl(w, d->path_span, fields_type(w->p, w->scope, d));
        for (const struct arg *g = d->fields; g; g = g->next) {
            const struct decl *type = fields_type(w->p, w->scope, d);
            const struct type_item *item = g->name.text ? type_field(type, g->name.text) : NULL;
            if (item)
                add_field(w, g->name.span, type, item);
            walk_expr(w, g->value);
        }
        break;
    case DECL_GATE: walk_gate(w, d); break;
    case DECL_ROLLOUT:
        world_named(w, d->name);
        if (d->as.text)
            add(w, d->as.span, MEANS_DECL, d->as.span)->decl = d;
        for (const struct step_ast *s = d->steps; s; s = s->next) {
            listed(w, s->gate, w->p->gates.at, w->p->gates.n);
            walk_expr(w, s->cond);
        }
        break;
    case DECL_SCENARIO: walk_scenario(w, d); break;
    case DECL_TEST:
        for (const struct test_item *i = d->test; i; i = i->next) {
            inputs_named(w, i->inputs);
            walk_expr(w, i->target);
            walk_expr(w, i->value);
        }
        break;
    case DECL_MOVED: walk_address(w, d->path2, d->path2_span); break;
    case DECL_ADOPT: walk_address(w, d->path, d->path_span); break;
    case DECL_TYPE: walk_type_decl(w, d); break;
    case DECL_SERVICE: break;
    }
}

static void walk_body(struct walk *w, const struct scope *s, const struct decl *body)
{
    const struct scope *outer = w->scope;
    w->scope = s;
    for (const struct decl *d = body; d; d = d->next)
        walk_decl(w, d);
    w->scope = outer;
}

/* ---- files ----------------------------------------------------------- */

/* env/stage.bg: lines that give inputs values. */
static void walk_environments(struct walk *w)
{
    for (size_t i = 1; i < w->an->sources.files.n; i++) {
        const struct source *src = w->an->sources.files.at[i];
        size_t dir = strlen(w->p->root_dir);
        struct arg *lines = NULL;
        if (strncmp(src->path, w->p->root_dir, dir) != 0 || strncmp(src->path + dir, "/env/", 5) != 0)
            continue;
        parse_bindings(w->an->arena, &w->an->names, w->p->ds, (uint32_t)i, &lines);
        inputs_named(w, lines);
    }
}

static int by_place(const void *x, const void *y)
{
    const struct mark *a = x, *b = y;
    if (a->span.file != b->span.file)
        return a->span.file < b->span.file ? -1 : 1;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return 0;
}

void marks_make(struct analysis *an, struct marks *out)
{
    struct walk w = {.an = an, .p = an->program, .out = out, .scope = an->program->root};
    *out = (struct marks){0};
    for (size_t i = 0; i < an->program->file_scopes.n; i++) {
        const struct scope *s = an->program->file_scopes.at[i];
        if (!s || !s->file)
            continue;
        bool std = analysis_std(an, (uint32_t)i);
        if (std && (!an->name || strcmp(an->sources.files.at[i]->path + 4, an->name) != 0))
            continue;
        walk_body(&w, s, s->file->decls);
    }
    if (!an->name)
        walk_environments(&w);
    if (!out->all.n)
        return;
    qsort(out->all.at, out->all.n, sizeof *out->all.at, by_place);
    size_t n = 1; /* a `use` and its name, or a broken text, may say a name twice */
    for (size_t i = 1; i < out->all.n; i++)
        if (by_place(&out->all.at[n - 1], &out->all.at[i]) != 0)
            out->all.at[n++] = out->all.at[i];
    out->all.n = n;
}

size_t marks_of_file(const struct marks *m, uint32_t file)
{
    size_t low = 0, high = m->all.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (m->all.at[mid].span.file < file)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct mark *marks_at(const struct marks *m, uint32_t file, size_t offset)
{
    const struct mark *ends = NULL;
    size_t low = marks_of_file(m, file), high = marks_of_file(m, file + 1);
    while (low < high) { /* the last one that begins at or before the offset */
        size_t mid = low + (high - low) / 2;
        if (m->all.at[mid].span.start <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    for (size_t i = low; i-- > 0 && low - i < 4 && m->all.at[i].span.file == file;) {
        if (offset < m->all.at[i].span.end)
            return &m->all.at[i];
        if (offset == m->all.at[i].span.end && !ends)
            ends = &m->all.at[i];
    }
    return ends;
}
