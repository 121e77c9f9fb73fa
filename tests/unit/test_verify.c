/* The verifier: each promise has a plan that would break it, and legal plans pass. */
#include <string.h>

#include "plan/verify.h"
#include "test.h"

#include "shop.h"

/* Blue (a) has 100 %, green (b) is built, old (c) is kept at weight 0, gone (d) is
 * doomed, and s is sealed from an earlier run. */
struct scene {
    struct arena *a;
    struct live live;
    struct traffic_state t;
    struct verifier v;
};

static void put(struct scene *s, const char *id, const char *tag)
{
    struct live_resource *r = arena_make(s->a, struct live_resource);
    *r = (struct live_resource){.address = "web.alb", .type = "x", .id = id, .world = arena_printf(s->a, "web/%s", id)};
    r->reading = arena_make(s->a, struct reading);
    r->reading->fields = value_map(s->a);
    r->reading->tags = value_map(s->a);
    if (tag)
        value_put(r->reading->tags, tag, value_string(s->a, "2026-01-01T00:00:00Z"));
    live_add(s->a, &s->live, r);
}

static struct scene *scene(struct arena *a)
{
    struct scene *s = arena_make(a, struct scene);
    s->a = a;
    put(s, "a", NULL);
    put(s, "b", NULL);
    put(s, "c", NULL);
    put(s, "d", TAG_DOOMED);
    put(s, "s", TAG_SEALED);
    s->t = (struct traffic_state){.world = "web", .kind = TRAFFIC_OURS, .has_record = true,
                                  .record = {.live = "a", .previous = "c", .weight_live = 100}};
    vec_push(a, &s->t.shares, (struct traffic_share){.world = "a", .weight = 100});
    vec_push(a, &s->t.shares, (struct traffic_share){.world = "c", .weight = 0});
    record_doom(a, &s->t.record, "e");
    vec_push(a, &s->live.traffics, &s->t);
    verify_begin(a, &s->v, &s->live);
    return s;
}

struct step {
    enum plan_op op;
    const char *id;
    double share;
};

static const struct schema_field tuned = {.name = "size", .mods = FIELD_TUNE}, plain = {.name = "image"};

/* "web/ID", or shared for "". */
static bool allowed(struct scene *s, struct step step, const struct schema_field *changed, const char **why)
{
    struct change *c = arena_make(s->a, struct change);
    *c = (struct change){.field = changed, .path = "x"};
    struct action act = {.op = step.op, .address = "web.alb", .share = step.share, .changes = c, .nchanges = changed ? 1 : 0,
                         .world = *step.id ? arena_printf(s->a, "web/%s", step.id) : NULL};
    return verify_step(s->a, &s->v, &act, why);
}

