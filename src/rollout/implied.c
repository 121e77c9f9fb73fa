#include "rollout/implied.h"

#include <string.h>

static struct value *setting(struct arena *a, struct diags *ds, const struct graph *g, const char *type, const char *name)
{
    const struct decl *decl = program_type(g->program, type);
    for (const struct type_item *i = decl ? decl->items : NULL; i; i = i->next)
        if (i->kind == ITEM_SETTING && !strcmp(i->name.text, name))
            return eval_expr(g->program, a, ds, i->value, NULL);
    return NULL;
}

static struct node *add_node(struct arena *a, struct graph *g, struct world *w, const char *address, const char *type,
                             struct span span)
{
    if (graph_find(g, address))
        return NULL;
    struct node *n = arena_make(a, struct node);
    const char *dot = strchr(address, '.');
    *n = (struct node){.address = address, .name = dot ? dot + 1 : address, .world = w->name, .type = type,
                       .span = span, .props = value_map(a)};
    vec_push(a, &g->nodes, n);
    map_put(&g->by_address, n->address, n);
    vec_push(a, &w->nodes, n);
    return n;
}

const char *implied_kill_switch(struct arena *a, const struct graph *g, const char *world)
{
    const struct traffic *t = graph_traffic(g, world);
    const struct value *alarm = t ? value_get(t->props, "kill_switch") : NULL;
    return alarm && alarm->kind == V_REF ? arena_printf(a, "%s.kill_switch", world) : NULL;
}

const char *implied_filter(struct arena *a, const char *log, const char *pattern)
{
    return arena_printf(a, "%s-count-%08x", log, (unsigned)(hash_text(pattern) & 0xffffffffu));
}

static bool kill_switches(struct arena *a, struct diags *ds, struct graph *g)
{
    for (size_t i = 0; i < g->traffics.n; i++) {
        const struct traffic *t = g->traffics.at[i];
        const char *address = implied_kill_switch(a, g, t->world);
        struct world *w = graph_world(g, t->world);
        if (!address || !w)
            continue;
        const char *type = value_get_string(setting(a, ds, g, t->kind, "switch"), "health_check");
        if (!type)
            continue; /* this kind of traffic has no health checks */
        struct value *alarm = value_get(t->props, "kill_switch");
        struct node *n = add_node(a, g, w, address, type, alarm->span);
        if (!n)
            continue;
        value_put(n->props, "alarm", alarm);
        vec_push(a, &n->deps, alarm->ref.address);
    }
    return true;
}

/* "web.log" of an expression that names a resource; NULL. */
static const char *address_of(struct arena *a, const struct expr *e)
{
    return e && e->kind == EXPR_FIELD && e->a->kind == EXPR_NAME
               ? arena_printf(a, "%s.%s", e->a->name.text, e->name.text) : NULL;
}

/* Every count(log, "pattern", ..) in an expression. What counts the lines of a log
 * is a type that the log's own type names. */
static void filters(struct arena *a, struct diags *ds, struct graph *g, const struct expr *e)
{
    if (!e)
        return;
    if (e->kind == EXPR_CALL && e->a->kind == EXPR_NAME && !strcmp(e->a->name.text, "count") && e->args &&
        e->args->next && e->args->next->value->kind == EXPR_LITERAL && e->args->next->value->literal->kind == V_STRING) {
        const char *log = address_of(a, e->args->value), *pattern = e->args->next->value->literal->s;
        const struct node *on = log ? graph_find(g, log) : NULL;
        struct world *w = on && on->world ? graph_world(g, on->world) : NULL;
        const struct value *type = w ? setting(a, ds, g, on->type, "counted_by") : NULL;
        struct node *n = type && type->kind == V_STRING
                             ? add_node(a, g, w, implied_filter(a, log, pattern), type->s, e->span) : NULL;
        if (n) {
            value_put(n->props, "log", value_ref(a, on->address, on->type, NULL));
            value_put(n->props, "pattern", value_string(a, pattern));
            vec_push(a, &n->deps, on->address);
        }
    }
    filters(a, ds, g, e->a);
    filters(a, ds, g, e->b);
    filters(a, ds, g, e->c);
    for (const struct arg *x = e->args; x; x = x->next)
        filters(a, ds, g, x->value);
}

bool implied_add(struct arena *a, struct diags *ds, struct graph *g)
{
    for (size_t i = 0; i < g->gates.n; i++)
        for (size_t k = 0; k < g->gates.at[i]->checks.n; k++)
            filters(a, ds, g, g->gates.at[i]->checks.at[k].ast->cond);
    return kill_switches(a, ds, g);
}
