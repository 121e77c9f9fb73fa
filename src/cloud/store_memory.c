/* Objects in a map: the sandbox's own store. The etag is a counter that outlives
 * the object, so that equal contents written twice still differ. */
#include "cloud/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    struct map *objects; /* key -> "COUNTER\nTEXT"; "-COUNTER": deleted */
};

static const char *split(const char *stored, long long *counter)
{
    char *end;
    *counter = strtoll(stored, &end, 10);
    return *end == '\n' ? end + 1 : end;
}

static bool present(const char *stored)
{
    return stored && *stored != '-';
}

static enum store_result mem_get(void *self, struct arena *a, const char *key, const char **text,
                                 const char **etag, const char **why)
{
    (void)why;
    const struct memory *m = self;
    const char *stored = map_find(m->objects, key);
    if (!present(stored))
        return STORE_ABSENT;
    long long counter;
    *text = arena_strdup(a, split(stored, &counter));
    *etag = arena_printf(a, "%lld", counter);
    return STORE_OK;
}

static bool matches(const char *stored, const char *etag)
{
    long long counter;
    if (!etag)
        return !present(stored);
    if (!present(stored))
        return false;
    split(stored, &counter);
    return counter == strtoll(etag, NULL, 10);
}

static long long next_counter(const char *stored)
{
    long long counter = 0;
    if (stored)
        split(*stored == '-' ? stored + 1 : stored, &counter);
    return counter + 1;
}

static enum store_result mem_put(void *self, struct arena *a, const char *key, const char *text,
                                 const char *etag, const char **new_etag, const char **why)
{
    (void)why;
    const struct memory *m = self;
    const char *stored = map_find(m->objects, key);
    if (!matches(stored, etag))
        return STORE_CONFLICT;
    long long counter = next_counter(stored);
    struct arena *own = m->objects->arena;
    map_put(m->objects, arena_strdup(own, key), arena_printf(own, "%lld\n%s", counter, text));
    *new_etag = arena_printf(a, "%lld", counter);
    return STORE_OK;
}

static enum store_result mem_del(void *self, struct arena *a, const char *key, const char *etag,
                                 const char **why)
{
    (void)a, (void)why;
    const struct memory *m = self;
    const char *stored = map_find(m->objects, key);
    if (!present(stored))
        return STORE_ABSENT;
    if (etag && !matches(stored, etag))
        return STORE_CONFLICT;
    /* The counter outlives the object: an old etag never matches a new object. */
    map_put(m->objects, key, arena_printf(m->objects->arena, "-%lld", next_counter(stored)));
    return STORE_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum store_result mem_list(void *self, struct arena *a, const char *prefix, const char ***keys,
                                  size_t *n, const char **why)
{
    (void)why;
    const struct memory *m = self;
    *keys = arena_array(a, const char *, m->objects->n + 1);
    *n = 0;
    for (size_t i = 0; i < m->objects->n; i++)
        if (present(m->objects->entries[i].value) &&
            !strncmp(m->objects->entries[i].key, prefix, strlen(prefix)))
            (*keys)[(*n)++] = m->objects->entries[i].key;
    qsort(*keys, *n, sizeof **keys, by_text);
    return STORE_OK;
}

static const struct store_ops memory_ops = {mem_get, mem_put, mem_del, mem_list};

struct store *store_memory(struct arena *a, struct map *objects)
{
    struct memory *m = arena_make(a, struct memory);
    m->objects = objects;
    struct store *s = arena_make(a, struct store);
    *s = (struct store){&memory_ops, m, "the sandbox account"};
    return s;
}
