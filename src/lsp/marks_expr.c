/* Names in types and expressions. */
#include <string.h>

#include "lsp/marks_walk.h"

/* ---- types ----------------------------------------------------------- */

void walk_path(struct walk *w, struct span span, const char *path, const struct decl *d)
{
    size_t n = strcspn(path, ".");
    const struct symbol *use =
        path[n] ? scope_find(w->scope, arena_strndup(w->an->arena, path, n)) : NULL;
    if (use && use->decl->kind == DECL_USE) {
        mark_symbol(w, span_part(span, 0, n), use);
        span = span_part(span, n + 1, strlen(path) - n - 1);
    }
    mark_decl(w, span, d);
}

static void type_name(struct walk *w, struct span span, const char *path)
{
    const struct decl *d = type_decl_find(w->p, w->scope, path);
    if (d)
        walk_path(w, span, path, d);
}

void walk_fields(struct walk *w, const struct decl *of, const struct field_ast *fields)
{
    for (const struct field_ast *f = fields; f; f = f->next) {
        mark_member(w, f->name.span, of, f);
        walk_type(w, f->type);
        walk_expr(w, f->value);
    }
}

void walk_type(struct walk *w, const struct type_ast *t)
{
    for (; t; t = t->next) {
        size_t n = t->path ? strlen(t->path) : 0;
        if (t->kind == TYPE_NAMED && n)
            type_name(w, span_part(t->span, 0, n), t->path);
        else if (t->kind == TYPE_REF && n && t->span.end - t->span.start >= n)
            type_name(w, span_part(t->span, t->span.end - t->span.start - n, n), t->path);
        walk_type(w, t->a);
        walk_type(w, t->items);
        walk_fields(w, NULL, t->fields);
    }
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
        made = mark_field(w, span, t->decl, m->item);
    else if (f)
        made = mark_member(w, span, t->decl, f);
    else
        mark_word(w, span, m->doc);
    if (made)
        made->e = e;
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
            struct mark *m = mark_add(w, e->span, v->param ? MEANS_MEMBER : MEANS_LOCAL, v->name.span);
            m->field = v->param;
            m->e = e;
            return;
        }
    const struct symbol *y = scope_find(w->scope, e->name.text);
    if (y) {
        mark_symbol(w, e->name.span, y)->e = e;
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].name, e->name.text)) {
            mark_word(w, e->name.span, words[i].doc);
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
        mark_symbol(w, e->name.span, y)->e = e;
        return;
    }
    const struct symbol *in = y->body ? map_find(&y->body->symbols, name) : NULL;
    if (in)
        mark_symbol(w, e->name.span, in)->e = e;
    else if (!strcmp(name, "entry") && y->body && y->body->entry)
        mark_decl(w, e->name.span, y->body->entry)->e = e;
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
            mark_symbol(w, e->name.span, y)->e = e;
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
            mark_field(w, e->name.span, type, item)->e = e;
        else if (type && !strcmp(name, "id"))
            mark_word(w, e->name.span, "What AWS calls the resource by.");
        break;
    }
    case TYPE_K_INSTANCE: {
        const struct decl *out = module_out(t->module, name);
        if (out)
            mark_decl(w, e->name.span, out)->e = e;
        break;
    }
    case TYPE_K_RECORD: record_member(w, e->name.span, t, name, e); break;
    case TYPE_K_RANGE:
        mark_word(w, e->name.span,
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
        struct mark *m = mark_add(w, e->a->span, MEANS_NATIVE, NO_SPAN);
        m->native = native;
        m->e = e;
    } else if (fn) {
        if (use)
            walk_expr(w, e->a->a);
        mark_symbol(w, e->a->name.span, fn)->e = e;
    } else {
        walk_expr(w, e->a);
    }
    for (const struct arg *g = e->args; g; g = g->next) {
        const struct field_ast *f =
            fn && g->name.text ? field_named(fn->decl->params, g->name.text) : NULL;
        if (f)
            mark_member(w, g->name.span, fn->decl, f);
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
        mark_add(w, e->var.span, MEANS_LOCAL, e->var.span);
    if (e->var2)
        mark_add(w, e->var2->span, MEANS_LOCAL, e->var2->span);
    const struct variable *outer = w->locals;
    w->locals = e->var2 ? &second : &first;
    walk_expr(w, e->c);
    walk_expr(w, e->key);
    walk_expr(w, e->b);
    w->locals = outer;
}

void walk_expr(struct walk *w, const struct expr *e)
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
            mark_add(w, e->var.span, MEANS_LOCAL, e->var.span);
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
