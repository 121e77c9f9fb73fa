/* The lenses of the standard library, as laws: what is put can be got, for every
 * type and field; equal is no difference; one change is named, and it alone. */
#include <stdlib.h>
#include <string.h>

#include "lang/parse.h"
#include "schema/codec.h"
#include "test.h"

struct lab {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
    struct schemas ss;
    uint64_t seed;
};

static struct lab *lab_new(const char *text)
{
    struct arena *a = arena_new("test");
    struct lab *w = arena_make(a, struct lab);
    w->a = a;
    w->seed = 0x9e3779b97f4a7c15u;
    sources_init(&w->sources, a);
    diags_init(&w->ds, a, &w->sources);
    intern_init(&w->names, a);
    w->p = text ? program_load(a, &w->names, &w->ds, "test.bg", text)
                : program_stdlib(a, &w->names, &w->ds);
    schemas_init(&w->ss, w->p);
    return w;
}

static void no_errors(struct lab *w, const char *what)
{
    for (size_t i = 0; i < w->ds.all.n; i++)
        print_error("%s: %s: %s\n", what, w->ds.all.at[i]->code, w->ds.all.at[i]->message);
    assert_int_equal(w->ds.all.n, 0);
}

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

static struct call_env env_of(struct lab *w, struct value *props)
{
    struct value *tags = value_map(w->a);
    value_put(tags, "bgc:stack", value_string(w->a, "shop"));
    value_put(tags, "bgc:address", value_string(w->a, "web.x"));
    return (struct call_env){.stack = "shop",
                             .world = "web/0123456789",
                             .physical_name = "shop-web-0123456789-x",
                             .name_prefix = "shop-",
                             .region = "eu-west-1",
                             .id = "id-1",
                             .token = "token-1",
                             .props = props,
                             .tags = tags};
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

/* ---- by hand ----------------------------------------------------------------------- */

static struct value *json(struct lab *w, const char *text)
{
    const char *error = NULL;
    struct value *v = value_from_json(w->a, text, strlen(text), &error);
    if (!v)
        fail_msg("%s: %s", error, text);
    return v;
}

static const char *as_json(struct lab *w, const struct value *v)
{
    struct buf b;
    buf_init(&b, w->a);
    value_json_canonical(&b, v);
    return buf_text(&b);
}

/* Grouped by AWS in its own way, the rules are the same rules. */
static void test_rules_are_compared_one_by_one(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.security_group");
    struct value *object = json(
        w, "{\"GroupId\":\"sg-1\",\"VpcId\":\"vpc-1\",\"Description\":\"managed by bgc\","
           "\"IpPermissionsEgress\":[],\"IpPermissions\":[{\"IpProtocol\":\"tcp\",\"FromPort\":"
           "\"443\","
           "\"ToPort\":\"443\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"},{\"CidrIp\":\"10.0.0.0/8\","
           "\"Description\":\"office\"}],\"Ipv6Ranges\":[{\"CidrIpv6\":\"::/0\"}],"
           "\"UserIdGroupPairs\":[{\"GroupId\":\"sg-2\",\"UserId\":\"123456789012\"}]},"
           "{\"IpProtocol\":\"-1\",\"UserIdGroupPairs\":[{\"GroupId\":\"sg-3\"}]}]}");
    struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, object);
    no_errors(w, "rules");
    assert_int_equal(value_get(r->fields, "ingress")->list.n, 5);

    struct value *wanted = value_map(w->a), *rule = value_map(w->a);
    value_put(rule, "from", value_cidr(w->a, "0.0.0.0/0"));
    value_put(rule, "port", value_int(w->a, 443));
    struct value *more = value_map(w->a);
    value_put(more, "from", value_cidr(w->a, "192.168.0.0/16"));
    value_put(more, "port", value_range(w->a, value_int(w->a, 80), value_int(w->a, 80)));
    struct value *rules[] = {rule, more};
    value_put(wanted, "ingress", value_set(w->a, rules, 2));
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, wanted, r->fields, &n);
    assert_int_equal(n, 1);
    assert_string_equal(c->path, "ingress");
    assert_int_equal(c->added->list.n, 1);
    assert_int_equal(c->removed->list.n, 4);

    const struct schema_call **u = schema_updates(w->a, s, c, n, &n);
    assert_int_equal(n, 2);
    struct call_env env = env_of(w, wanted);
    env.added = c->added;
    env.removed = c->removed;
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, u[0], &env);
    assert_string_equal(as_json(w, in),
                        "{\"GroupId\":\"id-1\",\"IpPermissions\":[{\"FromPort\":80,\"IpProtocol\":"
                        "\"tcp\",\"IpRanges\":[{\"CidrIp\":\"192.168.0.0/16\"}],\"ToPort\":80}]}");
    arena_free(w->a);
}

