/* Names in declarations. */
#include <string.h>

#include "lsp/marks_walk.h"

static void declared(struct walk *w, const struct decl *d)
{
    if (d->name.text && d->name.span.file)
        mark_decl(w, d->name.span, d);
}

/* One of those that are only named where nothing else can stand. */
static void listed(struct walk *w, struct word name, const struct decl *const *at, size_t n)
{
    for (size_t i = 0; name.text && i < n; i++)
        if (at[i]->name.text && !strcmp(at[i]->name.text, name.text)) {
            mark_decl(w, name.span, at[i]);
            return;
        }
}

static void world_named(struct walk *w, struct word name)
{
    listed(w, name, w->p->worlds.at, w->p->worlds.n);
}

void walk_inputs(struct walk *w, const struct arg *args)
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
        world_named(w, (struct word){first, span_part(span, 0, n)});
        y = program_in_world(p, first, second);
    }
    if (y)
        mark_symbol(w, span_part(span, n + 1, m), y);
}

static void walk_resource(struct walk *w, const struct decl *d)
{
    declared(w, d);
    const struct symbol *module = d->path ? program_module(w->p, w->scope, d->path) : NULL;
    const struct decl *type = module ? NULL : fields_type(w->p, w->scope, d);
    if (module)
        walk_path(w, d->path_span, d->path, module->decl);
    else if (type)
        walk_path(w, d->path_span, d->path, type);
    listed(w, d->in, w->p->accounts.at, w->p->accounts.n);
    walk_expr(w, d->key_set);
    struct variable key = {w->locals, d->key_var, NULL};
    if (d->key_var.text) {
        mark_add(w, d->key_var.span, MEANS_LOCAL, d->key_var.span);
        w->locals = &key;
    }
    walk_expr(w, d->when);
    for (const struct arg *g = d->fields; g; g = g->next) {
        const struct field_ast *f =
            module && g->name.text ? field_named(module->decl->params, g->name.text) : NULL;
        const struct type_item *item = g->name.text ? type_field(type, g->name.text) : NULL;
        if (f)
            mark_member(w, g->name.span, module->decl, f);
        else if (item)
            mark_field(w, g->name.span, type, item);
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
            mark_word(w, g->name.span, doc);
        walk_expr(w, g->value);
    }
}

static void walk_gate(struct walk *w, const struct decl *d)
{
    declared(w, d);
    for (const struct check_ast *c = d->gate ? d->gate->checks : NULL; c; c = c->next) {
        struct mark *m = mark_add(w, c->name.span, MEANS_CHECK, c->name.span);
        m->decl = d;
        m->check = c;
        walk_expr(w, c->cond);
    }
}

static void walk_scenario(struct walk *w, const struct decl *d)
{
    for (const struct scene_ast *s = d->scenes; s; s = s->next) {
        walk_inputs(w, s->inputs);
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
        mark_add(w, d->path2 ? d->path2_span : d->path_span, MEANS_FILE,
            (struct span){file->file->file, 0, 0})
            ->decl = d;
}

static void walk_type_decl(struct walk *w, const struct decl *d)
{
    mark_decl(w, d->path_span.file ? d->path_span : d->name.span, d);
    for (const struct field_ast *f = d->type && d->type->kind == TYPE_RECORD ? d->type->fields : NULL;
         f; f = f->next) {
        mark_member(w, f->name.span, d, f);
        walk_type(w, f->type);
        walk_expr(w, f->value);
    }
    if (!d->type || d->type->kind != TYPE_RECORD)
        walk_type(w, d->type);
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->name.text && (i->kind == ITEM_FIELD || i->kind == ITEM_METRIC)) {
            mark_field(w, i->name.span, d, i);
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
            mark_decl(w, d->path_span, fields_type(w->p, w->scope, d));
        for (const struct arg *g = d->fields; g; g = g->next) {
            const struct decl *type = fields_type(w->p, w->scope, d);
            const struct type_item *item = g->name.text ? type_field(type, g->name.text) : NULL;
            if (item)
                mark_field(w, g->name.span, type, item);
            walk_expr(w, g->value);
        }
        break;
    case DECL_GATE: walk_gate(w, d); break;
    case DECL_ROLLOUT:
        world_named(w, d->name);
        if (d->as.text)
            mark_add(w, d->as.span, MEANS_DECL, d->as.span)->decl = d;
        for (const struct step_ast *s = d->steps; s; s = s->next) {
            listed(w, s->gate, w->p->gates.at, w->p->gates.n);
            walk_expr(w, s->cond);
        }
        break;
    case DECL_SCENARIO: walk_scenario(w, d); break;
    case DECL_TEST:
        for (const struct test_item *i = d->test; i; i = i->next) {
            walk_inputs(w, i->inputs);
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

void walk_body(struct walk *w, const struct scope *s, const struct decl *body)
{
    const struct scope *outer = w->scope;
    w->scope = s;
    for (const struct decl *d = body; d; d = d->next)
        walk_decl(w, d);
    w->scope = outer;
}
