#include "lsp/fields.h"

#include <string.h>

const struct field_ast *field_named(const struct field_ast *f, const char *name)
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
