#include "base/intern.h"

#include <string.h>

void intern_init(struct intern *in, struct arena *a)
{
    map_init(&in->names, a);
}

struct map_entry *intern_entry(struct intern *in, const char *s, size_t n)
{
    struct map_entry *have = map_entry_n(&in->names, s, n);
    if (have)
        return have;
    map_put(&in->names, arena_strndup(in->names.arena, s, n), NULL);
    return &in->names.entries[in->names.n - 1];
}

const char *intern_n(struct intern *in, const char *s, size_t n)
{
    return intern_entry(in, s, n)->key;
}

const char *intern(struct intern *in, const char *s)
{
    return intern_n(in, s, strlen(s));
}
