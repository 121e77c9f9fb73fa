#include <string.h>

#include "lang/check_state.h"
#include "lang/lint.h"
#include "lang/walk.h"

/* The rules of lint about the program. Only for programs without errors: a
 * mistake hides uses. Those of the types are asked in lint.c. */

/* ---- never used ------------------------------------------------------- */

/* The fix that takes a declaration out with the rest of its line. */
static void may_remove(struct checker *c, struct diag *w, const struct decl *d)
{
    const struct source *src = sources_find(c->ds->sources, d->span);
    struct span s = d->span;
    if (!src)
        return;
    uint32_t start = s.start;
    while (start && (src->text[start - 1] == ' ' || src->text[start - 1] == '\t'))
        start--;
    if ((!start || src->text[start - 1] == '\n') && s.end < src->len && src->text[s.end] == '\n') {
        s.start = start;
        s.end++;
    }
    diag_edit(c->ds, diag_fix(c->ds, w, false, "remove it"), s, "%s", "");
}

static void unused(struct checker *c, const struct decl *d, const char *what, bool renamed)
{
    if (!d->name.text || d->name.text[0] == '_' || is_used(c, d))
        return;
    struct diag *w = diag_warn(c->ds, "BG7001", d->name.span, "%s `%s` is never used", what,
                               d->name.text);
    if (renamed)
        diag_help(c->ds, w, "remove it, or name it `_%s` if that is meant", d->name.text);
    else
        diag_help(c->ds, w, "remove it");
    if (d->kind != DECL_INPUT)
        may_remove(c, w, d);
    if (renamed)
        diag_edit(c->ds, diag_fix(c->ds, w, false, "name it `_%s`", d->name.text), d->name.span,
                  "_%s", d->name.text);
}

/* A file of types and services is there for them: they are known by their own names. */
static bool brings_types(const struct scope *file)
{
    for (const struct decl *d = file && file->file ? file->file->decls : NULL; d; d = d->next)
        if (d->kind == DECL_SERVICE || (d->kind == DECL_TYPE && d->path && strchr(d->path, '.')))
            return true;
    return false;
}

static void unused_import(struct checker *c, const struct scope *file, const struct decl *d)
{
    const char *name = d->path2 ? d->as.text : d->path;
    const struct symbol *y = name ? map_find(&file->symbols, name) : NULL;
    if (!y || y->decl != d || y->reached || name[0] == '_' || brings_types(y->body))
        return;
    struct diag *w = lint_warn(c->p, "BG7005", d->path2 ? d->as.span : d->path_span,
                               arena_printf(c->a, "nothing of `%s` is used", name), "remove the import");
    may_remove(c, w, d);
}

static void unused_fn_params(struct checker *c, const struct decl *fn)
{
    for (const struct field_ast *f = fn->params; f && fn->value; f = f->next) {
        if (!f->name.text || f->name.text[0] == '_' || expr_says(fn->value, f->name.text))
            continue;
        struct diag *w = diag_warn(c->ds, "BG7001", f->name.span, "parameter `%s` is never used", f->name.text);
        diag_help(c->ds, w, "remove it, or name it `_%s` if callers have to give it", f->name.text);
    }
}

static void unused_params(struct checker *c, const struct decl *module)
{
    const struct scope *s = program_file_scope(c->p, module->span);
    const struct symbol *y = s ? map_find(&s->symbols, module->name.text) : NULL;
    for (const struct field_ast *f = module->params; f && y && y->body; f = f->next) {
        const struct symbol *param = map_find(&y->body->symbols, f->name.text);
        if (param && param->decl->kind == DECL_INPUT)
            unused(c, param->decl, "parameter", false);
    }
}

static void unused_in(struct checker *c, const struct decl *body)
{
    for (const struct decl *d = body; d; d = d->next)
        switch (d->kind) {
        case DECL_LET: unused(c, d, "value", true); break;
        case DECL_INPUT: unused(c, d, "input", true); break;
        case DECL_EXISTING: unused(c, d, "existing", true); break;
        case DECL_ACCOUNT: unused(c, d, "account", true); break;
        case DECL_GATE: unused(c, d, "gate", true); break;
        case DECL_FN: unused(c, d, "function", true); break;
        case DECL_MODULE:
            unused_params(c, d);
            unused_in(c, d->body);
            break;
        case DECL_SHARED:
        case DECL_WORLD: unused_in(c, d->body); break;
        default: break;
        }
}

/* ---- one name for two things -------------------------------------------- */

struct bound { /* a name that an expression binds */
    const struct bound *up;
    struct word word;
};

struct shadow {
    struct checker *c;
    const struct scope *scope;
    const struct bound *bound;
};

static void bind(struct shadow *s, struct bound *b, struct word w)
{
    struct checker *c = s->c;
    *b = (struct bound){s->bound, w};
    if (!w.text)
        return;
    struct span first = NO_SPAN;
    for (const struct bound *o = s->bound; o && !first.file; o = o->up)
        if (o->word.text == w.text)
            first = o->word.span;
    const struct symbol *y = first.file ? NULL : scope_find(s->scope, w.text);
    if (y && y->scope != c->p->prelude)
        first = y->decl->name.span.file ? y->decl->name.span : y->decl->span;
    s->bound = b;
    if (!first.file)
        return;
    struct diag *d = diag_warn(c->ds, "BG7002", w.span, "`%s` hides another `%s`", w.text, w.text);
    diag_label(c->ds, d, first, "this one");
    diag_help(c->ds, d, "give one of them another name");
}

