/* map.h - string keys to pointers, in the order in which they were added.
 *
 * Iteration goes over `entries` and so is in insertion order: nothing that bgc
 * prints or sends ever depends on a hash. Keys are not copied: they must live
 * as long as the map's arena.
 */
#ifndef BGC_BASE_MAP_H
#define BGC_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct map_entry {
    const char *key;
    void *value;
};

struct map {
    struct arena *arena;
    struct map_entry *entries;
    size_t n, cap;
    uint32_t *slots; /* index + 1 into entries; 0 is empty; built from 9 entries on */
    size_t nslots;   /* a power of two */
};

void map_init(struct map *m, struct arena *a);
/* NULL when the key is absent. */
void *map_find(const struct map *m, const char *key);
bool map_has(const struct map *m, const char *key);
/* Adds, or replaces in place; returns the value that stood there, or NULL. */
void *map_put(struct map *m, const char *key, void *value);
/* FNV-1a, 64 bit (public domain, Fowler/Noll/Vo); not for untrusted identity. */
uint64_t hash_text(const char *s);

#endif
