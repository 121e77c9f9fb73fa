#include "base/intern.h"

#include <string.h>

void intern_init(struct intern *in, struct arena *a)
{
    map_init(&in->names, a);
}

const char *intern_n(struct intern *in, const char *s, size_t n)
{
    const char *have = map_find_n(&in->names, s, n);
    if (have)
        return have;
    char *own = arena_strndup(in->names.arena, s, n);
    map_put(&in->names, own, own);
    return own;
}

const char *intern(struct intern *in, const char *s)
{
    return intern_n(in, s, strlen(s));
}
