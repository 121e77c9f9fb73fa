#include "plan/placed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 256, PIECES_MAX = 8 };

/* ---- saying ------------------------------------------------------------------ */

static void put_text(struct buf *b, const char *s)
{
    for (; *s; s++)
        if (isalnum((unsigned char)*s) || strchr("._:/-", *s))
            buf_putc(b, *s);
        else
            buf_printf(b, "@%02X", (unsigned)(unsigned char)*s);
}

static void put_field(struct buf *b, const char *name, const char *text)
{
    buf_printf(b, "%s%s=", b->len ? " " : "", name);
    put_text(b, text);
}

/* References that are known go as their ids, texts as they are; what belongs to the
 * world itself (a kill switch) is found with the world and is left out. */
static bool put_prop(struct buf *b, const struct graph *g, const struct facts *f, const char *name,
                     const struct value *v)
{
    if (v->kind == V_REF) {
        const struct node *n = graph_find(g, v->ref.address);
        const char *id = n && !n->world ? value_get_string(facts_find(f, n->address), "id") : NULL;
        if (id)
            put_field(b, name, id);
        return id || (n && n->world);
    }
    if (v->kind == V_STRING) {
        put_field(b, name, v->s);
        return true;
    }
    if (v->kind != V_LIST && v->kind != V_SET)
        return v->kind == V_NONE;
    buf_printf(b, "%s%s=", b->len ? " " : "", name);
    for (size_t i = 0; i < v->list.n; i++) {
        if (v->list.at[i]->kind != V_STRING)
            return false;
        if (i)
            buf_putc(b, '+');
        put_text(b, v->list.at[i]->s);
    }
    return true;
}

static const struct account *account_of(const struct graph *g, const char *alias)
{
    for (size_t i = 0; alias && i < g->accounts.n; i++)
        if (g->accounts.at[i].alias && !strcmp(g->accounts.at[i].alias, alias))
            return &g->accounts.at[i];
    return NULL;
}

static const char *piece_key(struct arena *a, int i)
{
    return i ? arena_printf(a, "%s.%d", TAG_TRAFFIC, i + 1) : TAG_TRAFFIC;
}

/* The program's names and, while they are others, those at which the record stands. */
static const struct value *all_names(struct arena *a, const struct value *said, const struct value *stands)
{
    VEC(struct value *) all = {0};
    for (size_t i = 0; i < said->list.n + stands->list.n; i++) {
        struct value *name = i < said->list.n ? said->list.at[i] : stands->list.at[i - said->list.n];
        bool there = false;
        for (size_t k = 0; k < all.n; k++)
            there = there || value_equal(all.at[k], name);
        if (!there)
            vec_push(a, &all, name);
    }
    return value_list(a, all.at, all.n);
}

struct value *placed_tags(struct arena *a, const struct graph *g, const struct facts *f, const char *world)
{
    const struct traffic *t = graph_traffic(g, world);
    struct value *props = t ? eval_force(g, a, f, t->props) : NULL;
    if (!props || props->kind != V_MAP)
        return NULL;
    struct buf b;
    buf_init(&b, a);
    put_field(&b, "kind", t->kind);
    const struct account *in = NULL;
    for (size_t i = 0; i < props->map->n && !in; i++) {
        const struct value *v = props->map->entries[i].value;
        const struct node *n = v->kind == V_REF ? graph_find(g, v->ref.address) : NULL;
        in = n ? account_of(g, n->account) : NULL;
    }
    if (in)
        put_field(&b, "in", in->alias);
    if (in && in->role)
        put_field(&b, "role", in->role);
    for (size_t i = 0; i < props->map->n; i++) {
        const char *key = props->map->entries[i].key;
        const struct value *v = props->map->entries[i].value;
        if (t->stands && !strcmp(key, "names") && (v->kind == V_LIST || v->kind == V_SET))
            v = all_names(a, v, t->stands);
        if (!put_prop(&b, g, f, key, v))
            return NULL;
    }
    if (b.len > VALUE_MAX * PIECES_MAX)
        return NULL;
    struct value *tags = value_map(a);
    const char *text = buf_text(&b);
    for (int i = 0; *text; i++) {
        size_t n = strlen(text) < VALUE_MAX ? strlen(text) : VALUE_MAX;
        /* No service keeps a blank at the end of a value. */
        while (n > 1 && (text[n - 1] == ' ' || text[n] == ' '))
            n--;
        value_put(tags, piece_key(a, i), value_string(a, arena_strndup(a, text, n)));
        text += n;
    }
    return tags;
}

void placed_over(struct arena *a, struct value *tags, const struct live_resource *r)
{
    for (int i = 0; r->reading && i < PIECES_MAX; i++) {
        const char *key = piece_key(a, i), *have = value_get_string(r->reading->tags, key);
        if (have && *have && !value_get(tags, key))
            value_put(tags, key, value_string(a, ""));
    }
}