static void shadow_in(void *self, const struct expr *e)
{
    if (!e->binds)
        return;
    struct shadow *s = self, in = *s;
    struct bound first, second;
    switch (e->kind) {
    case EXPR_LAMBDA:
        bind(&in, &first, e->var);
        expr_each_child(e, shadow_in, &in);
        break;
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP:
        shadow_in(s, e->a); /* what it goes over does not see its names */
        bind(&in, &first, e->var);
        if (e->var2)
            bind(&in, &second, *e->var2);
        if (e->c)
            shadow_in(&in, e->c);
        if (e->key)
            shadow_in(&in, e->key);
        if (e->b)
            shadow_in(&in, e->b);
        break;
    default: expr_each_child(e, shadow_in, s); break;
    }
}

static void shadow_body(struct checker *c, const struct scope *scope, const struct decl *body);

static void shadow_params(struct shadow *s, const struct field_ast *f, const struct expr *body)
{
    struct bound b;
    if (!f) {
        if (body)
            shadow_in(s, body);
        return;
    }
    struct shadow in = *s;
    bind(&in, &b, f->name);
    shadow_params(&in, f->next, body);
}

/* A module's names are seen by nobody else, but its file's are seen by it. */
static void shadow_module(struct checker *c, const struct decl *d)
{
    const struct scope *s = program_file_scope(c->p, d->span);
    const struct symbol *y = s ? map_find(&s->symbols, d->name.text) : NULL;
    if (!y || !y->body)
        return;
    for (size_t i = 0; i < y->body->symbols.n; i++) {
        const struct symbol *own = y->body->symbols.entries[i].value;
        struct shadow outer = {.c = c, .scope = s};
        struct bound b;
        bind(&outer, &b, own->decl->name);
    }
    shadow_body(c, y->body, d->body);
}

static void shadow_body(struct checker *c, const struct scope *scope, const struct decl *body)
{
    for (const struct decl *d = body; d; d = d->next) {
        struct shadow s = {.c = c, .scope = scope};
        struct bound key;
        const struct symbol *y;
        switch (d->kind) {
        case DECL_FN: shadow_params(&s, d->params, d->value); continue;
        case DECL_MODULE: shadow_module(c, d); continue;
        case DECL_SHARED:
            if (scope->shared)
                shadow_body(c, scope->shared, d->body);
            continue;
        case DECL_WORLD:
            y = d->name.text ? map_find(&scope->symbols, d->name.text) : NULL;
            if (y && y->decl == d)
                shadow_body(c, y->body, d->body);
            continue;
        default: break;
        }
        if (d->key_set) {
            shadow_in(&s, d->key_set);
            bind(&s, &key, d->key_var);
        }
        const struct expr *own[] = {d->value, d->when};
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            if (own[i])
                shadow_in(&s, own[i]);
        for (const struct arg *g = d->fields; g; g = g->next)
            if (g->value)
                shadow_in(&s, g->value);
        for (const struct check_ast *k = d->gate ? d->gate->checks : NULL; k; k = k->next)
            if (k->cond)
                shadow_in(&s, k->cond);
    }
}

/* ---- rollouts ----------------------------------------------------------- */

static void without_bake(struct checker *c, const struct decl *d)
{
    const struct step_ast *last = NULL;
    for (const struct step_ast *s = d->steps; s; s = s->next) {
        if (s->kind == STEP_BAKE)
            return;
        last = s->kind == STEP_SHIFT ? s : last;
    }
    if (!last)
        return;
    struct diag *w = lint_warn(c->p, "BG7010", d->name.span, "this rollout does not bake",
                               "add `bake 24h while GATE` behind the last shift");
    diag_label(c->ds, w, last->span, "the old world is removed when this hold has passed");
    diag_note(c->ds, w, "while it bakes the old world stands ready: going back takes one change of weights");
}

void check_lint(struct checker *c)
{
    const struct scope *root = c->p->root;
    if (c->p->stack && root->file)
        unused_in(c, root->file->decls);
    for (size_t i = 0; i < c->p->file_scopes.n; i++) {
        const struct scope *s = c->p->file_scopes.at[i];
        if (!s || !s->file || program_is_std(c->p, (struct span){s->file->file, 0, 0}))
            continue;
        if (s->file->binds)
            shadow_body(c, s, s->file->decls);
        for (const struct decl *d = s->file->decls; d; d = d->next)
            if (d->kind == DECL_USE) {
                unused_import(c, s, d);
            } else if (d->kind == DECL_FN) {
                unused_fn_params(c, d);
            } else if (d->kind == DECL_MODULE && s != root) {
                unused_params(c, d);
                unused_in(c, d->body);
            }
    }
    for (size_t i = 0; i < c->p->rollouts.n; i++)
        without_bake(c, c->p->rollouts.at[i]);
}