static void test_nested_records_by_field(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "elbv2.target_group");
    struct value *props = value_map(w->a), *health = value_map(w->a);
    value_put(health, "path", value_string(w->a, "/healthz"));
    value_put(health, "every", value_duration(w->a, 10000));
    value_put(props, "vpc", value_string(w->a, "vpc-1"));
    value_put(props, "port", value_int(w->a, 8080));
    value_put(props, "health", health);
    struct value *desired = schema_desired(&w->ss, w->a, s, props);
    struct call_env env = env_of(w, desired);
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env);
    no_errors(w, "target group");
    assert_string_equal(value_get_string(in, "HealthCheckPath"), "/healthz");
    assert_int_equal(value_get_int(in, "HealthCheckIntervalSeconds", 0), 10);

    struct value *object = value_map(w->a);
    path_merge(w->a, object, in);
    value_put(object, "TargetGroupArn", value_string(w->a, "arn:1"));
    value_put(object, "HealthCheckPath", value_string(w->a, "/"));
    value_put(object, "HealthCheckIntervalSeconds", value_string(w->a, "10"));
    struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, object);
    no_errors(w, "target group");
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, desired, r->fields, &n);
    assert_int_equal(n, 2); /* and `drain`, which is brought after creation */
    assert_string_equal(c[0].path, "health.path");
    assert_string_equal(c[1].path, "drain");
    arena_free(w->a);
}

static void test_unknown_values_wait(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct value *props = value_map(w->a), *fields = value_map(w->a);
    value_put(props, "template", value_ref(w->a, "web.lt", "ec2.launch_template", NULL));
    value_put(fields, "template", value_string(w->a, "lt-1"));
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, props, fields, &n);
    assert_int_equal(n, 1);
    assert_true(c->deferred);
    struct facts facts;
    facts_init(&facts, w->a);
    struct value *lt = value_map(w->a);
    value_put(lt, "id", value_string(w->a, "lt-1"));
    facts_put(&facts, "web.lt", lt);
    schema_diff(&w->ss, w->a, s, schema_ids(w->a, &facts, props), fields, &n);
    assert_int_equal(n, 0);
    arena_free(w->a);
}

static void test_defaults_follow_other_fields(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.launch_template");
    struct value *props = value_map(w->a);
    value_put(props, "image", value_ref(w->a, "shared.image", "ec2.image", NULL));
    struct value *d = schema_desired(&w->ss, w->a, s, props);
    struct value *device = value_get(d, "device");
    assert_non_null(device);
    assert_int_equal(device->kind, V_REF);
    assert_string_equal(device->ref.field, "root_device");
    /* one that comes to none leaves the field alone */
    s = schema_find(&w->ss, "elbv2.listener");
    props = value_map(w->a);
    assert_null(value_get(schema_desired(&w->ss, w->a, s, props), "policy"));
    struct value *cert = value_ref(w->a, "shared.cert", "acm.certificate", NULL);
    value_put(props, "certs", value_set(w->a, &cert, 1));
    assert_non_null(value_get(schema_desired(&w->ss, w->a, s, props), "policy"));
    no_errors(w, "launch template");
    arena_free(w->a);
}

static void test_queries_have_their_own_defaults(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.security_group");
    struct value *props = value_map(w->a);
    value_put(props, "name", value_string(w->a, "db"));
    assert_int_equal(schema_query(&w->ss, w->a, s, props)->map->n, 1);
    s = schema_find(&w->ss, "ec2.image");
    assert_non_null(value_get(schema_query(&w->ss, w->a, s, props), "newest"));
    assert_null(value_get(schema_desired(&w->ss, w->a, s, props), "newest"));
    no_errors(w, "queries");
    arena_free(w->a);
}

