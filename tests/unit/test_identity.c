/* Ids of worlds: what changes them, what does not, and that they never drift.
 *
 * tests/identity/base.bg is edited in memory; golden/identity.txt holds the id of
 * every edit. An id there may change only with a new version of the encoding. */
#include <stdlib.h>
#include <string.h>

#include "golden.h"

#include "base/render.h"
#include "lang/eval.h"
#include "lang/identity.h"

struct edit {
    const char *what;
    bool same;
    const char *from, *to; /* the first occurrence is replaced */
};

static const struct edit edits[] = {
    {"a comment", true, "## One world", "## Another comment: one world"},
    {"blank lines", true, "world web {\n", "world web {\n\n\n"},
    {"order of fields", true, "    image  = image\n    size   = size\n", "    size   = size\n    image  = image\n"},
    {"order of resources", true,
     "  resource log: logs.group { retain = 30d }\n  resource lt",
     "  resource lt"}, /* completed below: log moves behind */
    {"order of a set", true, "[{ from = 10.0.0.0/8, port = 80 }, { from = ::/0, port = 443 }]",
     "[{ from = ::/0, port = 443 }, { from = 10.0.0.0/8, port = 80 }]"},
    {"a default written out in another unit", true, "drain  = 30s", "drain  = 0.5 * 1m"},
    {"a gate", true, "< 60%", "< 70%"},
    {"a rollout", true, "bake  24h", "bake  48h"},
    {"another rollout", true, "rollout web {", "rollout web as quick {\n  test calm\n  shift 100% for 30m\n  bake 1h\n  on failure rollback within 60s keep 2h\n}\nrollout web {"},
    {"a tune field", true, "size     = 2..8", "size     = 3..9"},
    {"a tune field of a log", true, "resource log: logs.group { retain = 30d }", "resource log: logs.group { retain = 90d }"},
    {"a shared resource", true, "resource notes: logs.group { retain = 7d }", "resource notes: logs.group { retain = 14d }"},
    {"the name of a let", true, "let port = 8080", "let port = p8080\nlet p8080 = 8080"},
    {"a value computed otherwise", true, "let port = 8080", "let port = 8000 + 80"},
    {"a secret's value", true, "\"hunter2\"", "\"correct horse\""},
    {"an output", true, "gate calm {", "output x = 1\ngate calm {"},
    {"none for what is absent", true, "drain  = 30s\n", "drain  = 30s\n    slow_start = none\n"},
    {"a function inlined", true, "tagged(log.name)", "\"${host}-${log.name}\""},
    {"a rename that says so", true, "resource tg: elbv2.target_group", "resource targets: elbv2.target_group"},

    {"a size", false, "\"t3.small\"", "\"t3.medium\""},
    {"a disk", false, "20GiB", "30GiB"},
    {"a rule", false, "port = 443 }]", "port = 444 }]"},
    {"a key", false, "ports = [80, 443]", "ports = [80, 8443]"},
    {"a binding of a file", false, "let port = 8080", "let port = 8081"},
    {"the pin", false, NULL, NULL},
    {"a query that is not pinned", false, "{ \"env\" => \"prod\" }", "{ \"env\" => \"stage\" }"},
    {"an argument of a stdlib module", false, "std.network { tag = \"prod\" }", "std.network { tag = \"stage\" }"},
    {"another output of it", false, "subnets  = net.private", "subnets  = net.public"},
    {"a new resource", false, "  entry alb", "  resource more: logs.group { retain = 30d }\n  entry alb"},
    {"a name", false, "resource log: logs.group", "resource logs: logs.group"},
    {"keep", false, "logs.group { retain = 30d }", "logs.group { retain = 30d } keep 30d"},
    {"a nested field", false, "path = \"/healthz\"", "path = \"/health\""},
    {"a field that had its default", false, "drain  = 30s", "drain  = 30s\n    protocol = \"HTTP\""},
    {"a function", false, "\"${host}-${name}\"", "\"${host}.${name}\""},
    {"the host", false, "\"shop.example.com\"", "\"www.example.com\""},
    {"another reference", false, "boot   = file(\"boot.sh\", { log = tagged(log.name)", "boot   = file(\"boot.sh\", { log = tagged(tg.name)"},
};