bool placed_said(const struct value *tags, const struct live_resource *r)
{
    for (size_t i = 0; i < tags->map->n; i++) {
        const char *have = value_get_string(r->reading->tags, tags->map->entries[i].key);
        const struct value *want = tags->map->entries[i].value;
        if (!have || strcmp(have, want->s) != 0)
            return false;
    }
    return true;
}

/* ---- understanding -------------------------------------------------------------- */

static char *plain(struct arena *a, const char *s, size_t n)
{
    char *out = arena_strndup(a, s, n), *to = out;
    for (const char *c = out; *c; c++) {
        if (*c == '@' && isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2])) {
            char hex[] = {c[1], c[2], '\0'};
            *to++ = (char)strtol(hex, NULL, 16);
            c += 2;
        } else {
            *to++ = *c;
        }
    }
    *to = '\0';
    return out;
}

static const char *joined(struct arena *a, const struct value *tags)
{
    struct buf b;
    buf_init(&b, a);
    for (int i = 0; i < PIECES_MAX; i++) {
        const char *s = value_get_string(tags, piece_key(a, i));
        if (!s)
            break;
        buf_puts(&b, s);
    }
    return buf_text(&b);
}

/* "name=value"; *rest behind it. */
static const char *field(struct arena *a, const char **at, const char **value, size_t *n)
{
    *at += strspn(*at, " ");
    const char *eq = strchr(*at, '='), *name = *at;
    if (!eq)
        return NULL;
    *value = eq + 1;
    *n = strcspn(*value, " ");
    *at = *value + *n;
    return arena_strndup(a, name, (size_t)(eq - name));
}

/* What a field of the traffic's type may refer to: the type that has such an id. */
static const char *referred(struct arena *a, struct schemas *ss, const struct type *t, const char *id)
{
    while (t && t->kind == TYPE_K_OPTION)
        t = t->elem;
    if (t && t->kind == TYPE_K_REF)
        return t->name;
    for (size_t i = 0; t && t->kind == TYPE_K_UNION && i < t->items.n; i++) {
        const struct schema *s = t->items.at[i]->kind == TYPE_K_REF ? schema_find(ss, t->items.at[i]->name) : NULL;
        if (s && schema_arn_id(a, s, id))
            return s->name;
    }
    return NULL;
}

static struct value *refer(struct arena *a, struct graph *g, struct facts *f, const char *address, const char *type,
                           const char *id, const char *account)
{
    struct node *n = arena_make(a, struct node);
    struct value *fact = value_map(a);
    *n = (struct node){.address = address, .name = address, .type = type, .account = account, .existing = true,
                       .props = value_map(a)};
    vec_push(a, &g->nodes, n);
    map_put(&g->by_address, address, n);
    value_put(fact, "id", value_string(a, id));
    facts_put(f, address, fact);
    return value_ref(a, address, type, NULL);
}

static struct value *list_of(struct arena *a, const char *s, size_t n)
{
    VEC(struct value *) all = {0};
    for (const char *end = s + n; s < end;) {
        size_t k = strcspn(s, "+ ");
        vec_push(a, &all, value_string(a, plain(a, s, k)));
        s += k + 1;
    }
    return value_list(a, all.at, all.n);
}

bool placed_restore(struct arena *a, struct schemas *ss, struct graph *g, struct facts *f, const struct live_world *w,
                    const struct account **needs)
{
    const char *text = "", *value, *name;
    size_t n;
    *needs = NULL;
    for (size_t i = 0; i < w->resources.n && !*text; i++)
        if (w->resources.at[i]->reading)
            text = joined(a, w->resources.at[i]->reading->tags);
    struct traffic *t = arena_make(a, struct traffic);
    struct decl *decl = arena_make(a, struct decl);
    struct account in = {0};
    *t = (struct traffic){.world = w->name, .props = value_map(a), .decl = decl, .restored = true};
    const struct decl *type = NULL;
    for (const char *at = text; (name = field(a, &at, &value, &n));) {
        if (!strcmp(name, "kind"))
            t->kind = plain(a, value, n);
        else if (!strcmp(name, "in"))
            in.alias = plain(a, value, n);
        else if (!strcmp(name, "role"))
            in.role = plain(a, value, n);
        if (!type && t->kind && !(type = program_type(g->program, t->kind)))
            return false;
        const struct type_item *item = type ? type_field(type, name) : NULL;
        const struct type *want = item ? type_of_field(g->program, type, item) : NULL;
        const char *plain_text = plain(a, value, n), *ref = want ? referred(a, ss, want, plain_text) : NULL;
        if (ref)
            value_put(t->props, name, refer(a, g, f, arena_printf(a, "traffic of %s.%s", w->name, name), ref, plain_text, in.alias));
        else if (want)
            value_put(t->props, name, want->kind == TYPE_K_LIST || want->kind == TYPE_K_SET ? list_of(a, value, n)
                                                                                         : value_string(a, plain_text));
    }
    if (!type)
        return false;
    if (in.alias && !account_of(g, in.alias)) {
        vec_push(a, &g->accounts, in);
        *needs = account_of(g, in.alias);
    }
    vec_push(a, &g->traffics, t);
    return true;
}