static void test_waits(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct reading r = {.id = "g", .tags = value_map(w->a)};
    r.object = json(w, "{\"MinSize\":\"2\",\"MaxSize\":\"4\",\"Instances\":[{\"LifecycleState\":"
                       "\"InService\"},{\"LifecycleState\":\"Pending\"}]}");
    r.fields = value_map(w->a);
    value_put(r.fields, "size", value_range(w->a, value_int(w->a, 2), value_int(w->a, 4)));
    int64_t budget = 0, every = 0;
    assert_int_equal(schema_wait(&w->ss, w->a, s, "create", &r, &budget, &every), WAIT_PENDING);
    assert_int_equal(budget, 900000);
    assert_int_equal(every, 10000);
    value_put(r.fields, "size", value_range(w->a, value_int(w->a, 1), value_int(w->a, 4)));
    assert_int_equal(schema_wait(&w->ss, w->a, s, "create", &r, &budget, &every), WAIT_DONE);
    assert_int_equal(schema_wait(&w->ss, w->a, s, "delete", &r, &budget, &every), WAIT_PENDING);
    assert_int_equal(schema_wait(&w->ss, w->a, s, "delete", NULL, &budget, &every), WAIT_DONE);
    no_errors(w, "waits");
    arena_free(w->a);
}

static void test_results(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "elbv2.target_group");
    struct call_env env = env_of(w, value_map(w->a));
    size_t n = 0;
    struct value **found = schema_result(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_FIND), &env,
                                         json(w, "{\"TargetGroups\":[{\"TargetGroupName\":\"shop-"
                                                 "a\"},{\"TargetGroupName\":\"other\"}]}"),
                                         &n);
    assert_int_equal(n, 1);
    assert_string_equal(value_get_string(found[0], "TargetGroupName"), "shop-a");
    const struct schema_call *tags = schema_next(s, schema_call(s, VERB_READ));
    struct value *joined = schema_join(
        &w->ss, w->a, &w->ds, s, tags, &env, found[0],
        json(w, "{\"TagDescriptions\":[{\"ResourceArn\":\"id-0\",\"Tags\":[]},{\"ResourceArn\":"
                "\"id-1\",\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}]}"));
    assert_string_equal(as_json(w, value_get(joined, "Tags")), "[{\"Key\":\"a\",\"Value\":\"b\"}]");
    struct value **made =
        schema_result(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env,
                      json(w, "{\"TargetGroups\":[{\"TargetGroupArn\":\"arn:1\"}]}"), &n);
    assert_int_equal(n, 1);
    assert_string_equal(made[0]->s, "arn:1");
    const struct schema_call *c = NULL;
    assert_ptr_equal(schema_of_operation(&w->ss, "elbv2", "CreateTargetGroup", 0, &c), s);
    assert_int_equal(c->verb, VERB_CREATE);
    assert_non_null(schema_of_operation(&w->ss, "ec2", "CreateTags", 2, &c));
    assert_null(schema_of_operation(&w->ss, "ec2", "NoSuch", 0, &c));
    no_errors(w, "results");
    arena_free(w->a);
}

static void test_metrics_of_others(void **state)
{
    (void)state;
    struct lab *w = lab_new(
        "stack shop { region = \"eu-west-1\" }\n"
        "shared {\n"
        "  resource lb: elbv2.load_balancer { scheme = \"internal\", subnets = [], groups = [] }\n"
        "  resource burning: cloudwatch.alarm { metric = lb.http_5xx, stat = \"sum\", above = 50 "
        "}\n"
        "}\n");
    struct graph *g = eval_program(w->p, w->a, &(struct eval_args){0});
    no_errors(w, "program");
    struct node *n = graph_find(g, "shared.burning");
    const struct schema *s = schema_find(&w->ss, n->type);
    struct value *desired = schema_desired(&w->ss, w->a, s, n->props);
    struct facts facts;
    facts_init(&facts, w->a);
    struct value *v = schema_metrics(&w->ss, w->a, g, &facts, desired);
    assert_int_equal(value_get(v, "metric")->kind, V_METRIC); /* not made yet */
    struct value *lb = json(w, "{\"id\":\"arn:1\",\"arn_suffix\":\"app/lb/1\"}");
    facts_put(&facts, "shared.lb", lb);
    v = schema_metrics(&w->ss, w->a, g, &facts, desired);
    assert_string_equal(as_json(w, value_get(v, "metric")),
                        "{\"Dimensions\":[{\"Name\":\"LoadBalancer\",\"Value\":\"app/lb/1\"}],"
                        "\"MetricName\":\"HTTPCode_Target_5XX_Count\",\"Namespace\":"
                        "\"AWS/ApplicationELB\"}");
    struct call_env env = env_of(w, v);
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env);
    no_errors(w, "alarm");
    assert_string_equal(value_get_string(in, "Namespace"), "AWS/ApplicationELB");
    arena_free(w->a);
}

