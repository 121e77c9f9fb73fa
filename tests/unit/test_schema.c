/* The lenses of the standard library, as laws: what is put can be got, for every
 * type and field; equal is no difference; one change is named, and it alone. */
#include <stdlib.h>

#include "lab.h"

/* ---- values, by type ------------------------------------------------------------- */

static uint64_t rnd(struct lab *w, uint64_t below)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return below ? w->seed % below : 0;
}

/* A text that matches the simple patterns that declarations use: literals,
 * classes, groups (the first alternative is taken) and counts. */
static const char *pattern_text(struct lab *w, const char *p, struct buf *b)
{
    while (*p && *p != ')' && *p != '|') {
        size_t from = b->len;
        const char *class = NULL, *group = NULL;
        size_t nclass = 0;
        if (*p == '^' || *p == '$') {
            p++;
            continue;
        }
        if (*p == '[') {
            class = ++p;
            while (*p != ']')
                p += *p == '\\' ? 2 : 1;
            nclass = (size_t)(p++ - class);
        } else if (*p == '(') {
            group = p + 1;
            p = pattern_text(w, group, b);
            b->len = from;
            for (int depth = 1; depth; p++)
                depth += (*p == '(') - (*p == ')');
        } else {
            p += *p == '\\';
            class = p++;
            nclass = 1;
        }
        uint64_t low = 1, high = 1;
        if (*p == '*')
            low = 0, high = 3, p++;
        else if (*p == '+')
            high = 3, p++;
        else if (*p == '?')
            low = 0, p++;
        else if (*p == '{') {
            char *end;
            low = high = strtoull(p + 1, &end, 10);
            if (*end == ',')
                high = strtoull(end + 1, &end, 10);
            p = end + 1;
        }
        for (uint64_t n = low + rnd(w, high - low + 1); n; n--) {
            if (group) {
                pattern_text(w, group, b);
            } else { /* the first of a class, or a letter of its first range */
                char c = class[0] == '\\' ? class[1] : class[0];
                if (nclass > 2 && class[1] == '-')
                    c = (char)(c + (char)rnd(w, (uint64_t)(class[2] - class[0]) + 1));
                buf_putc(b, c);
            }
        }
    }
    return p;
}

static struct value *gen(struct lab *w, const struct lens *l, const struct type *t);

static struct value *gen_string(struct lab *w, const struct lens *l, const struct type *t)
{
    struct buf b;
    buf_init(&b, w->a);
    if (l->codec && !strcmp(l->codec->name, "json"))
        return value_stringf(w->a, "{\"n\": [%d, \"x\"]}", (int)rnd(w, 1000));
    if (t->pattern)
        pattern_text(w, t->pattern, &b);
    else
        buf_printf(&b, "v%04x", (unsigned)rnd(w, 65536));
    return value_string(w->a, arena_strdup(w->a, buf_text(&b)));
}

static struct value *gen_rule(struct lab *w, const struct lens *l)
{
    static const char *const protocols[] = {"tcp", "udp", "all", "icmp"};
    struct value *m = value_map(w->a);
    const char *peer = l->nargs ? l->args[0]->s : "from", *protocol = protocols[rnd(w, 4)];
    value_put(m, peer,
              rnd(w, 2) ? value_cidr(
                              w->a, rnd(w, 2) ? arena_printf(w->a, "10.%d.0.0/16", (int)rnd(w, 200))
                                              : "2001:db8::/32")
                        : value_stringf(w->a, "sg-%04x", (unsigned)rnd(w, 65536)));
    if (strcmp(protocol, "all") && strcmp(protocol, "icmp") && rnd(w, 4)) {
        int64_t port = 1 + (int64_t)rnd(w, 60000);
        value_put(m, "port",
                  rnd(w, 2) ? value_int(w->a, port)
                            : value_range(w->a, value_int(w->a, port), value_int(w->a, port + 9)));
    }
    value_put(m, "protocol", value_string(w->a, protocol));
    return m;
}

static int64_t unit_of(const struct lens *l)
{
    const char *c = l->codec ? l->codec->name : "";
    return !strcmp(c, "days")      ? 86400000
           : !strcmp(c, "minutes") ? 60000
           : !strcmp(c, "seconds") ? 1000
                                   : 1;
}

static struct value *gen_metric(struct lab *w)
{
    struct value *m = value_map(w->a), *d = value_map(w->a);
    struct value **at = arena_array(w->a, struct value *, 1);
    value_put(d, "Name", value_string(w->a, "LoadBalancer"));
    value_put(d, "Value", value_stringf(w->a, "app/x/%d", (int)rnd(w, 1000)));
    at[0] = d;
    value_put(m, "Namespace", value_string(w->a, "AWS/X"));
    value_put(m, "MetricName", value_string(w->a, "Y"));
    value_put(m, "Dimensions", value_list(w->a, at, 1));
    return m;
}

