#include <string.h>

#include "lang/eval.h"

/* The graph as JSON, for `bgc graph --json` and for tests: nodes with what they
 * hold and wait for, worlds, traffic, and what is still wanted. */

static struct value *text(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

static struct value *jsonable(struct arena *a, const struct value *v);

static struct value *items(struct arena *a, const struct value *v)
{
    struct value **at = arena_array(a, struct value *, v->list.n + 1);
    for (size_t i = 0; i < v->list.n; i++)
        at[i] = jsonable(a, v->list.at[i]);
    return value_list(a, at, v->list.n);
}

/* What JSON has no word for becomes an object with one telling member. */
static struct value *jsonable(struct arena *a, const struct value *v)
{
    struct value *m;
    switch ((enum value_kind)v->kind) {
    case V_REF:
        m = value_map(a);
        value_put(m, "ref", text(a, v->ref.address));
        if (v->ref.field)
            value_put(m, "field", text(a, v->ref.field));
        return m;
    case V_METRIC:
        m = value_map(a);
        value_put(m, "metric", value_stringf(a, "%s%s.%s", v->metric.live ? "live." : "",
                                             v->metric.address, v->metric.name));
        return m;
    case V_DEFERRED:
        m = value_map(a);
        value_put(m, "deferred", text(a, eval_why_unknown(a, v)));
        return m;
    case V_RANGE:
        m = value_map(a);
        value_put(m, "low", jsonable(a, v->range.low));
        value_put(m, "high", jsonable(a, v->range.high));
        return m;
    case V_LIST:
    case V_SET: return items(a, v);
    case V_MAP:
        m = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, v->map->entries[i].key, jsonable(a, v->map->entries[i].value));
        m->secret = v->secret;
        return m;
    default: return (struct value *)v;
    }
}

static struct value *texts(struct arena *a, const char *const *at, size_t n)
{
    struct value **out = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = text(a, at[i]);
    return value_list(a, out, n);
}

static struct value *node_value(struct arena *a, const struct node *n)
{
    struct value *m = value_map(a);
    value_put(m, "address", text(a, n->address));
    value_put(m, "type", text(a, n->type));
    if (n->world)
        value_put(m, "world", text(a, n->world));
    if (n->account)
        value_put(m, "account", text(a, n->account));
    if (n->existing)
        value_put(m, "existing", value_bool(a, true));
    if (n->set)
        value_put(m, "set", value_bool(a, true));
    if (n->pin)
        value_put(m, "pin", n->pinned ? text(a, n->pinned) : value_bool(a, true));
    if (n->keep)
        value_put(m, "keep", n->keep_for ? value_duration(a, n->keep_for) : value_bool(a, true));
    if (n->active)
        value_put(m, "active_from", value_percent(a, n->active_from));
    value_put(m, "props", jsonable(a, n->props));
    if (n->deps.n)
        value_put(m, "needs", texts(a, n->deps.at, n->deps.n));
    return m;
}

void graph_json(struct buf *b, const struct graph *g)
{
    struct arena *a = b->arena;
    struct value *all = value_map(a), *m;
    value_put(all, "format", text(a, "1"));
    value_put(all, "stack", text(a, g->stack));
    value_put(all, "account", text(a, g->account_id));
    value_put(all, "region", text(a, g->region));
    value_put(all, "inputs", jsonable(a, g->inputs));

    VEC(struct value *) nodes = {0}, worlds = {0}, traffics = {0}, wanted = {0};
    for (size_t i = 0; i < g->worlds.n; i++) {
        const struct world *w = g->worlds.at[i];
        m = value_map(a);
        value_put(m, "name", text(a, w->name));
        value_put(m, "id", text(a, w->id));
        value_put(m, "entry", text(a, w->entry));
        vec_push(a, &worlds, m);
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        vec_push(a, &nodes, node_value(a, g->nodes.at[i]));
    for (size_t i = 0; i < g->traffics.n; i++) {
        m = value_map(a);
        value_put(m, "world", text(a, g->traffics.at[i]->world));
        value_put(m, "kind", text(a, g->traffics.at[i]->kind));
        value_put(m, "props", jsonable(a, g->traffics.at[i]->props));
        vec_push(a, &traffics, m);
    }
    for (size_t i = 0; i < g->wanted.n; i++)
        vec_push(a, &wanted, text(a, g->wanted.at[i]->address));
    value_put(all, "worlds", value_list(a, worlds.at, worlds.n));
    value_put(all, "nodes", value_list(a, nodes.at, nodes.n));
    value_put(all, "traffic", value_list(a, traffics.at, traffics.n));
    m = value_map(a);
    for (size_t i = 0; i < g->outputs.n; i++)
        value_put(m, g->outputs.entries[i].key, jsonable(a, g->outputs.entries[i].value));
    value_put(all, "outputs", m);
    value_put(all, "wanted", value_list(a, wanted.at, wanted.n));
    value_put(all, "waiting", value_bool(a, g->waiting));
    value_json(b, all, 2);
    buf_putc(b, '\n');
}
