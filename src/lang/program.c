#include "lang/program.h"

#include <string.h>

#include "lang/files.h"
#include "lang/load.h"

/* ---- scopes ---------------------------------------------------------- */

const struct scope *scope_root(const struct scope *s)
{
    while (s->kind != SCOPE_ROOT)
        s = s->parent;
    return s;
}

/* What a module sees of the file that it stands in. */
static bool seen_by_modules(const struct symbol *y)
{
    switch (y->decl->kind) {
    case DECL_LET:
    case DECL_FN:
    case DECL_MODULE:
    case DECL_TYPE:
    case DECL_USE: return true;
    default: return false;
    }
}

struct symbol *scope_find(const struct scope *s, const char *name)
{
    bool module = false;
    for (; s; s = s->parent) {
        struct symbol *y = map_find(&s->symbols, name);
        if (!y && s->kind == SCOPE_ROOT && s->shared && !module)
            y = map_find(&s->shared->symbols, name);
        if (y && !(module && !seen_by_modules(y)))
            return y;
        module = module || s->kind == SCOPE_MODULE;
    }
    return NULL;
}

struct symbol *program_in_world(const struct program *p, const char *world, const char *name)
{
    const struct symbol *w = p->root ? map_find(&p->root->symbols, world) : NULL;
    return w && w->decl->kind == DECL_WORLD && w->body ? map_find(&w->body->symbols, name) : NULL;
}

struct scope *program_file_scope(const struct program *p, struct span at)
{
    return at.file < p->file_scopes.n ? p->file_scopes.at[at.file] : NULL;
}

bool program_is_std(const struct program *p, struct span at)
{
    const struct source *src = sources_find(p->ds->sources, at);
    return src && !strncmp(src->path, "std:", 4);
}

/* ---- types, services, modules ---------------------------------------- */

/* Loads the embedded file that the part before the first dot names. */
static void load_for(struct program *p, const char *path)
{
    const char *dot = strchr(path, '.');
    size_t n = dot ? (size_t)(dot - path) : strlen(path);
    load_std(p, arena_printf(p->arena, "aws/%.*s.bg", (int)n, path));
}

static const struct decl *find_type(struct program *p, const char *path)
{
    const struct decl *d = map_find(&p->types, path);
    if (d || !strchr(path, '.') || !strncmp(path, "std.", 4)) /* those are modules */
        return d;
    load_for(p, path);
    return map_find(&p->types, path);
}

/* Most paths are interned, so that where one stands in memory tells it from others. */
const struct decl *program_type(struct program *p, const char *path)
{
    struct recent_type *r = &p->recent_types[(uintptr_t)path / ARENA_ALIGN % RECENT_TYPES];
    if (r->decl && !strcmp(r->path, path))
        return r->decl;
    const struct decl *d = find_type(p, path);
    if (d)
        *r = (struct recent_type){d->path ? d->path : d->name.text, d};
    return d;
}

const struct decl *program_service(struct program *p, const char *name)
{
    const struct decl *d = map_find(&p->services, name);
    if (d || strchr(name, '.'))
        return d;
    load_for(p, name);
    if (!map_has(&p->services, name))
        load_std(p, "aws/services.bg");
    return map_find(&p->services, name);
}

/* The module of a file that was imported under a name: the one that is called
 * like it, or its only one. */
static const struct symbol *main_module(const struct scope *file, const char *name)
{
    const struct symbol *only = NULL;
    size_t n = 0;
    for (size_t i = 0; i < file->symbols.n; i++) {
        const struct symbol *y = file->symbols.entries[i].value;
        if (y->decl->kind != DECL_MODULE)
            continue;
        if (!strcmp(y->name, name))
            return y;
        only = y;
        n++;
    }
    return n == 1 ? only : NULL;
}

const struct symbol *program_module(struct program *p, const struct scope *from, const char *path)
{
    if (!strncmp(path, "std.", 4)) {
        /* `use std.network` is a symbol of its file under its whole path. */
        struct symbol *use = map_find(&scope_root(from)->symbols, path);
        if (use)
            use->reached = true;
        return use ? map_find(&p->modules, path) : NULL;
    }
    const char *dot = strchr(path, '.');
    if (!dot) {
        struct symbol *y = scope_find(from, path);
        if (y && y->decl->kind == DECL_USE && y->body) {
            y->reached = true;
            return main_module(y->body, path);
        }
        return y && y->decl->kind == DECL_MODULE ? y : NULL;
    }
    struct symbol *use = map_find_n(&scope_root(from)->symbols, path, (size_t)(dot - path));
    if (!use || use->decl->kind != DECL_USE || !use->body)
        return NULL;
    use->reached = true;
    const struct symbol *y = map_find(&use->body->symbols, dot + 1);
    return y && y->decl->kind == DECL_MODULE ? y : NULL;
}

static const struct type_item *item_find(const struct decl *type, const char *name,
                                         enum type_item_kind kind)
{
    for (const struct type_item *i = type ? type->items : NULL; i; i = i->next)
        if (i->kind == kind && i->name.text && names_equal(i->name.text, name))
            return i;
    return NULL;
}

const struct type_item *type_field(const struct decl *type, const char *name)
{
    return item_find(type, name, ITEM_FIELD);
}

const struct type_item *type_metric(const struct decl *type, const char *name)
{
    return item_find(type, name, ITEM_METRIC);
}

const struct type_item *type_setting(const struct decl *type, const char *name)
{
    return item_find(type, name, ITEM_SETTING);
}

bool type_is_resource(const struct decl *type)
{
    for (const struct type_item *i = type ? type->items : NULL; i; i = i->next)
        if (i->kind == ITEM_API)
            return true;
    return false;
}

bool type_has_call(const struct decl *type, const char *verb)
{
    return item_find(type, verb, ITEM_CALL) != NULL;
}
