#include "plan/order.h"

#include <string.h>

struct visit {
    struct arena *arena;
    const struct graph *graph;
    struct map index; /* address -> index + 1 of the nodes asked for */
    struct node *const *nodes;
    unsigned char *seen;
    struct node **out;
    size_t n;
};

static void place(struct visit *v, size_t i)
{
    if (v->seen[i])
        return;
    v->seen[i] = 1; /* cycles were refused by evaluation */
    for (size_t d = 0; d < v->nodes[i]->deps.n; d++) {
        size_t at = (size_t)(uintptr_t)map_find(&v->index, v->nodes[i]->deps.at[d]);
        if (at)
            place(v, at - 1);
    }
    v->out[v->n++] = v->nodes[i];
}

struct node **order_create(struct arena *a, const struct graph *g, struct node *const *nodes, size_t n)
{
    struct visit v = {.arena = a, .graph = g, .nodes = nodes};
    map_init(&v.index, a);
    v.seen = arena_array(a, unsigned char, n + 1);
    v.out = arena_array(a, struct node *, n + 1);
    for (size_t i = 0; i < n; i++)
        map_put(&v.index, nodes[i]->address, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; i < n; i++)
        place(&v, i);
    return v.out;
}

static bool mentions(const struct value *v, const char *id)
{
    if (!v || !id)
        return false;
    switch (v->kind) {
    case V_STRING:
        return !strcmp(v->s, id);
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            if (mentions(v->list.at[i], id))
                return true;
        return false;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            if (mentions(v->map->entries[i].value, id))
                return true;
        return false;
    default:
        return false;
    }
}

bool order_refers(const struct live_resource *from, const struct live_resource *to)
{
    return from != to && from->reading &&
           (mentions(from->reading->fields, to->id) || mentions(from->reading->object, to->id));
}

struct live_resource **order_delete(struct arena *a, struct live_resource *const *all, size_t n)
{
    struct live_resource **out = arena_array(a, struct live_resource *, n + 1);
    unsigned char *done = arena_array(a, unsigned char, n + 1);
    unsigned char *refs = arena_array(a, unsigned char, n * n + 1); /* [from * n + to] */
    size_t *wanted = arena_array(a, size_t, n + 1);                 /* how many refer to it */
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j && order_refers(all[j], all[i])) {
                refs[j * n + i] = 1;
                wanted[i]++;
            }
    /* Repeatedly take the last one that nobody left refers to. References that
     * form a cycle (two groups that name each other) are cut at the last. */
    for (size_t k = 0; k < n; k++) {
        size_t pick = n;
        for (size_t i = n; i-- > 0;) {
            if (done[i])
                continue;
            if (pick == n || !wanted[i])
                pick = i;
            if (!wanted[i])
                break;
        }
        done[pick] = 1;
        out[k] = all[pick];
        for (size_t i = 0; i < n; i++)
            if (refs[pick * n + i])
                wanted[i]--;
    }
    return out;
}
