#include "base/map.h"

#include <string.h>

uint64_t hash_text(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

void map_init(struct map *m, struct arena *a)
{
    *m = (struct map){.arena = a};
}

/* Most keys are interned, and most others differ at once. */
static inline bool same(const char *x, const char *y)
{
    return x == y || (*x == *y && !strcmp(x, y));
}

/* Small maps are scanned: most records have fewer than nine fields. */
static struct map_entry *lookup(const struct map *m, const char *key)
{
    if (!m->slots) {
        for (size_t i = 0; i < m->n; i++)
            if (same(m->entries[i].key, key))
                return &m->entries[i];
        return NULL;
    }
    for (size_t i = hash_text(key) & (m->nslots - 1); m->slots[i]; i = (i + 1) & (m->nslots - 1)) {
        struct map_entry *e = &m->entries[m->slots[i] - 1];
        if (same(e->key, key))
            return e;
    }
    return NULL;
}

static void rebuild(struct map *m, size_t nslots)
{
    m->slots = arena_array(m->arena, uint32_t, nslots);
    m->nslots = nslots;
    for (size_t e = 0; e < m->n; e++) {
        size_t i = hash_text(m->entries[e].key) & (nslots - 1);
        while (m->slots[i])
            i = (i + 1) & (nslots - 1);
        m->slots[i] = (uint32_t)e + 1;
    }
}

void *map_find(const struct map *m, const char *key)
{
    const struct map_entry *e = lookup(m, key);
    return e ? e->value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
    return lookup(m, key) != NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
    struct map_entry *e = lookup(m, key);
    if (e) {
        void *old = e->value;
        e->value = value;
        return old;
    }
    if (m->n == m->cap)
        m->entries = arena_grow(m->arena, m->entries, sizeof *m->entries, m->n, &m->cap);
    m->entries[m->n++] = (struct map_entry){key, value};
    if (m->n <= 8)
        return NULL;
    if (m->n * 2 > m->nslots)
        rebuild(m, m->nslots ? m->nslots * 2 : 32);
    else {
        size_t i = hash_text(key) & (m->nslots - 1);
        while (m->slots[i])
            i = (i + 1) & (m->nslots - 1);
        m->slots[i] = (uint32_t)m->n;
    }
    return NULL;
}
