#include "base/intern.h"
#include "lang/check_state.h"

/* Which fields were written: most records have few, and those need no map. */

const struct arg *given_find(const struct given *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (names_equal(s->few[i]->name.text, name))
            return s->few[i];
    return s->many.arena ? map_find(&s->many, name) : NULL;
}

const struct arg *given_add(struct given *s, struct arena *a, const struct arg *g)
{
    const struct arg *before = given_find(s, g->name.text);
    if (before)
        return before;
    if (s->n < GIVEN_FEW) {
        s->few[s->n++] = g;
        return NULL;
    }
    if (!s->many.arena)
        map_init(&s->many, a);
    map_put(&s->many, g->name.text, (void *)(uintptr_t)g);
    return NULL;
}
