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

/* Eight bytes at a time; never leaves the process, so it may change. */
static uint32_t hash_key(const char *s, size_t n)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
    uint64_t h = n * odd, word;
    for (; n >= sizeof word; s += sizeof word, n -= sizeof word) {
        memcpy(&word, s, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, s, n);
    h = (h ^ word) * odd;
    return (uint32_t)(h >> 32);
}

/* Most keys are interned, and most others differ at once. */
static inline bool same(const char *x, const char *key, size_t n)
{
    if (!n)
        return !*x;
    return x == key || (*x == *key && !strncmp(x, key, n) && !x[n]);
}

/* Small maps are scanned: most records have fewer than nine fields. */
static struct map_entry *lookup(const struct map *m, const char *key, size_t n, uint32_t hash)
{
    if (!m->slots) {
        for (size_t i = 0; i < m->n; i++)
            if (same(m->entries[i].key, key, n))
                return &m->entries[i];
        return NULL;
    }
    const size_t mask = m->nslots - 1;
    for (size_t i = hash & mask; m->slots[i].at; i = (i + 1) & mask) {
        if (m->slots[i].hash != hash)
            continue;
        struct map_entry *e = &m->entries[m->slots[i].at - 1];
        if (same(e->key, key, n))
            return e;
    }
    return NULL;
}

static void fill_slot(struct map *m, uint32_t hash, size_t entry)
{
    size_t i = hash & (m->nslots - 1);
    while (m->slots[i].at)
        i = (i + 1) & (m->nslots - 1);
    m->slots[i] = (struct map_slot){hash, (uint32_t)entry + 1};
}

enum { SCANNED = 8 };

/* As many slots as `n` entries need. */
static void make_slots(struct map *m, size_t n)
{
    const struct map_slot *old = m->slots;
    size_t nold = m->nslots, want = nold ? nold : 16;
    while (n > want / 4 * 3)
        want *= 2;
    if (want == nold)
        return;
    m->slots = arena_array(m->arena, struct map_slot, want);
    m->nslots = want;
    for (size_t i = 0; i < nold; i++)
        if (old[i].at)
            fill_slot(m, old[i].hash, old[i].at - 1);
    for (size_t i = 0; !nold && i < m->n; i++)
        fill_slot(m, hash_key(m->entries[i].key, strlen(m->entries[i].key)), i);
}

void *map_find_n(const struct map *m, const char *key, size_t n)
{
    const struct map_entry *e = lookup(m, key, n, m->slots ? hash_key(key, n) : 0);
    return e ? e->value : NULL;
}

void *map_find(const struct map *m, const char *key)
{
    return map_find_n(m, key, strlen(key));
}

bool map_has(const struct map *m, const char *key)
{
    size_t n = strlen(key);
    return lookup(m, key, n, m->slots ? hash_key(key, n) : 0) != NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
    size_t len = strlen(key);
    uint32_t hash = m->slots || m->n >= SCANNED ? hash_key(key, len) : 0;
    struct map_entry *e = lookup(m, key, len, hash);
    if (e) {
        void *old = e->value;
        e->value = value;
        return old;
    }
    if (m->n >= SCANNED)
        make_slots(m, m->n + 1);
    if (m->n == m->cap)
        m->entries = arena_grow(m->arena, m->entries, sizeof *m->entries, m->n, &m->cap);
    if (m->slots)
        fill_slot(m, hash, m->n);
    m->entries[m->n++] = (struct map_entry){key, value};
    return NULL;
}

void map_reserve(struct map *m, size_t n)
{
    if (n <= m->cap)
        return;
    struct map_entry *entries = arena_array(m->arena, struct map_entry, n);
    if (m->n)
        memcpy(entries, m->entries, m->n * sizeof *entries);
    m->entries = entries;
    m->cap = n;
    if (n > SCANNED)
        make_slots(m, n);
}

void map_clone(struct map *to, const struct map *from)
{
    *to = *from;
    to->entries = arena_array(to->arena, struct map_entry, from->cap);
    if (from->n)
        memcpy(to->entries, from->entries, from->n * sizeof *to->entries);
    if (from->slots) {
        to->slots = arena_array(to->arena, struct map_slot, from->nslots);
        memcpy(to->slots, from->slots, from->nslots * sizeof *to->slots);
    }
}
