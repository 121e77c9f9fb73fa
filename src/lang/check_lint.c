#include <string.h>

#include "lang/check_state.h"

/* Warnings about what is sound but probably not meant. Only for programs without
 * errors: a mistake hides uses. */

static void unused(struct checker *c, const struct decl *d, const char *what)
{
    if (!d->name.text || d->name.text[0] == '_' || is_used(c, d))
        return;
    struct diag *w = diag_warn(c->ds, "BG1030", d->name.span, "%s `%s` is never used", what,
                               d->name.text);
    diag_help(c->ds, w, "remove it, or name it `_%s` if that is meant", d->name.text);
}

static void unused_in(struct checker *c, const struct decl *body)
{
    for (const struct decl *d = body; d; d = d->next)
        switch (d->kind) {
        case DECL_LET: unused(c, d, "value"); break;
        case DECL_INPUT: unused(c, d, "input"); break;
        case DECL_EXISTING: unused(c, d, "existing"); break;
        case DECL_ACCOUNT: unused(c, d, "account"); break;
        case DECL_GATE: unused(c, d, "gate"); break;
        case DECL_FN: unused(c, d, "function"); break;
        case DECL_SHARED:
        case DECL_WORLD: unused_in(c, d->body); break;
        default: break;
        }
}

void check_lint(struct checker *c)
{
    const struct scope *root = c->p->root;
    if (c->p->stack && root->file)
        unused_in(c, root->file->decls);
}
