#include <string.h>

#include "schema/internal.h"

struct known {
    const struct value *fields;
    bool missing;
};

static struct value *find_field(const void *self, struct arena *a, const char *name)
{
    struct known *k = (struct known *)self;
    struct value *v = value_get(k->fields, name);
    if (!v || v->kind == V_NONE || v->kind == V_REF || v->kind == V_DEFERRED) {
        k->missing = true;
        return value_none(a);
    }
    return v;
}

/* NULL: something that it needs is not known. */
static const char *part(struct schemas *ss, struct arena *a, const struct expr *e,
                        const struct value *fields)
{
    struct known k = {fields, false};
    struct names names = {find_field, &k};
    struct diags quiet;
    diags_init(&quiet, a, ss->program->ds->sources);
    struct value *v = names_eval(ss->program, a, &quiet, e, &names);
    return k.missing || !v ? NULL : wire_text(a, v);
}

static const struct expr *with(const struct schema_metric *m, const char *name)
{
    for (const struct arg *x = m->item->settings; x; x = x->next)
        if (!strcmp(x->name.text, name))
            return x->value;
    return NULL;
}

struct value *schema_metric_id(struct schemas *ss, struct arena *a, const struct schema *s,
                               const struct schema_metric *m, const struct value *fields)
{
    (void)s;
    VEC(struct value *) dimensions = {0};
    for (const struct arg *x = m->item->bindings; x; x = x->next) {
        const char *text = part(ss, a, x->value, fields);
        if (!text)
            return NULL;
        struct value *d = value_map(a);
        value_put(d, "Name", value_string(a, x->name.text));
        value_put(d, "Value", value_string(a, text));
        vec_push(a, &dimensions, d);
    }
    const struct expr *named = with(m, "name");
    const char *name = named ? part(ss, a, named, fields) : m->metric;
    if (!name)
        return NULL;
    struct value *out = value_map(a);
    value_put(out, "Namespace", value_string(a, m->ns));
    value_put(out, "MetricName", value_string(a, name));
    value_put(out, "Dimensions", value_list(a, dimensions.at, dimensions.n));
    return out;
}

/* ---- metrics as values of fields ---------------------------------------------------- */

static struct value *resolved(struct schemas *ss, struct arena *a, const struct graph *g,
                              const struct facts *facts, struct value *v)
{
    const struct node *n = graph_find(g, v->metric.address);
    const struct schema *s = n ? schema_find(ss, n->type) : NULL;
    const struct schema_metric *m = s ? schema_metric(s, v->metric.name) : NULL;
    const struct value *fields = facts ? facts_find(facts, v->metric.address) : NULL;
    struct value *out = m && fields ? schema_metric_id(ss, a, s, m, fields) : NULL;
    if (!out)
        return v;
    out->span = v->span;
    return out;
}

struct value *schema_metrics(struct schemas *ss, struct arena *a, const struct graph *g,
                             const struct facts *facts, struct value *v)
{
    if (v->kind == V_METRIC)
        return resolved(ss, a, g, facts, v);
    if (v->kind != V_MAP)
        return v;
    struct value *out = value_map(a);
    bool changed = false;
    for (size_t i = 0; i < v->map->n; i++) {
        struct value *x = v->map->entries[i].value, *y = schema_metrics(ss, a, g, facts, x);
        changed |= x != y;
        value_put(out, v->map->entries[i].key, y);
    }
    if (!changed)
        return v;
    out->span = v->span;
    out->secret = v->secret;
    return out;
}
