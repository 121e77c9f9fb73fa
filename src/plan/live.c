#include "plan/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"

const char *live_mark(struct arena *a, const char *id)
{
    size_t n = strlen(id);
    bool fits = n <= 256 && strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/=+-@") == n;
    return fits ? id : arena_printf(a, "hash:%016llx", (unsigned long long)hash_text(id));
}

struct live_resource *live_find(const struct live *l, const char *world, const char *address)
{
    for (size_t i = 0; i < l->all.n; i++)
        if (texts_equal(l->all.at[i]->address, address) && texts_equal(l->all.at[i]->world, world))
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

int64_t live_generation(const struct live_resource *r)
{
    const char *said = r->reading ? value_get_string(r->reading->tags, TAG_GENERATION) : NULL;
    return said ? strtoll(said, NULL, 10) : 0;
}

/* What stands besides is the one to keep, or is put aside. */
static bool later_stands(struct arena *a, struct live *l, struct live_resource *r)
{
    for (size_t i = 0; !r->world && i < l->all.n; i++) {
        struct live_resource *o = l->all.at[i];
        if (o->world || strcmp(o->address, r->address) || strcmp(o->type, r->type))
            continue;
        if (live_generation(o) > live_generation(r)) {
            vec_push(a, &l->superseded, r);
            return true;
        }
        if (live_generation(o) < live_generation(r)) {
            vec_push(a, &l->superseded, o);
            l->all.at[i] = r;
            return true;
        }
    }
    return false;
}

void live_add(struct arena *a, struct live *l, struct live_resource *r)
{
    if (later_stands(a, l, r))
        return;
    vec_push(a, &l->all, r);
    if (!r->world)
        return;
    const char *slash = strchr(r->world, '/');
    const char *name = arena_strndup(a, r->world, (size_t)(slash - r->world));
    struct live_world *w = live_world(l, name, slash + 1);
    if (!w) {
        w = arena_make(a, struct live_world);
        *w = (struct live_world){.name = name, .id = arena_strdup(a, slash + 1)};
        vec_push(a, &l->worlds, w);
        /* Sorted by name and id: what is printed does not depend on who was found first. */
        for (size_t i = l->worlds.n - 1; i > 0; i--) {
            struct live_world *b = l->worlds.at[i - 1];
            int c = strcmp(b->name, w->name);
            if (c < 0 || (c == 0 && strcmp(b->id, w->id) < 0))
                break;
            l->worlds.at[i] = b;
            l->worlds.at[i - 1] = w;
        }
    }
    vec_push(a, &w->resources, r);
    if (!r->reading)
        return;
    const char *colour = value_get_string(r->reading->tags, TAG_COLOUR);
    if (colour && !w->colour)
        w->colour = colour;
    w->sealed = w->sealed || value_get(r->reading->tags, TAG_SEALED);
    w->doomed = w->doomed || value_get(r->reading->tags, TAG_DOOMED);
}

void live_remove(struct live *l, const char *world, const char *address)
{
    struct live_resource *r = live_find(l, world, address);
    if (!r)
        return;
    size_t k = 0;
    for (size_t i = 0; i < l->all.n; i++)
        if (l->all.at[i] != r)
            l->all.at[k++] = l->all.at[i];
    l->all.n = k;
    k = 0;
    for (size_t i = 0; i < l->worlds.n; i++) {
        struct live_world *w = l->worlds.at[i];
        size_t m = 0;
        for (size_t j = 0; j < w->resources.n; j++)
            if (w->resources.at[j] != r)
                w->resources.at[m++] = w->resources.at[j];
        w->resources.n = m;
        if (m)
            l->worlds.at[k++] = w; /* a world without resources is none */
    }
    l->worlds.n = k;
}
