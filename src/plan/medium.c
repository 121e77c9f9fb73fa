#include "plan/medium.h"

#include <string.h>

struct value *medium_how(struct arena *a, const struct graph *g, const char *kind)
{
    const struct decl *type = program_type(g->program, kind);
    const struct type_item *i = type ? type_setting(type, "switch") : NULL;
    struct value *v = i ? eval_expr(g->program, a, g->program->ds, i->value, NULL) : NULL;
    return v && v->kind == V_MAP ? v : NULL;
}

const struct value *medium_owns(struct arena *a, const struct graph *g, const struct node *n)
{
    for (size_t i = 0; n && i < g->traffics.n; i++) {
        const struct value *at = value_get(g->traffics.at[i]->props, "at");
        if (!at || at->kind != V_REF || strcmp(at->ref.address, n->address) != 0)
            continue;
        const struct value *list = value_get(medium_how(a, g, g->traffics.at[i]->kind), "instead_of");
        return list && list->kind == V_LIST ? list : NULL;
    }
    return NULL;
}

struct value *medium_without(struct arena *a, const struct value *want, const struct value *names)
{
    struct value *out = value_map(a);
    for (size_t i = 0; i < want->map->n; i++) {
        bool left = false;
        for (size_t k = 0; k < names->list.n; k++)
            left = left || !strcmp(names->list.at[k]->s, want->map->entries[i].key);
        if (!left)
            value_put(out, want->map->entries[i].key, want->map->entries[i].value);
    }
    return out;
}