static void test_wrong_values_are_said(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct value *props = value_map(w->a);
    value_put(props, "grace", value_duration(w->a, 1500));
    struct call_env env = env_of(w, props);
    assert_null(schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env));
    assert_int_equal(w->ds.errors, 1);
    assert_string_equal(w->ds.all.at[0]->code, "BG1802");
    assert_string_equal(w->ds.all.at[0]->message,
                        "`autoscaling.group.grace`: 1500ms is no whole number of seconds");
    struct value *o = json(w, "{\"AutoScalingGroupName\":\"g\",\"MinSize\":\"two\",\"MaxSize\":4}");
    assert_null(schema_read(&w->ss, w->a, &w->ds, s, o));
    assert_string_equal(w->ds.all.at[1]->code, "BG1801");
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

/* ---- codecs ------------------------------------------------------------------------ */

static void codec_law(struct lab *w, const char *type, const char *via, const char *value,
                      const char *wire)
{
    const char *text =
        arena_printf(w->a,
                     "service t { protocol = \"json\" }\ntype t.t {\n  api t\n"
                     "  id id: string <- Id\n  field f: %s? -> F via %s\n  read Get {} -> T\n}\n",
                     type, via);
    struct lab *o = lab_new(text);
    const struct schema *s = schema_find(&o->ss, "t.t");
    no_errors(o, via);
    assert_non_null(s);
    uint32_t file = sources_add(&o->sources, "v", value, strlen(value));
    struct expr *e = parse_expr(o->a, &o->names, &o->ds, file);
    struct value *v = eval_expr(o->p, o->a, &o->ds, e, NULL);
    v = type_coerce(o->p, o->a, schema_field(s, "f")->type, v, "f");
    no_errors(o, value);
    struct value *fields = value_map(o->a), *object = value_map(o->a);
    value_put(fields, "f", v);
    value_put(fields, "id", value_string(o->a, "x"));
    assert_true(schema_store(&o->ss, o->a, s, fields, object));
    assert_string_equal(as_json(o, value_get(object, "F")), wire);
    struct reading *r = schema_read(&o->ss, o->a, &o->ds, s, object);
    no_errors(o, via);
    struct value *got = value_get(r->fields, "f");
    if (!value_equal(v, got))
        fail_msg("%s: %s came back as %s", via, value, value_text(o->a, got));
    arena_free(o->a);
}

static void test_codecs(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    codec_law(w, "duration", "seconds", "90s", "90");
    codec_law(w, "duration", "seconds(\"text\")", "90s", "\"90\"");
    codec_law(w, "duration", "minutes", "2h", "120");
    codec_law(w, "duration", "days", "30d", "30");
    codec_law(w, "duration", "milliseconds", "250ms", "250");
    codec_law(w, "size", "unit(1GiB)", "20GiB", "20");
    codec_law(w, "percent", "percent", "50%", "50");
    codec_law(w, "percent", "percent", "0.5%", "0.5");
    codec_law(w, "percent", "fraction", "50%", "0.5");
    codec_law(w, "int", "text", "8080", "\"8080\"");
    codec_law(w, "bool", "text", "true", "\"true\"");
    codec_law(w, "[string]", "csv", "[\"a\", \"b\"]", "\"a,b\"");
    codec_law(w, "set string", "csv", "[\"b\", \"a\"]", "\"a,b\"");
    codec_law(w, "string", "base64", "\"Hello, world\"", "\"SGVsbG8sIHdvcmxk\"");
    codec_law(w, "string", "base64", "\"ab\"", "\"YWI=\"");
    codec_law(w, "string", "json", "\"{}\"", "\"{}\"");
    codec_law(w, "map string", "json", "{\"a\" => \"b\"}", "\"{\\\"a\\\":\\\"b\\\"}\"");
    codec_law(w, "\"on\" | \"off\"", "enum({ on = \"ON\", off = \"OFF\" })", "\"off\"", "\"OFF\"");
    codec_law(w, "set string", "wrap(\"Arn\")", "[\"a\"]", "[{\"Arn\":\"a\"}]");
    codec_law(w, "bool", "member(\"Value\")", "true", "{\"Value\":true}");
    codec_law(w, "string", "dns_name", "\"*.example.com\"", "\"*.example.com.\"");
    codec_law(w, "bool", "onoff(\"Enabled\", \"Disabled\")", "false", "\"Disabled\"");
    codec_law(w, "bool", "yes_no", "true", "\"yes\"");
    codec_law(w, "duration", "choice([1m, true], [5m, false])", "5m", "false");
    codec_law(w, "string", "after(\"/zone/\")", "\"Z1\"", "\"Z1\"");
    codec_law(w, "number", "measure", "1.5", "1.5");
    arena_free(w->a);
}

