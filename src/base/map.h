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

struct map_slot {
    uint32_t hash;
    uint32_t at; /* index + 1 into entries; 0 is empty */
};

struct map {
    struct arena *arena;
    struct map_entry *entries;
    size_t n, cap;
    struct map_slot *slots; /* built from 9 entries on; at most three quarters are full */
    size_t nslots;          /* a power of two */
};

void map_init(struct map *m, struct arena *a);
/* NULL when the key is absent. */
void *map_find(const struct map *m, const char *key);
/* The same for a key of `n` bytes, which need not end with NUL. */
void *map_find_n(const struct map *m, const char *key, size_t n);
/* Its entry, whose value may be changed; NULL when the key is absent. */
struct map_entry *map_entry_n(const struct map *m, const char *key, size_t n);
bool map_has(const struct map *m, const char *key);
/* Adds, or replaces in place; returns the value that stood there, or NULL. */
void *map_put(struct map *m, const char *key, void *value);
/* Room for `n` entries, so that none is copied while they are added. */
void map_reserve(struct map *m, size_t n);
/* Makes `to` what `from` is, in the same arena; the values are shared. */
void map_clone(struct map *to, const struct map *from);
/* FNV-1a, 64 bit (public domain, Fowler/Noll/Vo); not for untrusted identity.
 * Names are made of it: it may not change. */
uint64_t hash_text(const char *s);

#endif
