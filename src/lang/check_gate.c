#include <string.h>

#include "lang/check_state.h"

/* Conditions of gates, and what they measure. */

struct gate_facts *gate_facts_find(const struct checker *c, const char *name)
{
    for (size_t i = 0; i < c->gates.n; i++)
        if (c->gates.at[i]->decl->name.text && !strcmp(c->gates.at[i]->decl->name.text, name))
            return c->gates.at[i];
    return NULL;
}

static void check_condition(struct checker *c, struct check_facts *f)
{
    struct at at = {
        .c = c, .scope = c->p->root, .site = SITE_GATE, .measures = &f->measures};
    struct typed t = check_at(&at, f->ast->cond, type_simple(TYPE_K_BOOL), "a check");
    f->sound = !is_poison(t);
    if (f->sound && !f->measures.all.n) {
        struct diag *d = diag_error(c->ds, "BG4018", f->ast->cond->span,
                                    "this check measures nothing");
        diag_help(c->ds, d, "what is known beforehand is an `assert`; a check looks at metrics, "
                            "logs or probes");
        f->sound = false;
    }
}

void check_gates(struct checker *c)
{
    for (size_t i = 0; i < c->p->gates.n; i++) {
        struct gate_facts *g = arena_make(c->a, struct gate_facts);
        g->decl = c->p->gates.at[i];
        vec_push(c->a, &c->gates, g);
        if (!g->decl->gate)
            continue;
        for (const struct check_ast *k = g->decl->gate->checks; k; k = k->next) {
            struct check_facts *f = arena_make(c->a, struct check_facts);
            f->ast = k;
            if (k->cond)
                check_condition(c, f);
            vec_push(c->a, &g->checks, f);
        }
    }
}
