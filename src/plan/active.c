#include "plan/active.h"

#include <stdlib.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

const struct value *active_dormant(const struct schema *s)
{
    return s ? map_find(&s->settings, "dormant") : NULL;
}

bool active_waits(const struct node *n, const struct schema *s)
{
    return n && n->active && n->world && active_dormant(s);
}

bool active_overlaps(const struct graph *g, const char *address)
{
    const struct node *n = graph_find(g, address);
    return n && n->decl && n->decl->overlap;
}

bool active_due(const struct live *l, const char *world, const char *id, double from)
{
    const struct traffic_state *t = live_traffic(l, world);
    const struct live_world *lw = live_world(l, world, id);
    if (!t) /* no traffic to follow: from its passed tests on */
        return lw && lw->sealed && !lw->doomed;
    if (!t->has_record)
        return false;
    const struct record *r = &t->record;
    if (record_doomed(r, id) || record_aborted(r, id))
        return false;
    if (same(id, r->candidate))
        return traffic_share_of(t, id) >= from - 0.05;
    return same(id, r->live) && !(r->candidate && traffic_share_of(t, r->candidate) >= from - 0.05);
}

bool active_due_live(const struct live *l, const struct live_resource *r, bool *waits)
{
    const char *from = r->reading ? value_get_string(r->reading->tags, TAG_ACTIVE) : NULL;
    const char *slash = from && r->world ? strchr(r->world, '/') : NULL;
    *waits = slash != NULL;
    if (!slash)
        return true;
    char name[256];
    size_t n = (size_t)(slash - r->world);
    if (n >= sizeof name)
        return true;
    memcpy(name, r->world, n);
    name[n] = '\0';
    return active_due(l, name, slash + 1, strtod(from, NULL));
}

bool active_rests(const struct schema *s, const struct value *fields)
{
    const struct value *d = active_dormant(s);
    for (size_t i = 0; d && i < d->map->n; i++) {
        const struct value *now = value_get(fields, d->map->entries[i].key);
        if (!now || !value_equal(now, d->map->entries[i].value))
            return false;
    }
    return d != NULL;
}

bool active_at_rest(const struct schema *s, const struct value *fields)
{
    const struct value *v = map_find(&s->settings, "at_rest");
    for (size_t i = 0; v && i < (v->kind == V_LIST ? v->list.n : 1); i++) {
        const struct value *name = v->kind == V_LIST ? v->list.at[i] : v;
        if (name->kind == V_STRING && value_get_int(fields, name->s, 0) != 0)
            return false;
    }
    return true;
}

struct value *active_asleep(struct arena *a, const struct schema *s, const struct value *fields)
{
    const struct value *d = active_dormant(s);
    struct value *out = value_map(a);
    for (size_t i = 0; i < fields->map->n; i++)
        value_put(out, fields->map->entries[i].key, fields->map->entries[i].value);
    for (size_t i = 0; d && i < d->map->n; i++)
        value_put(out, d->map->entries[i].key, d->map->entries[i].value);
    return out;
}

/* Tags take no quotes and no brackets: "size=2..8 state=enabled". */
const char *active_rest_text(struct arena *a, const struct schema *s, const struct value *fields)
{
    const struct value *d = active_dormant(s);
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; d && i < d->map->n; i++) {
        const char *name = d->map->entries[i].key;
        const struct value *v = value_get(fields, name);
        buf_printf(&b, "%s%s=", b.len ? " " : "", name);
        if (v && v->kind == V_RANGE && v->range.low->kind == V_INT && v->range.high->kind == V_INT)
            buf_printf(&b, "%lld..%lld", (long long)v->range.low->i, (long long)v->range.high->i);
        else if (v && v->kind == V_INT)
            buf_printf(&b, "%lld", (long long)v->i);
        else if (v && v->kind == V_BOOL)
            buf_puts(&b, v->b ? "true" : "false");
        else if (v && v->kind == V_STRING)
            buf_puts(&b, v->s);
    }
    return buf_text(&b);
}

/* As the dormant value is, so is the one before it. */
static struct value *parse_one(struct arena *a, const struct value *like, const char *text)
{
    char *end;
    long long low = strtoll(text, &end, 10), high;
    switch (like->kind) {
    case V_RANGE:
        if (end == text || strncmp(end, "..", 2))
            return NULL;
        text = end + 2;
        high = strtoll(text, &end, 10);
        return end == text || *end || high < low ? NULL : value_range(a, value_int(a, low), value_int(a, high));
    case V_INT: return end == text || *end ? NULL : value_int(a, low);
    case V_BOOL: return value_bool(a, !strcmp(text, "true"));
    case V_STRING: return value_string(a, text);
    default: return NULL;
    }
}

struct value *active_rest_parse(struct arena *a, const struct schema *s, const char *text)
{
    const struct value *d = active_dormant(s);
    struct value *out = value_map(a);
    char *word = arena_strdup(a, text);
    for (char *next; word && *word; word = next) {
        next = strchr(word, ' ');
        if (next)
            *next++ = '\0';
        char *eq = strchr(word, '=');
        if (!eq)
            return NULL;
        *eq = '\0';
        const struct value *like = d ? value_get(d, word) : NULL;
        struct value *v = like ? parse_one(a, like, eq + 1) : NULL;
        if (!v)
            return NULL;
        value_put(out, word, v);
    }
    return d && out->map->n == d->map->n ? out : NULL;
}
