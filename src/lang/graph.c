#include "lang/graph.h"

#include <string.h>

struct node *graph_find(const struct graph *g, const char *address)
{
    struct node *n = address ? map_find(&g->by_address, address) : NULL;
    size_t len = address ? strlen(address) : 0;
    if (n || len < 5 || strcmp(address + len - 2, "\"]"))
        return n;
    /* an element of a set: what stands before the last ["...] */
    size_t open = len - 2;
    while (open > 1 && !(address[open - 1] == '"' && address[open - 2] == '['))
        open--;
    char name[256];
    if (open < 2 || open - 2 >= sizeof name)
        return NULL;
    memcpy(name, address, open - 2);
    name[open - 2] = '\0';
    n = map_find(&g->by_address, name);
    return n && n->set ? n : NULL;
}

struct world *graph_world(const struct graph *g, const char *name)
{
    for (size_t i = 0; name && i < g->worlds.n; i++)
        if (!strcmp(g->worlds.at[i]->name, name))
            return g->worlds.at[i];
    return NULL;
}

struct gate *graph_gate(const struct graph *g, const char *name)
{
    for (size_t i = 0; name && i < g->gates.n; i++)
        if (!strcmp(g->gates.at[i]->name, name))
            return g->gates.at[i];
    return NULL;
}

struct rollout *graph_rollout(const struct graph *g, const char *world, const char *as)
{
    for (size_t i = 0; i < g->rollouts.n; i++) {
        struct rollout *r = g->rollouts.at[i];
        if (!strcmp(r->world, world) && !r->as == !as && (!as || !strcmp(r->as, as)))
            return r;
    }
    return NULL;
}

struct traffic *graph_traffic(const struct graph *g, const char *world)
{
    for (size_t i = 0; world && i < g->traffics.n; i++)
        if (!strcmp(g->traffics.at[i]->world, world))
            return g->traffics.at[i];
    return NULL;
}