static struct value *gen_union(struct lab *w, const struct lens *l, const struct type *t)
{
    /* `measure` reads what it sent as a number. */
    if (l->codec && !strcmp(l->codec->name, "measure"))
        return value_number(w->a, (struct dec){1 + (int64_t)rnd(w, 100), 0});
    const struct type *one = t->items.at[rnd(w, t->items.n)];
    return gen(w, l, one);
}

static struct value *gen_record(struct lab *w, const struct type *t, const struct shape *shape)
{
    struct value *m = value_map(w->a);
    static const struct lens none;
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct lens *l = &none;
        for (size_t k = 0; shape && k < shape->lenses.n; k++)
            if (!strcmp(shape->lenses.at[k]->name, t->fields.at[i].name))
                l = shape->lenses.at[k];
        struct value *v = gen(w, l, t->fields.at[i].type);
        if (v->kind != V_NONE)
            value_put(m, t->fields.at[i].name, v);
    }
    return m;
}

static struct value *gen(struct lab *w, const struct lens *l, const struct type *t)
{
    if (t->literal)
        return value_copy(w->a, t->literal);
    if (l->codec && !strcmp(l->codec->name, "choice"))
        return value_copy(w->a, l->args[rnd(w, l->nargs)]->list.at[0]);
    switch (t->kind) {
    case TYPE_K_OPTION:
    case TYPE_K_SECRET: return gen(w, l, t->elem);
    case TYPE_K_BOOL: return value_bool(w->a, rnd(w, 2));
    case TYPE_K_INT:
        return t->sized
                   ? value_int(w->a, t->low + (int64_t)rnd(w, (uint64_t)(t->high - t->low + 1)))
                   : value_int(w->a, (int64_t)rnd(w, 1000));
    case TYPE_K_NUMBER: return value_number(w->a, (struct dec){(int64_t)rnd(w, 1000), 0});
    case TYPE_K_STRING: return gen_string(w, l, t);
    case TYPE_K_REF: return value_stringf(w->a, "ref-%04x", (unsigned)rnd(w, 65536));
    case TYPE_K_CIDR: return value_cidr(w->a, arena_printf(w->a, "10.%d.0.0/16", (int)rnd(w, 200)));
    case TYPE_K_DURATION: return value_duration(w->a, unit_of(l) * (1 + (int64_t)rnd(w, 100)));
    case TYPE_K_PERCENT: return value_percent(w->a, (struct dec){(int64_t)rnd(w, 100), 0});
    case TYPE_K_SIZE:
        return value_size(w->a, (l->nargs ? l->args[0]->i : 1) * (1 + (int64_t)rnd(w, 100)));
    case TYPE_K_LIST:
    case TYPE_K_SET: {
        size_t n = 1 + rnd(w, 3);
        struct value **at = arena_array(w->a, struct value *, n);
        bool rules = l->codec && !strcmp(l->codec->name, "ip_permissions");
        for (size_t i = 0; i < n; i++)
            at[i] = rules ? gen_rule(w, l) : gen(w, l, t->elem);
        return t->kind == TYPE_K_SET ? value_set(w->a, at, n) : value_list(w->a, at, n);
    }
    case TYPE_K_MAP: {
        struct value *m = value_map(w->a);
        value_put(m, "k1", gen(w, l, t->elem));
        value_put(m, "k2", gen(w, l, t->elem));
        return m;
    }
    case TYPE_K_RANGE: {
        int64_t low = 1 + (int64_t)rnd(w, 50);
        return value_range(w->a, value_int(w->a, low), value_int(w->a, low + (int64_t)rnd(w, 9)));
    }
    case TYPE_K_UNION: return gen_union(w, l, t);
    case TYPE_K_RECORD: return gen_record(w, t, shape_of(&w->ss, t));
    case TYPE_K_METRIC: return gen_metric(w);
    default: fail_msg("no values of kind %d", t->kind); return NULL;
    }
}

/* Fields that share a place cannot all have values of their own: `forward` and
 * `redirect`, or an ARN and a part of it. The first that comes takes the place. */
