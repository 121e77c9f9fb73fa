#include "review/outputs.h"

#include <string.h>

#include "review/words.h"

static void note_ref(void *self, const struct value *ref)
{
    (void)ref;
    *(bool *)self = true;
}

/* What stayed a reference is there only later. */
static bool is_known(const struct value *v)
{
    bool refers = false;
    eval_each_ref(v, note_ref, &refers);
    return value_known(v) && !refers;
}

struct outputs *outputs_make(struct schemas *ss, struct arena *a, const struct survey *s)
{
    struct outputs *o = arena_make(a, struct outputs);
    const struct facts *facts = plan_facts(ss, a, s->graph, s->live);
    for (size_t i = 0; i < s->graph->outputs.n; i++) {
        const struct map_entry *e = &s->graph->outputs.entries[i];
        struct value *v = schema_ids(a, facts, eval_force(s->graph, a, facts, e->value));
        vec_push(a, &o->all, (struct output){.name = e->key,
                                             .value = words_known(a, v),
                                             .known = is_known(v),
                                             .secret = value_secret(v)});
    }
    return o;
}

const struct output *outputs_find(const struct outputs *o, const char *name)
{
    for (size_t i = 0; i < o->all.n; i++)
        if (!strcmp(o->all.at[i].name, name))
            return &o->all.at[i];
    return NULL;
}

struct value *outputs_json(struct arena *a, const struct outputs *o)
{
    struct value *all = value_map(a);
    for (size_t i = 0; i < o->all.n; i++) {
        const struct output *out = &o->all.at[i];
        struct value *m = value_map(a);
        value_put(m, "value", out->known && !out->secret ? (struct value *)(uintptr_t)out->value
                                                         : value_none(a));
        value_put(m, "known", value_bool(a, out->known));
        value_put(m, "secret", value_bool(a, out->secret));
        value_put(all, out->name, m);
    }
    return all;
}

void outputs_text(struct buf *b, const struct outputs *o, size_t indent)
{
    size_t widest = 0;
    for (size_t i = 0; i < o->all.n; i++) {
        size_t n = strlen(o->all.at[i].name);
        widest = n > widest ? n : widest;
    }
    for (size_t i = 0; i < o->all.n; i++) {
        const struct output *out = &o->all.at[i];
        buf_fill(b, ' ', indent);
        buf_puts(b, out->name);
        buf_fill(b, ' ', widest - strlen(out->name));
        buf_printf(b, " = %s\n", words_value(b->arena, out->value, 0));
    }
}
