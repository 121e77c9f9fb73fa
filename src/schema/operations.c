#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/internal.h"

struct use {
    const struct schema *s;
    const struct schema_call *c;
    struct use *next;
};

static void add(struct schemas *ss, const struct schema *s, const struct schema_call *c)
{
    struct arena *a = ss->program->arena;
    const char *key = arena_printf(a, "%s %s", c->service, c->operation);
    struct use *u = arena_make(a, struct use);
    *u = (struct use){s, c, NULL};
    struct use *last = map_find(&ss->by_operation, key);
    if (!last) {
        map_put(&ss->by_operation, key, u);
        return;
    }
    while (last->next)
        last = last->next;
    last->next = u;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *const *schemas_names(struct schemas *ss, struct arena *a, size_t *n)
{
    program_load_all_types(ss->program);
    VEC(const char *) names = {0};
    for (size_t i = 0; i < ss->program->types.n; i++)
        vec_push(a, &names, ss->program->types.entries[i].key);
    if (names.n > 1)
        qsort(names.at, names.n, sizeof *names.at, by_name);
    *n = names.n;
    return names.at;
}

const struct schema *schema_of_operation(struct schemas *ss, const char *service,
                                         const char *operation, size_t nth,
                                         const struct schema_call **call)
{
    if (!ss->indexed) {
        ss->indexed = true;
        size_t n = 0;
        const char *const *names = schemas_names(ss, ss->program->arena, &n);
        for (size_t i = 0; i < n; i++) {
            const struct schema *s = schema_find(ss, names[i]);
            for (size_t k = 0; s && k < s->calls.n; k++)
                add(ss, s, &s->calls.at[k]);
        }
    }
    char key[256];
    if ((size_t)snprintf(key, sizeof key, "%s %s", service, operation) >= sizeof key)
        return NULL;
    const struct use *u = map_find(&ss->by_operation, key);
    for (; u && nth; nth--)
        u = u->next;
    if (!u)
        return NULL;
    *call = u->c;
    return u->s;
}