/* What AWS writes its own way is read as what was meant. */
static void test_codecs_read_aws_spellings(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "route53.zone");
    struct reading *r = schema_read(
        &w->ss, w->a, &w->ds, s,
        json(w, "{\"Id\":\"/hostedzone/Z1\",\"Name\":\"\\\\052.example.com.\",\"Config\":"
                "{\"PrivateZone\":\"false\"},\"ResourceRecordSetCount\":\"7\"}"));
    no_errors(w, "zone");
    assert_string_equal(r->id, "Z1");
    assert_string_equal(value_get_string(r->fields, "name"), "*.example.com");
    assert_int_equal(value_get_int(r->fields, "records", 0), 7);
    arena_free(w->a);
}

static void fails_with(const char *items, const char *code)
{
    struct arena *a = arena_new("text");
    struct lab *w = lab_new(
        arena_printf(a, "service t { protocol = \"json\" }\ntype t.t {\n  api t\n%s\n}\n", items));
    no_errors(w, "it parses");
    const struct schema *s = schema_find(&w->ss, "t.t");
    if (s || w->ds.all.n != 1 || strcmp(w->ds.all.at[0]->code, code)) {
        for (size_t i = 0; i < w->ds.all.n; i++)
            print_error("%s %s\n", w->ds.all.at[i]->code, w->ds.all.at[i]->message);
        fail_msg("wanted %s alone: %s", code, items);
    }
    arena_free(w->a);
    arena_free(a);
}

static void test_malformed_declarations(void **state)
{
    (void)state;
#define ID "  id id: string <- Id\n"
#define READ "  read Get { Id = id } -> T\n"
    fails_with(READ, "BG1701");
    fails_with(ID "  id other: string <- Other\n" READ, "BG1701");
    fails_with(ID "  live a: int <- A\n  live a: int <- B\n" READ, "BG1702");
    fails_with(ID "  live a: duration <- A via second\n" READ, "BG1703");
    fails_with(ID "  live a: string <- A via seconds\n" READ, "BG1704");
    fails_with(ID "  live a: size <- A via unit\n" READ, "BG1704");
    fails_with(ID "  field a: int -> { A = it }\n" READ, "BG1705");
    fails_with(ID "  live a: duration <- A\n" READ, "BG1706");
    fails_with(ID "  later = [b]\n" READ, "BG1707");
    fails_with(ID "  update b Set { Id = id }\n" READ, "BG1707");
    fails_with(ID "  remove Get { Id = id }\n" READ, "BG1708");
    fails_with(ID "  read Get { Id = ident } -> T\n", "BG1709");
    fails_with(ID "  field a: int -> A\n  update a.added Set { Id = id }\n" READ, "BG1710");
    fails_with(ID "  find List {}\n" READ, "BG1711");
    fails_with(ID "  name_limits = 32\n" READ, "BG1712");
    fails_with(ID "  tags { shape = \"lists\" }\n" READ, "BG1712");
    fails_with(ID "  wait live.A == 1 every 2s\n" READ, "BG1713");
    fails_with(ID "  metric m: number = \"X\" Y { D = id } with { stats = \"Sum\" }\n" READ,
               "BG1714");
    fails_with(ID "  field a: int -> A\n  create Make {} -> Id\n  find List {} -> Ts\n  delete "
                  "Drop { Id = id }\n" READ,
               "BG1715");
    fails_with(ID, "BG1716");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_compile),
        cmocka_unit_test(test_request_is_read_back),
        cmocka_unit_test(test_store_is_read_back),
        cmocka_unit_test(test_equal_is_no_difference),
        cmocka_unit_test(test_one_change_is_named),
        cmocka_unit_test(test_rules_are_compared_one_by_one),
        cmocka_unit_test(test_nested_records_by_field),
        cmocka_unit_test(test_unknown_values_wait),
        cmocka_unit_test(test_defaults_follow_other_fields),
        cmocka_unit_test(test_queries_have_their_own_defaults),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_metrics_of_others),
        cmocka_unit_test(test_wrong_values_are_said),
        cmocka_unit_test(test_broken_replies),
        cmocka_unit_test(test_codecs),
        cmocka_unit_test(test_codecs_read_aws_spellings),
        cmocka_unit_test(test_malformed_declarations),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