static bool takes(struct lab *w, const struct schema_field *f, struct map *taken, bool reading)
{
    const struct type_item *it = f->item;
    const char *place = NULL;
    if (it->put_expr && it->put_expr->kind == EXPR_RECORD && it->put_expr->args)
        place = it->put_expr->args->name.text;
    else if (it->get || it->put)
        place = path_text(w->a, reading && it->get ? it->get : it->put ? it->put : it->get);
    if (place && map_has(taken, place))
        return false;
    if (place)
        map_put(taken, place, (void *)f);
    return true;
}

static const struct schema *each_type(struct lab *w, size_t *i)
{
    size_t n = 0;
    const char *const *names = schemas_names(&w->ss, w->a, &n);
    while (*i < n) {
        const struct schema *s = schema_find(&w->ss, names[(*i)++]);
        if (s)
            return s;
    }
    return NULL;
}

static void assert_fields(const struct schema *s, const struct value *want,
                          const struct value *have, struct arena *a)
{
    for (size_t i = 0; i < want->map->n; i++) {
        const char *key = want->map->entries[i].key;
        const struct value *x = want->map->entries[i].value, *y = value_get(have, key);
        if (!y || !value_equal(x, y))
            fail_msg("%s.%s: put %s, got %s", s->name, key, value_text(a, x),
                     y ? value_text(a, y) : "nothing");
    }
}

/* ---- the laws ---------------------------------------------------------------------- */

static void test_all_compile(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    size_t i = 0, n = 0;
    while (each_type(w, &i))
        n++;
    no_errors(w, "stdlib");
    assert_true(n >= 15);
    arena_free(w->a);
}

static struct value *writable(struct lab *w, const struct schema *s, const struct schema_call *c)
{
    struct value *m = value_map(w->a);
    struct map taken;
    map_init(&taken, w->a);
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        if (f->later || (f->mods & FIELD_ID) || !lens_writes(f->lens) ||
            !takes(w, f, &taken, false))
            continue;
        bool bound = false; /* a binding replaces it, perhaps by a part of it */
        for (const struct arg *x = c->item->bindings; x; x = x->next)
            bound |= names_mentions(x->value, f->name);
        if (!bound)
            value_put(m, f->name, gen(w, f->lens, f->type));
    }
    return m;
}

static void test_request_is_read_back(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s;
    for (size_t i = 0; (s = each_type(w, &i));) {
        const struct schema_call *c = schema_call(s, VERB_CREATE);
        for (int round = 0; c && round < 40; round++) {
            struct value *fields = writable(w, s, c);
            struct call_env env = env_of(w, schema_desired(&w->ss, w->a, s, fields));
            struct value *in = schema_request(&w->ss, w->a, &w->ds, s, c, &env);
            no_errors(w, s->name);
            assert_fields(s, fields, schema_unrequest(&w->ss, w->a, s, c, in), w->a);
            struct value *names = schema_unbind(&w->ss, w->a, s, c, in);
            if (s->taggable && value_get(map_find(&s->settings, "tags"), "at"))
                assert_true(value_equal(value_get(names, "tags"), env.tags));
        }
    }
    arena_free(w->a);
}

static struct value *readable(struct lab *w, const struct schema *s)
{
    struct value *m = value_map(w->a);
    struct map taken;
    map_init(&taken, w->a);
    const struct schema_field *id = schema_field(s, s->id_field);
    takes(w, id, &taken, true);
    value_put(m, id->name, gen(w, id->lens, id->type));
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct schema_field *f = &s->fields.at[i];
        bool counted = (f->mods & FIELD_LIVE) && f->item->get_expr; /* made of what others hold */
        if (f != id && lens_reads(f->lens) && !counted && takes(w, f, &taken, true))
            value_put(m, f->name, gen(w, f->lens, f->type));
    }
    return m;
}

static void test_store_is_read_back(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s;
    for (size_t i = 0; (s = each_type(w, &i));)
        for (int round = 0; round < 40; round++) {
            struct value *fields = readable(w, s), *object = value_map(w->a);
            struct value *tags = env_of(w, NULL).tags;
            if (!schema_store(&w->ss, w->a, s, fields, object))
                fail_msg("%s: not stored", s->name);
            schema_store_tags(w->a, s, tags, object);
            struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, object);
            no_errors(w, s->name);
            assert_non_null(r);
            assert_fields(s, fields, r->fields, w->a);
            if (s->taggable)
                assert_true(value_equal(r->tags, tags));
        }
    arena_free(w->a);
}

static void test_equal_is_no_difference(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s;
    for (size_t i = 0; (s = each_type(w, &i));)
        for (int round = 0; round < 20; round++) {
            struct value *fields = readable(w, s);
            size_t n = 1;
            struct change *c = schema_diff(&w->ss, w->a, s, fields, fields, &n);
            if (n)
                fail_msg("%s.%s differs from itself: %s and %s", s->name, c->path,
                         value_text(w->a, c->before), value_text(w->a, c->after));
        }
    arena_free(w->a);
}

