#include "plan/plan.h"

#include "lang/identity.h"
#include "plan/resources.h"

#include <string.h>

const char *plan_physical_name(struct schemas *ss, struct arena *a, const struct graph *g,
                               const struct node *n, const char *world_id)
{
    const struct schema *s = schema_find(ss, n->type);
    /* The address without its scope: "alb", "nat-eu-west-1a" for keyed ones. */
    const char *dot = strchr(n->address, '.');
    return identity_physical_name(a, g->stack, n->world ? n->world : "shared", world_id,
                                  dot ? dot + 1 : n->address, s ? s->name_limit : 64);
}

const char *plan_generation_name(struct arena *a, const char *stack, const char *address, int64_t generation,
                                 size_t limit)
{
    const char *dot = strchr(address, '.'), *name = dot ? dot + 1 : address;
    if (generation)
        name = arena_printf(a, "%s.g%lld", name, (long long)generation);
    return identity_physical_name(a, stack, "shared", NULL, name, limit);
}

/* What is known of a resource before AWS knows it: its name, where the type's
 * name is ours to choose, and everything that the author wrote. */
struct value *plan_predicted(struct schemas *ss, struct arena *a, const struct graph *g,
                             const struct node *n)
{
    const struct schema *s = schema_find(ss, n->type);
    struct value *fields = value_map(a);
    const struct world *w = n->world ? graph_world(g, n->world) : NULL;
    const char *name = plan_physical_name(ss, a, g, n, w ? w->id : NULL);
    value_put(fields, "name", value_string(a, name));
    if (!s)
        return fields;
    struct value *desired = schema_desired(ss, a, s, n->props);
    if (desired && desired->kind == V_MAP)
        for (size_t i = 0; i < desired->map->n; i++)
            value_put(fields, desired->map->entries[i].key, desired->map->entries[i].value);
    /* An id that is the name (`id name: string`) is known too. */
    if (s->id_field && !strcmp(s->id_field, "name"))
        value_put(fields, "id", value_string(a, name));
    return fields;
}

static const char *live_scope(struct arena *a, const struct graph *g, const struct node *n)
{
    const struct world *w = n->world ? graph_world(g, n->world) : NULL;
    return w ? arena_printf(a, "%s/%s", w->name, w->id) : NULL;
}

struct facts *plan_facts(struct schemas *ss, struct arena *a, const struct graph *g,
                         const struct live *l)
{
    struct facts *f = arena_make(a, struct facts);
    facts_init(f, a);
    if (l->facts)
        for (size_t i = 0; i < l->facts->by_address.n; i++)
            facts_put(f, l->facts->by_address.entries[i].key, l->facts->by_address.entries[i].value);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        if (n->existing)
            continue;
        const struct live_resource *r = live_find(l, live_scope(a, g, n), n->address);
        struct value *fields = plan_predicted(ss, a, g, n);
        if (r && r->reading)
            for (size_t k = 0; k < r->reading->fields->map->n; k++)
                value_put(fields, r->reading->fields->map->entries[k].key,
                          r->reading->fields->map->entries[k].value);
        facts_put(f, n->address, fields);
    }
    return f;
}
