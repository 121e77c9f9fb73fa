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
    uint64_t h = n * odd, word = 0;
    if (n < sizeof word) {
        for (size_t i = 0; i < n; i++)
            word = word << 8 | (unsigned char)s[i];
        return (uint32_t)((h ^ word) * odd >> 32);
    }
    const char *last = s + n - sizeof word; /* overlaps the word before it */
    for (; s < last; s += sizeof word) {
        memcpy(&word, s, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    memcpy(&word, last, sizeof word);
    h = (h ^ word) * odd;
    h = (h ^ h >> 32) * odd; /* the last letters stand high, and differ most often */
    return (uint32_t)(h >> 32);
}

/* Most keys are interned: equal ones are one pointer. Most others differ at once. */
static inline bool same(const char *x, const char *key, size_t n)
{
    if (!n)
        return !*x;
    return (x == key || (*x == *key && !strncmp(x, key, n))) && !x[n];
}

/* Small maps are scanned: most records have fewer than nine fields. */
static struct map_entry *scan(const struct map *m, const char *key)
{
    struct map_entry *end = m->entries + m->n;
    for (struct map_entry *e = m->entries; e < end; e++)
        if (e->key == key || (*e->key == *key && !strcmp(e->key, key)))
            return e;
    return NULL;
}

static struct map_entry *probe(const struct map *m, const char *key, size_t n, uint32_t hash)
{
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

static struct map_entry *lookup(const struct map *m, const char *key)
{
    if (!m->slots)
        return scan(m, key);
    size_t n = strlen(key);
    return probe(m, key, n, hash_key(key, n));
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

struct map_entry *map_entry_n(const struct map *m, const char *key, size_t n)
{
    if (m->slots)
        return probe(m, key, n, hash_key(key, n));
    for (size_t i = 0; i < m->n; i++)
        if (same(m->entries[i].key, key, n))
            return &m->entries[i];
    return NULL;
}

void *map_find_n(const struct map *m, const char *key, size_t n)
{
    const struct map_entry *e = map_entry_n(m, key, n);
    return e ? e->value : NULL;
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

static void *replace(struct map_entry *e, void *value)
{
    void *old = e->value;
    e->value = value;
    return old;
}

static void append(struct map *m, const char *key, void *value)
{
    if (m->n == m->cap)
        m->entries = arena_grow(m->arena, m->entries, sizeof *m->entries, m->n, &m->cap);
    m->entries[m->n++] = (struct map_entry){key, value};
}

void *map_put(struct map *m, const char *key, void *value)
{
    if (!m->slots && m->n < SCANNED) {
        struct map_entry *e = scan(m, key);
        if (e)
            return replace(e, value);
        append(m, key, value);
        return NULL;
    }
    size_t len = strlen(key);
    uint32_t hash = hash_key(key, len);
    struct map_entry *e = m->slots ? probe(m, key, len, hash) : scan(m, key);
    if (e)
        return replace(e, value);
    make_slots(m, m->n + 1);
    fill_slot(m, hash, m->n);
    append(m, key, value);
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