static void test_one_change_is_named(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s;
    for (size_t i = 0; (s = each_type(w, &i));)
        for (size_t k = 0; k < s->fields.n; k++) {
            const struct schema_field *f = &s->fields.at[k];
            if ((f->mods & (FIELD_ID | FIELD_LIVE | FIELD_QUERY)) || !lens_reads(f->lens))
                continue;
            struct value *fields = readable(w, s), *other = NULL;
            struct value *old = value_get(fields, f->name);
            for (int tries = 0; tries < 50 && (!other || (old && value_equal(old, other))); tries++)
                other = gen(w, f->lens, f->type);
            if (!old || value_equal(old, other))
                continue; /* a field of one value, or one without a place of its own */
            struct value *desired = value_map(w->a);
            path_merge(w->a, desired, fields);
            value_put(desired, f->name, other);
            size_t n = 0, calls = 0;
            struct change *c = schema_diff(&w->ss, w->a, s, desired, fields, &n);
            if (!n)
                fail_msg("%s.%s: %s and %s are no difference", s->name, f->name,
                         value_text(w->a, old), value_text(w->a, other));
            for (size_t j = 0; j < n; j++)
                assert_string_equal(c[j].field->name, f->name);
            const struct schema_call **u = schema_updates(w->a, s, c, n, &calls);
            bool changes = schema_call(s, VERB_CREATE) && !(f->mods & FIELD_FIXED);
            if (changes && !calls)
                fail_msg("%s.%s: nothing brings the change", s->name, f->name);
            for (size_t j = 0; j < calls; j++) {
                struct call_env env = env_of(w, desired);
                env.added = c->added;
                env.removed = c->removed;
                assert_non_null(schema_request(&w->ss, w->a, &w->ds, s, u[j], &env));
                no_errors(w, s->name);
            }
        }
    arena_free(w->a);
}

/* ---- replies that are not what they should be ------------------------------------------ */

static struct value *broken(struct lab *w, const struct value *v, int *at)
{
    if ((*at)-- == 0) {
        static const char *const odd[] = {"null",   "\"\"",        "[]", "{}",
                                          "[{}]",   "true",        "-1", "\"\\u001b[2J\"",
                                          "[[[]]]", "{\"Key\":[]}"};
        return json(w, odd[rnd(w, sizeof odd / sizeof *odd)]);
    }
    if (v->kind == V_MAP) {
        struct value *m = value_map(w->a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, v->map->entries[i].key, broken(w, v->map->entries[i].value, at));
        return m;
    }
    if (v->kind == V_LIST || v->kind == V_SET) {
        struct value **out = arena_array(w->a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out[i] = broken(w, v->list.at[i], at);
        return value_list(w->a, out, v->list.n);
    }
    return value_copy(w->a, v);
}

/* Each is read or reported; none is anything worse. */
static void test_broken_replies(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s;
    for (size_t i = 0; (s = each_type(w, &i));)
        for (int round = 0; round < 150; round++) {
            struct value *object = value_map(w->a);
            schema_store(&w->ss, w->a, s, readable(w, s), object);
            schema_store_tags(w->a, s, env_of(w, NULL).tags, object);
            int at = (int)rnd(w, 40);
            struct value *odd = broken(w, object, &at);
            size_t before = w->ds.all.n;
            struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, odd);
            if (!r && w->ds.all.n == before)
                fail_msg("%s: unreported: %s", s->name, as_json(w, odd));
            struct call_env env = env_of(w, value_map(w->a));
            env.live = odd;
            int64_t budget, every;
            if (r)
                schema_wait(&w->ss, w->a, s, "create", r, &budget, &every);
            for (size_t k = 0; k < s->calls.n; k++) {
                size_t n = 0;
                const struct schema_call *c = &s->calls.at[k];
                schema_result(&w->ss, w->a, &w->ds, s, c, &env, odd, &n);
                if (odd->kind == V_MAP)
                    schema_join(&w->ss, w->a, &w->ds, s, c, &env, odd, object);
                schema_unrequest(&w->ss, w->a, s, c, odd);
                schema_unbind(&w->ss, w->a, s, c, odd);
            }
        }
    arena_free(w->a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_compile),
        cmocka_unit_test(test_request_is_read_back),
        cmocka_unit_test(test_store_is_read_back),
        cmocka_unit_test(test_equal_is_no_difference),
        cmocka_unit_test(test_one_change_is_named),
        cmocka_unit_test(test_broken_replies),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