static void each_promise_has_a_plan_that_breaks_it(void **state)
{
    (void)state;
    static const struct {
        struct step steps[4];
        int n; /* the last one is refused */
        const char *because;
    } cases[] = {
        {{{PLAN_CREATE, "a", 0}}, 1, "P1: a world with traffic would be added to"},
        {{{PLAN_CREATE, "c", 0}}, 1, "P1: a world with traffic would be added to"}, /* weight 0 is traffic */
        {{{PLAN_CREATE, "d", 0}}, 1, "P1: a world that is marked"},
        {{{PLAN_CREATE, "e", 0}}, 1, "P1: a world that is marked"}, /* by the record alone */
        {{{PLAN_UPDATE, "a", 0}}, 1, "P1: a world with traffic would be changed"},
        {{{PLAN_REPLACE, "a", 0}}, 1, "P1: a world with traffic would be changed"},
        {{{PLAN_UPDATE, "c", 0}}, 1, "P1: a world with traffic would be changed"},
        {{{PLAN_TUNE, "a", -1}}, 1, "not `tune`"},
        {{{PLAN_SHIFT, "b", 10}}, 1, "P3"},
        {{{PLAN_SHIFT, "d", 10}}, 1, "P3"},
        {{{PLAN_TEST, "d", 0}, {PLAN_SHIFT, "d", 10}}, 2, "P1: traffic would reach a world that is marked"},
        {{{PLAN_TEST, "e", 0}, {PLAN_SHIFT, "e", 10}}, 2, "P1: traffic would reach a world that is marked"},
        {{{PLAN_SHIFT, "s", 0}}, 1, "share must be"},
        {{{PLAN_SHIFT, "s", 101}}, 1, "share must be"},
        {{{PLAN_DOOM, "a", 0}}, 1, "P1: a world with traffic would be marked"},
        {{{PLAN_DELETE, "a", 0}}, 1, "P1: a world with traffic would be removed"},
        {{{PLAN_DELETE, "b", 0}}, 1, "before it is marked"},
        {{{PLAN_SHIFT, "s", 10}, {PLAN_DOOM, "a", 0}}, 2, "P1"},       /* blue still has 90 % */
        {{{PLAN_SHIFT, "s", 100}, {PLAN_DOOM, "a", 0}, {PLAN_ROLLBACK, "a", 100}}, 3, "P1: traffic would reach"},
        {{{PLAN_SHIFT, "s", 50}, {PLAN_ROLLBACK, "a", 100}, {PLAN_DOOM, "s", 0}, {PLAN_SHIFT, "s", 10}}, 4, "P1: traffic"},
        {{{PLAN_SHIFT, "s", 50}, {PLAN_UPDATE, "s", 0}}, 2, "P1"},
        {{{PLAN_ROLLBACK, "b", 100}}, 1, "P3"},
        {{{(enum plan_op)99, "b", 0}}, 1, "effect set"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new("test");
        struct scene *s = scene(a);
        const char *why = NULL;
        for (int k = 0; k < cases[i].n; k++) {
            bool ok = allowed(s, cases[i].steps[k], cases[i].steps[k].op == PLAN_TUNE ? &plain : NULL, &why);
            if (ok != (k < cases[i].n - 1))
                fail_msg("case %zu step %d: %s", i, k, ok ? "allowed" : why);
        }
        if (!strstr(why, cases[i].because))
            fail_msg("case %zu: \"%s\" does not speak of \"%s\"", i, why, cases[i].because);
        arena_free(a);
    }
}

static void a_partial_share_needs_somebody_for_the_rest(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct live none = {0};
    struct verifier v;
    const char *why;
    verify_begin(a, &v, &none);
    struct action test = {.op = PLAN_TEST, .world = "web/x"}, part = {.op = PLAN_SHIFT, .world = "web/x", .share = 50},
                  all = {.op = PLAN_SHIFT, .world = "web/x", .share = 100};
    assert_true(verify_step(a, &v, &test, &why));
    assert_false(verify_step(a, &v, &part, &why));
    assert_non_null(strstr(why, "P2"));
    assert_true(verify_step(a, &v, &all, &why)); /* a first creation takes everything */
    assert_null(why);
    arena_free(a);
}

static void legal_plans_pass(void **state)
{
    (void)state;
    static const struct step whole[] = {
        {PLAN_CREATE, "", 0}, {PLAN_UPDATE, "", 0}, {PLAN_DELETE, "", 0}, /* shared */
        {PLAN_CREATE, "b", 0}, {PLAN_UPDATE, "b", 0}, {PLAN_REPLACE, "b", 0}, {PLAN_TEST, "b", 0}, {PLAN_TAG, "b", 0},
        {PLAN_HOLD, "a", 0}, {PLAN_SIZE, "b", 10}, {PLAN_SHIFT, "b", 10}, {PLAN_WATCH, "b", 10}, {PLAN_APPROVE, "b", 0},
        {PLAN_TUNE, "a", 0}, {PLAN_ACTIVATE, "b", 0}, {PLAN_QUIESCE, "a", 0}, {PLAN_SHIFT, "b", 100}, {PLAN_BAKE, "b", 0},
        {PLAN_DOOM, "c", 0}, {PLAN_DELETE, "c", 0}, {PLAN_DOOM, "a", 0}, {PLAN_DELETE, "a", 0}, {PLAN_RELEASE, "b", 0},
        {PLAN_DELETE, "d", 0}, {PLAN_DELETE, "e", 0},
    };
    static const struct step back[] = {
        {PLAN_SHIFT, "s", 25}, {PLAN_ROLLBACK, "a", 100}, {PLAN_RELEASE, "a", 0}, {PLAN_UPDATE, "s", 0},
        {PLAN_DOOM, "s", 0}, {PLAN_DELETE, "s", 0}, {PLAN_ROLLBACK, "c", 100}, {PLAN_DOOM, "a", 0}, {PLAN_DELETE, "a", 0},
    };
    const struct {
        const struct step *at;
        size_t n;
    } plans[] = {{whole, sizeof whole / sizeof *whole}, {back, sizeof back / sizeof *back}};
    for (size_t p = 0; p < 2; p++) {
        struct arena *a = arena_new("test");
        struct scene *s = scene(a);
        const char *why;
        for (size_t i = 0; i < plans[p].n; i++)
            if (!allowed(s, plans[p].at[i], plans[p].at[i].op == PLAN_TUNE ? &tuned : NULL, &why))
                fail_msg("plan %zu step %zu: %s", p, i, why);
        arena_free(a);
    }
}

/* The worlds of one name are no concern of another's. */
static void worlds_are_apart(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct scene *s = scene(a);
    struct action test = {.op = PLAN_TEST, .world = "web2/a"}, all = {.op = PLAN_SHIFT, .world = "web2/a", .share = 100};
    const char *why;
    assert_true(verify_step(a, &s->v, &test, &why));
    assert_true(verify_step(a, &s->v, &all, &why));
    assert_true(verify_world(a, &s->v, "web/a")->share == 100);
    assert_true(verify_world(a, &s->v, "web2/a")->share == 100);
    arena_free(a);
}

static void a_broken_plan_is_reported(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct scene *s = scene(a);
    struct sources sources;
    struct diags ds;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    struct plan p = {.live = &s->live};
    struct action doom = {.seq = 7, .op = PLAN_DOOM, .address = "web", .world = "web/a"};
    assert_true(verify_plan(a, &ds, &p));
    vec_push(a, &p.actions, &doom);
    assert_false(verify_plan(a, &ds, &p));
    assert_string_equal(ds.all.at[0]->code, "BG6001");
    assert_non_null(strstr(ds.all.at[0]->notes.at[0], "step 7"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_promise_has_a_plan_that_breaks_it), cmocka_unit_test(a_partial_share_needs_somebody_for_the_rest),
        cmocka_unit_test(legal_plans_pass), cmocka_unit_test(worlds_are_apart), cmocka_unit_test(a_broken_plan_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
