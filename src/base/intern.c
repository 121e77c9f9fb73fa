#include "base/intern.h"

#include <string.h>

void intern_init(struct intern *in, struct arena *a)
{
    map_init(&in->names, a);
}

const char *intern(struct intern *in, const char *s)
{
    const char *have = map_find(&in->names, s);
    if (have)
        return have;
    char *own = arena_strdup(in->names.arena, s);
    map_put(&in->names, own, own);
    return own;
}

const char *intern_n(struct intern *in, const char *s, size_t n)
{
    char small[128];
    if (n < sizeof small) {
        memcpy(small, s, n);
        small[n] = '\0';
        return intern(in, small);
    }
    return intern(in, arena_strndup(in->names.arena, s, n));
}
