#include "lang/check_state.h"
#include "lang/walk.h"

/* A secret that is written into the program lies in its repository, and in the history of
 * that for good: whoever may read the code may read it. */

struct said {
    const struct expr *callee;
    bool names, text;
};

/* Whether something is named, functions apart, and whether there is a literal. */
static void look(void *self, const struct expr *e)
{
    struct said *s = self;
    const struct expr *outer = s->callee;
    if (e == s->callee)
        return;
    s->names = s->names || e->kind == EXPR_NAME;
    s->text = s->text || e->kind == EXPR_TEMPLATE || (e->kind == EXPR_LITERAL && e->literal->kind != V_NONE);
    s->callee = e->kind == EXPR_CALL ? e->a : NULL;
    expr_each_child(e, look, s);
    s->callee = outer;
}

/* `e` is to be a secret. What is made of something that has a name is as secret as that. */
static void written_out(const struct at *at, const struct expr *e, const char *name)
{
    struct said s = {0};
    if (e->kind == EXPR_IF || (e->kind == EXPR_BINARY && e->op == OP_COALESCE)) {
        written_out(at, e->kind == EXPR_IF ? e->c : e->a, name);
        written_out(at, e->b, name);
        return;
    }
    look(&s, e);
    if (s.names || !s.text)
        return;
    struct diag *d = diag_error(at->c->ds, "BG1507", e->span, "the default of the secret `%s` stands in the program",
                                name);
    diag_note(at->c->ds, d, "who can read the repository can read it, and its history keeps it");
    diag_help(at->c->ds, d, "leave the default out: an input takes its value from BGC_INPUT_%s, a parameter from its "
                            "caller; or look it up: `existing %s: ssm.parameter { name = \"...\" }`", name, name);
}

void check_secret_default(const struct at *at, const struct type *t, const struct expr *e, const char *name)
{
    while (t && t->kind == TYPE_K_OPTION)
        t = t->elem;
    if (!t)
        return;
    if (t->kind == TYPE_K_SECRET) {
        written_out(at, e, name);
    } else if (t->kind == TYPE_K_RECORD && e->kind == EXPR_RECORD) {
        for (const struct arg *g = e->args; g; g = g->next) {
            const struct type_member *m = g->name.text ? type_member(t, g->name.text) : NULL;
            if (m && g->value)
                check_secret_default(at, m->type, g->value, g->name.text);
        }
    } else if (t->elem && (e->kind == EXPR_LIST || e->kind == EXPR_MAP)) {
        for (const struct arg *g = e->args; g; g = g->next)
            if (g->value)
                check_secret_default(at, t->elem, g->value, name);
    }
}
