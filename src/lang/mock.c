#include "lang/mock.h"

#include <string.h>

/* ---- which existing -------------------------------------------------- */

struct walk {
    struct program *p;
    struct arena *a;
    const struct scope *scope; /* of what the next name stands in; NULL: in nothing */
    const struct decl *decl;   /* the last declaration that was named */
    const struct symbol *module; /* that it is an instance of; NULL */
    const char *address;
};

static bool enter(struct walk *w, const struct symbol *y, const char *address)
{
    const struct decl *d = y ? y->decl : NULL;
    if (!d || (d->kind != DECL_EXISTING && d->kind != DECL_RESOURCE) || !d->path)
        return false;
    w->decl = d;
    w->address = address;
    w->module = program_module(w->p, y->scope, d->path);
    w->scope = w->module ? w->module->body : NULL;
    return true;
}

static bool step_name(struct walk *w, const char *name)
{
    const struct scope *root = w->p->root;
    if (w->address) { /* a member of what was named before */
        const struct symbol *y = w->scope ? map_find(&w->scope->symbols, name) : NULL;
        return enter(w, y, arena_printf(w->a, "%s.%s", w->address, name));
    }
    if (w->scope) /* shared.NAME, web.NAME */
        return enter(w, map_find(&w->scope->symbols, name),
                     w->scope->kind == SCOPE_WORLD
                         ? arena_printf(w->a, "%s.%s", w->scope->name, name)
                         : arena_printf(w->a, "shared.%s", name));
    if (!strcmp(name, "shared") && root->shared) {
        w->scope = root->shared;
        return true;
    }
    const struct symbol *y = scope_find(root, name);
    if (y && y->decl->kind == DECL_WORLD) {
        w->scope = y->body;
        return y->body != NULL;
    }
    return enter(w, y, arena_printf(w->a, "shared.%s", name));
}

static bool step_key(struct walk *w, const struct expr *key)
{
    const struct value *v = key->kind == EXPR_LITERAL ? key->literal : NULL;
    if (!v || !w->decl || !w->decl->key_set || (v->kind != V_STRING && v->kind != V_INT))
        return false;
    w->address = v->kind == V_STRING
                     ? arena_printf(w->a, "%s[\"%s\"]", w->address, v->s)
                     : arena_printf(w->a, "%s[\"%lld\"]", w->address, (long long)v->i);
    return true;
}

static bool follow(struct walk *w, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_NAME: return step_name(w, e->name.text);
    case EXPR_FIELD: return follow(w, e->a) && step_name(w, e->name.text);
    case EXPR_INDEX: return follow(w, e->a) && step_key(w, e->b);
    default: return false;
    }
}

bool mock_find(struct program *p, struct arena *a, const struct expr *target, struct mock *out)
{
    struct walk w = {.p = p, .a = a};
    if (!target || !p->root || !follow(&w, target) || !w.decl || w.module ||
        w.decl->kind != DECL_EXISTING)
        return false;
    *out = (struct mock){w.decl, program_type(p, w.decl->path), w.address};
    size_t n = strlen(w.address);
    bool keyed = n && w.address[n - 1] == ']';
    return out->type && type_is_resource(out->type) && keyed == (w.decl->key_set != NULL);
}

/* ---- what it may say ------------------------------------------------- */

/* AWS shows ids where the language has references. */
static const struct type *shown(struct program *p, const struct type *t)
{
    switch (t->kind) {
    case TYPE_K_REF: return type_simple(TYPE_K_STRING);
    case TYPE_K_LIST:
    case TYPE_K_SET:
    case TYPE_K_MAP:
    case TYPE_K_OPTION: {
        const struct type *elem = shown(p, t->elem);
        return elem == t->elem ? t : type_of(p->arena, t->kind, elem);
    }
    case TYPE_K_UNION:
        for (size_t i = 0; i < t->items.n; i++)
            if (t->items.at[i]->kind != TYPE_K_REF)
                return t;
        return t->items.n ? type_simple(TYPE_K_STRING) : t;
    default: return t;
    }
}

static void put_member(struct program *p, struct type *record, const char *name,
                       const struct type *is)
{
    if (type_member(record, name))
        return;
    if (is->kind != TYPE_K_OPTION)
        is = type_of(p->arena, TYPE_K_OPTION, is);
    vec_push(p->arena, &record->fields, (struct type_member){.name = name, .type = is});
}

const struct type *mock_type(struct program *p, const struct mock *m)
{
    struct type *record = arena_make(p->arena, struct type);
    record->kind = TYPE_K_RECORD;
    record->name = arena_printf(p->arena, "what is found of %s", m->decl->path);
    put_member(p, record, "id", type_simple(TYPE_K_STRING));
    for (const struct type_item *i = m->type->items; i; i = i->next)
        if (i->kind == ITEM_FIELD && i->name.text && i->type &&
            (!(i->mods & FIELD_QUERY) || i->get || i->get_expr))
            put_member(p, record, i->name.text, shown(p, type_of_field(p, m->type, i)));
    return m->decl->set ? type_of(p->arena, TYPE_K_LIST, record) : record;
}

/* ---- what it looks for ------------------------------------------------ */

bool mock_query(struct program *p, struct arena *a, const struct expr *e, struct mock *out)
{
    return e->kind == EXPR_FIELD && e->name.text && !strcmp(e->name.text, "query") &&
           mock_find(p, a, e->a, out) && !type_field(out->type, "query");
}

const struct type *mock_query_type(struct program *p, const struct mock *m)
{
    const struct type *asked = type_of_resource(p, m->type, true);
    struct type *record = arena_make(p->arena, struct type);
    record->kind = TYPE_K_RECORD;
    record->name = arena_printf(p->arena, "the query for %s", m->decl->path);
    for (size_t i = 0; i < asked->fields.n; i++) {
        const struct type_member *f = &asked->fields.at[i];
        bool written = false;
        for (const struct arg *g = m->decl->fields; g; g = g->next)
            written = written || (g->name.text && !strcmp(g->name.text, f->name));
        if (!written)
            put_member(p, record, f->name, f->type);
        else
            vec_push(p->arena, &record->fields, (struct type_member){
                .name = f->name, .type = f->type->kind == TYPE_K_OPTION ? f->type->elem : f->type});
    }
    return record;
}
