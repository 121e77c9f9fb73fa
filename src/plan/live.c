#include "plan/live.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

struct live_resource *live_find(const struct live *l, const char *world, const char *address)
{
    for (size_t i = 0; i < l->all.n; i++)
        if (same(l->all.at[i]->address, address) && same(l->all.at[i]->world, world))
            return l->all.at[i];
    return NULL;
}

struct live_world *live_world(const struct live *l, const char *name, const char *id)
{
    for (size_t i = 0; id && i < l->worlds.n; i++)
        if (!strcmp(l->worlds.at[i]->name, name) && !strcmp(l->worlds.at[i]->id, id))
            return l->worlds.at[i];
    return NULL;
}

struct traffic_state *live_traffic(const struct live *l, const char *world)
{
    for (size_t i = 0; i < l->traffics.n; i++)
        if (!strcmp(l->traffics.at[i]->world, world))
            return l->traffics.at[i];
    return NULL;
}