enum { EDITS = sizeof edits / sizeof *edits };

struct bench {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
};

static const char *src(void)
{
    const char *s = getenv("SRCDIR");
    return s ? s : ".";
}

static void bench_init(struct bench *b)
{
    b->a = arena_new("test");
    sources_init(&b->sources, b->a);
    diags_init(&b->ds, b->a, &b->sources);
    intern_init(&b->names, b->a);
}

static const char *replaced(struct arena *a, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("base.bg has no `%s`", from);
    return arena_printf(a, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static const char *edited(struct arena *a, const char *text, const struct edit *e)
{
    if (!e->from)
        return text;
    text = replaced(a, text, e->from, e->to);
    if (!strcmp(e->what, "order of resources"))
        text = replaced(a, text, "  entry alb\n", "  resource log: logs.group { retain = 30d }\n  entry alb\n");
    if (!strcmp(e->what, "a name"))
        text = replaced(a, text, "log.name", "logs.name");
    if (!strcmp(e->what, "a rename that says so")) {
        text = replaced(a, text, "targets  = [tg]", "targets  = [targets]");
        text = replaced(a, text, "forward = tg", "forward = targets");
        text = replaced(a, text, "gate calm {", "moved web.tg -> web.targets\ngate calm {");
    }
    return text;
}

static struct graph *evaluate(struct bench *b, const char *text, const struct map *pins,
                              const struct facts *facts)
{
    struct program *p = program_load(b->a, &b->names, &b->ds,
                                     arena_printf(b->a, "%s/tests/identity/base.bg", src()), text);
    struct graph *g = NULL;
    if (!b->ds.errors)
        g = eval_program(p, b->a, &(struct eval_args){.pins = pins ? pins : program_pins(p),
                                                      .facts = facts});
    if (!g) {
        struct buf out;
        buf_init(&out, b->a);
        render_text(&out, &b->ds, false);
        fail_msg("%s", buf_text(&out));
    }
    return g;
}

static const char *base_text(struct bench *b)
{
    const char *text, *error;
    size_t len;
    if (!file_read(b->a, arena_printf(b->a, "%s/tests/identity/base.bg", src()), &text, &len, &error))
        fail_msg("%s", error);
    return text;
}

static const char *id_of(struct bench *b, const char *text, const struct map *pins)
{
    return graph_world(evaluate(b, text, pins, NULL), "web")->id;
}

static void edits_and_ids(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct buf golden;
    buf_init(&golden, b.a);
    const char *text = base_text(&b), *base = id_of(&b, text, NULL);
    struct map other, pins;
    map_init(&other, b.a);
    map_init(&pins, b.a);
    map_put(&pins, "shared.image", (void *)"ami-0bbbbbbbbbbbbbbbb");
    assert_int_equal(strlen(base), 10);
    buf_printf(&golden, "%s base\n", base);
    for (size_t i = 0; i < EDITS; i++) {
        struct bench one;
        bench_init(&one);
        const char *id = id_of(&one, edited(one.a, text, &edits[i]), edits[i].from ? NULL : &pins);
        if (edits[i].same != !strcmp(id, base))
            fail_msg("%s: %s the id", edits[i].what, edits[i].same ? "changed" : "did not change");
        if (!edits[i].same && map_put(&other, arena_strdup(b.a, id), (void *)edits[i].what))
            fail_msg("%s: the same id as another edit", edits[i].what);
        buf_printf(&golden, "%s %s\n", id, edits[i].what);
        arena_free(one.a);
    }
    golden_check(b.a, "identity.txt", buf_text(&golden));
    arena_free(b.a);
}

static void the_encoding_itself(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct graph *g = evaluate(&b, base_text(&b), NULL, NULL);
    const char *json = identity_encoding(b.a, g, graph_world(g, "web"));
    const char *error;
    struct value *v = value_from_json(b.a, json, strlen(json), &error);
    struct buf pretty;
    buf_init(&pretty, b.a);
    value_json(&pretty, v, 2);
    buf_putc(&pretty, '\n');
    assert_null(strstr(json, "hunter2"));
    golden_check(b.a, "identity.json", buf_text(&pretty));
    arena_free(b.a);
}

static void facts_change_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const char *text = base_text(&b), *base = id_of(&b, text, NULL);
    struct facts facts;
    facts_init(&facts, b.a);
    struct value *vpc = value_map(b.a);
    value_put(vpc, "id", value_string(b.a, "vpc-1"));
    facts_put(&facts, "shared.vpc", vpc);
    facts_put(&facts, "web.log", vpc);
    struct graph *g = evaluate(&b, text, NULL, &facts);
    assert_string_equal(graph_world(g, "web")->id, base);
    assert_string_equal(identity_world(b.a, g, graph_world(g, "web"), 0), base);
    assert_string_not_equal(identity_world(b.a, g, graph_world(g, "web"), 1), base);
    assert_string_not_equal(identity_world(b.a, g, graph_world(g, "web"), 2),
                            identity_world(b.a, g, graph_world(g, "web"), 1));
    arena_free(b.a);
}

/* What later layers add to a graph is not the author's. */
static void additions_change_nothing(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    const char *text = "stack s { region = \"eu-west-1\" }\n"
                       "world web {\n  resource log: logs.group { retain = 7d }\n  entry log\n}\n";
    struct graph *g = evaluate(&b, text, NULL, NULL);
    struct world *w = graph_world(g, "web");
    const char *rebuilt = identity_world(b.a, g, w, 1);
    struct node *more = arena_make(b.a, struct node);
    *more = *w->nodes.at[0];
    more->address = "web.more";
    vec_push(b.a, &g->nodes, more);
    vec_push(b.a, &w->nodes, more);
    map_put(&g->by_address, more->address, more);
    assert_string_equal(identity_world(b.a, g, w, 0), w->id);
    assert_string_equal(identity_world(b.a, g, w, 1), rebuilt);
    arena_free(b.a);
}

static void physical_names(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    static const struct {
        const char *world, *id, *name;
        size_t limit;
        const char *want;
    } rows[] = {
        {"web", "7f3a2c91d0", "alb", 64, "shop-web-7f3a2c91d0-alb"},
        {NULL, NULL, "cert", 64, "shop-shared-cert"},
        {"shared", NULL, "cert", 64, "shop-shared-cert"},
        {"web", "7f3a2c91d0", "lb_sg", 64, "shop-web-7f3a2c91d0-lb-sg"},
        {"web", "7f3a2c91d0", "alb", 23, "shop-web-7f3a2c91d0-alb"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(identity_physical_name(a, "shop", rows[i].world, rows[i].id,
                                                   rows[i].name, rows[i].limit), rows[i].want);
    const char *one = identity_physical_name(a, "shop", "web", "7f3a2c91d0", "nat[\"a\"]", 64);
    const char *two = identity_physical_name(a, "shop", "web", "7f3a2c91d0", "nat_a", 64);
    assert_string_not_equal(one, two);
    const char *tail = identity_physical_name(a, "shop", "web", "7f3a2c91d0", "a_rather_long_name", 32);
    assert_int_equal(strlen(tail), 32);
    assert_string_not_equal(tail, identity_physical_name(a, "shop", "web", "7f3a2c91d0",
                                                         "a_rather_long_named", 32));
    for (const char *s = one; *s; s++)
        assert_true((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '-');
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_and_ids),
        cmocka_unit_test(the_encoding_itself),
        cmocka_unit_test(facts_change_nothing),
        cmocka_unit_test(additions_change_nothing),
        cmocka_unit_test(physical_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
