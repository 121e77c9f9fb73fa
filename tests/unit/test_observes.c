/* World rule 3: who observes a shared resource, and what only adds to it. */
#include <string.h>

#include "plan/observes.h"
#include "plan/verify.h"
#include "test.h"

static struct live_resource *put(struct arena *a, struct live *l, const char *world,
                                 const char *address, const char *id, const char *names)
{
    struct live_resource *r = arena_make(a, struct live_resource);
    *r = (struct live_resource){.address = address, .type = "t", .world = world, .id = id,
                                .name = arena_printf(a, "name-of-%s", id)};
    r->reading = arena_make(a, struct reading);
    r->reading->id = id;
    r->reading->fields = value_map(a);
    value_put(r->reading->fields, "text", value_string(a, names));
    live_add(a, l, r);
    return r;
}

static bool serves(const void *self, const char *world)
{
    return !strcmp(self, world);
}

static void a_world_observes_what_it_names(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct live l = {0};
    struct live_resource *sg = put(a, &l, NULL, "shared.sg", "sg-1", "vpc-1");
    struct live_resource *vpc = put(a, &l, NULL, "shared.vpc", "vpc-1", "");
    struct live_resource *other = put(a, &l, NULL, "shared.other", "sg-12", "");
    struct live_resource *log = put(a, &l, NULL, "shared.log", "arn:log", "");
    struct live_resource *loop = put(a, &l, NULL, "shared.loop", "loop-1", "vpc-1, loop-1");
    put(a, &l, "web/aa", "web.lt", "lt-1", "groups: sg-1, boot: log to name-of-arn:log");
    put(a, &l, "web/bb", "web.lt", "lt-2", "sg-12");
    assert_string_equal(observer_find(a, &l, sg, serves, "web/aa")->address, "web.lt");
    assert_non_null(observer_find(a, &l, log, serves, "web/aa")); /* by its name, in a text */
    assert_non_null(observer_find(a, &l, vpc, serves, "web/aa")); /* through the group */
    assert_null(observer_find(a, &l, other, serves, "web/aa"));   /* "sg-1" is no part of "sg-12" */
    assert_null(observer_find(a, &l, sg, serves, "web/bb"));      /* it does not serve */
    assert_null(observer_find(a, &l, loop, serves, "web/aa"));
    arena_free(a);
}

static struct value *list(struct arena *a, const char *words)
{
    struct value_builder b = {0};
    for (const char *s = words; *s; s++)
        vec_push(a, &b.items, value_stringf(a, "%c", *s));
    return value_list(a, b.items.at, b.items.n);
}

static struct value *map(struct arena *a, const char *keys)
{
    struct value *m = value_map(a);
    for (const char *s = keys; *s; s++)
        value_put(m, arena_printf(a, "%c", *s), value_int(a, 1));
    return m;
}

static void what_only_adds(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct type list_type = {.kind = TYPE_K_LIST}, map_type = {.kind = TYPE_K_MAP};
    struct schema_field f = {.name = "f", .type = &list_type};
    struct schema_field of_map = {.name = "m", .type = &map_type};
    struct schema_field tune = {.name = "t", .mods = FIELD_TUNE, .type = &list_type};
    struct schema_field fixed = {.name = "x", .mods = FIELD_FIXED, .type = &list_type};
    struct value *none = value_none(a), *one = value_int(a, 1), *two = value_int(a, 2);
    const struct {
        struct change change;
        bool additive;
    } cases[] = {
        {{.field = &tune, .before = one, .after = two}, true},
        {{.field = &fixed, .before = list(a, "a"), .after = list(a, "ab")}, false},
        {{.field = &f, .before = one, .after = two}, false},
        {{.field = &f, .before = none, .after = one}, false},
        {{.field = &f, .before = none, .after = list(a, "a")}, true},
        {{.field = &f, .before = list(a, "ac"), .after = list(a, "abc")}, true},
        {{.field = &f, .before = list(a, "ab"), .after = list(a, "ba")}, false},
        {{.field = &f, .before = list(a, "ab"), .after = list(a, "a")}, false},
        {{.field = &f, .before = list(a, "a"), .after = none}, false},
        {{.field = &of_map, .before = map(a, "a"), .after = map(a, "ab")}, true},
        {{.field = &of_map, .before = map(a, "ab"), .after = map(a, "a")}, false},
        {{.field = &f, .before = map(a, "a"), .after = map(a, "ab")}, false}, /* a record */
        {{.field = &f, .before = list(a, "a"), .after = list(a, "ab"),
          .added = list(a, "b"), .removed = list(a, "")}, true},
        {{.field = &f, .before = list(a, "a"), .after = list(a, "b"),
          .added = list(a, "b"), .removed = list(a, "a")}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (change_additive(&cases[i].change) != cases[i].additive)
            fail_msg("case %zu", i);
    arena_free(a);
}

/* The proof does not trust the planner: the same action is denied while the world
 * that uses it serves, and allowed when it is doomed. */
static void the_verifier_denies_it(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct live l = {0};
    struct live_resource *sg = put(a, &l, NULL, "shared.sg", "sg-1", "");
    put(a, &l, "web/aa", "web.lt", "lt-1", "sg-1");
    struct traffic_state *t = arena_make(a, struct traffic_state);
    *t = (struct traffic_state){.world = "web", .kind = TRAFFIC_OURS};
    vec_push(a, &t->shares, (struct traffic_share){.world = "aa", .weight = 255});
    vec_push(a, &l.traffics, t);
    struct type list_type = {.kind = TYPE_K_LIST};
    struct schema_field f = {.name = "ingress", .type = &list_type};
    struct change less = {.field = &f, .path = "ingress", .before = list(a, "ab"),
                          .after = list(a, "a")};
    struct change more = {.field = &f, .path = "ingress", .before = list(a, "a"),
                          .after = list(a, "ab")};
    struct action act = {.op = PLAN_UPDATE, .address = "shared.sg", .live = sg, .changes = &less,
                         .nchanges = 1};
    struct verifier v;
    const char *why;
    verify_begin(a, &v, &l);
    assert_false(verify_step(a, &v, &act, &why));
    assert_non_null(strstr(why, "rule 3"));
    act.changes = &more;
    assert_true(verify_step(a, &v, &act, &why));
    act.op = PLAN_DELETE;
    assert_false(verify_step(a, &v, &act, &why));
    struct world_state *s = verify_world(a, &v, "web/aa");
    s->share = 0;
    s->answers = false;
    s->doomed = true;
    assert_true(verify_step(a, &v, &act, &why));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_world_observes_what_it_names),
        cmocka_unit_test(what_only_adds),
        cmocka_unit_test(the_verifier_denies_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
