/* The table of worlds: every combination has an action or a refusal with a
 * reason, and the action is the one that the design's table says. */
#include <string.h>

#include "base/clock.h"
#include "plan/worlds.h"
#include "test.h"

#include "shop.h"

static const char LIVE[] = "aaaaaaaaaa", WANTED[] = "bbbbbbbbbb", OTHER[] = "cccccccccc", KEPT[] = "dddddddddd";

struct combination {
    const char *live, *candidate, *previous, *desired;
    double share;
    bool complete, aborted, retry, destroy, foreign;
};

static void describe(const struct combination *c, enum world_action got, const char *what)
{
    fail_msg("live %s, candidate %s (%g %%, %s), previous %s, desired %s%s%s%s%s: %s; it is action %d",
             c->live ? c->live : "-", c->candidate ? c->candidate : "-", c->share, c->complete ? "complete" : "not complete",
             c->previous ? c->previous : "-", c->desired ? c->desired : "-", c->aborted ? " aborted" : "",
             c->retry ? " retry" : "", c->destroy ? " destroy" : "", c->foreign ? " foreign" : "", what, (int)got);
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

/* The design's table, said once more and in another way. */
static enum world_action expected(const struct combination *c)
{
    bool wanted_lives = same(c->desired, c->live), wanted_kept = same(c->desired, c->previous);
    bool wanted_is_candidate = same(c->desired, c->candidate);
    if (c->foreign)
        return WORLD_REFUSED;
    if (c->destroy)
        return WORLD_NONE;
    if (!c->desired)
        return c->live || c->candidate ? WORLD_REFUSED : WORLD_NONE;
    if (c->aborted && !c->retry && !wanted_lives)
        return WORLD_REFUSED;
    if (wanted_kept && !wanted_lives)
        return WORLD_REVERT; /* a revert in git is a rollback, not a schedule */
    if (!c->candidate && c->previous)
        return wanted_lives ? WORLD_BAKE : WORLD_SUPERSEDE;
    if (wanted_lives && !c->candidate)
        return WORLD_NONE;
    if (wanted_lives)
        return c->share > 0 ? WORLD_REVERT : WORLD_REMOVE_OTHER;
    if (!c->candidate)
        return c->live ? WORLD_UPGRADE : WORLD_CREATE;
    if (!wanted_is_candidate)
        return c->share > 0 ? WORLD_ROLLBACK_FIRST : WORLD_REMOVE_OTHER;
    return c->live || c->complete || c->share > 0 ? WORLD_RESUME : WORLD_CREATE;
}

static void one(struct arena *a, const struct combination *c)
{
    struct world_view w = {.name = "web", .spec = c->desired, .desired = c->desired, .live = c->live,
                           .candidate = c->candidate, .previous = c->previous, .candidate_share = c->share,
                           .candidate_complete = c->complete, .aborted = c->aborted, .retry = c->retry,
                           .destroy = c->destroy};
    if (c->foreign)
        w.action = WORLD_REFUSED;
    world_decide(a, &w);
    if (w.action != expected(c))
        describe(c, w.action, arena_printf(a, "the table says %d", (int)expected(c)));
    if (!w.why || !*w.why)
        describe(c, w.action, "it does not say why");
    if (w.action == WORLD_REFUSED && (!w.help || !*w.help))
        describe(c, w.action, "a refusal without help");
    if (!world_action_name(w.action))
        describe(c, w.action, "no name");
    /* Whatever the table says: who has traffic is not removed, and nothing but a
     * rollback is done to a share that nobody wants. */
    if (w.action == WORLD_REMOVE_OTHER && c->share > 0)
        describe(c, w.action, "a world with traffic would be removed");
    if (c->share > 0 && !same(c->candidate, c->desired) && w.action != WORLD_REFUSED && w.action != WORLD_REVERT &&
        w.action != WORLD_ROLLBACK_FIRST && !c->destroy)
        describe(c, w.action, "an unwanted share stays");
    if (c->aborted && !c->retry && (w.action == WORLD_CREATE || w.action == WORLD_UPGRADE || w.action == WORLD_RESUME ||
                                    w.action == WORLD_SUPERSEDE))
        describe(c, w.action, "an aborted version would be tried again");
}

static void the_table_is_total(void **state)
{
    (void)state;
    const char *lives[] = {NULL, LIVE, WORLD_BY_HAND}, *candidates[] = {NULL, WANTED, OTHER};
    const char *kept[] = {NULL, KEPT, WANTED}, *desired[] = {NULL, LIVE, WANTED, KEPT};
    static const double shares[] = {0, 10, 100};
    struct arena *a = arena_new("test");
    int n = 0;
    for (int l = 0; l < 3; l++)
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 3; k++)
                for (int d = 0; d < 4; d++)
                    for (int s = 0; s < 3; s++)
                        for (int bits = 0; bits < 32; bits++) {
                            struct combination x = {lives[l], candidates[c], kept[k], desired[d], shares[s],
                                                    bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
                            if ((!x.candidate && (x.share > 0 || x.complete)) || (x.previous && !x.live) ||
                                (x.candidate && same(x.candidate, x.previous)) ||
                                (x.share > 0 && (!x.live || !x.complete)))
                                continue; /* cannot be */
                            one(a, &x);
                            n++;
                            arena_reset(a);
                        }
    assert_true(n > 1500);
    arena_free(a);
}

/* ---- what is seen ------------------------------------------------------------- */

struct seen {
    struct shop *shop;
    struct arena *a;
    struct live live;
    struct traffic_state *t;
    struct world *w;
};

static struct seen look_at(struct shop *shop, struct arena *a)
{
    struct seen s = {.shop = shop, .a = a, .t = arena_make(a, struct traffic_state)};
    s.w = graph_world(shop->graph, "web");
    s.w->spec = s.w->id = WANTED;
    s.t->world = "web";
    s.t->record.version = 1;
    s.t->record.step = -1;
    vec_push(a, &s.live.traffics, s.t);
    return s;
}

static struct live_resource *put(struct seen *s, const char *address, const char *id)
{
    struct live_resource *r = arena_make(s->a, struct live_resource);
    *r = (struct live_resource){.address = address, .type = "logs.group", .id = address,
                                .world = arena_printf(s->a, "web/%s", id)};
    r->reading = arena_make(s->a, struct reading);
    r->reading->fields = value_map(s->a);
    r->reading->tags = value_map(s->a);
    live_add(s->a, &s->live, r);
    return r;
}

static void put_all(struct seen *s, const char *id)
{
    for (size_t i = 0; i < s->w->nodes.n; i++)
        if (!s->w->nodes.at[i]->existing)
            put(s, s->w->nodes.at[i]->address, id);
}

static struct world_view view(struct seen *s)
{
    struct world_view v;
    world_observe(s->a, s->shop->graph, &s->live, "web", &v);
    world_decide(s->a, &v);
    return v;
}

static void every_kind_of_traffic(void **state)
{
    struct shop *shop = *state;
    struct arena *a = arena_new("test");
    struct seen s = look_at(shop, a);
    struct world_view v = view(&s);
    assert_int_equal(v.action, WORLD_CREATE);
    s.t->kind = TRAFFIC_SIMPLE;
    v = view(&s);
    assert_int_equal(v.action, WORLD_UPGRADE);
    assert_string_equal(v.live, WORLD_BY_HAND);
    s.t->kind = TRAFFIC_FOREIGN;
    s.t->why = "A shop.example.com gives weight 3 to world x; bgc set 10";
    v = view(&s);
    assert_int_equal(v.action, WORLD_REFUSED);
    assert_non_null(strstr(v.why, "gives weight 3"));
    assert_non_null(v.help);
    s.t->kind = TRAFFIC_OURS;
    s.t->has_record = true;
    s.t->record.live = LIVE;
    v = view(&s); /* nothing of that world is this stack's */
    assert_int_equal(v.action, WORLD_REFUSED);
    assert_non_null(strstr(v.why, "not of this stack"));
    put(&s, "web.alb", LIVE);
    assert_int_equal(view(&s).action, WORLD_UPGRADE);
    s.t->record.candidate = WANTED;
    assert_false(view(&s).candidate_complete);
    put_all(&s, WANTED);
    v = view(&s);
    assert_true(v.candidate_complete);
    assert_int_equal(v.action, WORLD_RESUME);
    arena_free(a);
}

/* The names changed: what served by the old ones is not removed as a stray. */
static void a_world_that_had_traffic_is_no_stray(void **state)
{
    struct shop *shop = *state;
    struct arena *a = arena_new("test");
    struct seen s = look_at(shop, a);
    put_all(&s, OTHER);
    assert_int_equal(view(&s).action, WORLD_REMOVE_OTHER);
    live_world(&s.live, "web", OTHER)->sealed = true;
    struct world_view v = view(&s);
    assert_int_equal(v.action, WORLD_REFUSED);
    assert_string_equal(v.unplaced, OTHER);
    live_world(&s.live, "web", OTHER)->doomed = true;
    assert_int_equal(view(&s).action, WORLD_REMOVE_OTHER);
    arena_free(a);
}

/* What the record does not know is found by its tags, and is other worlds'. */
static void strays_are_seen(void **state)
{
    struct shop *shop = *state;
    struct arena *a = arena_new("test");
    struct seen s = look_at(shop, a);
    s.t->kind = TRAFFIC_OURS;
    s.t->has_record = true;
    s.t->record.live = WANTED;
    put_all(&s, WANTED);
    assert_int_equal(view(&s).action, WORLD_NONE);
    put(&s, "web.alb", OTHER);
    put(&s, "web.alb", KEPT);
    struct world_view v = view(&s);
    assert_int_equal(v.action, WORLD_REMOVE_OTHER);
    assert_int_equal(v.leftovers.n, 1);
    assert_true(same(v.candidate, OTHER) || same(v.candidate, KEPT));
    arena_free(a);
}

/* web.log is `keep 30d`: what is left of a retired world is none. */
static void what_is_kept_is_no_leftover(void **state)
{
    struct shop *shop = *state;
    struct arena *a = arena_new("test");
    struct seen s = look_at(shop, a);
    int64_t doomed = clock_parse_iso("2026-03-01T00:00:00Z"), day = 86400000;
    s.t->kind = TRAFFIC_OURS;
    s.t->has_record = true;
    s.t->record.live = WANTED;
    put_all(&s, WANTED);
    struct live_resource *log = put(&s, "web.log", OTHER);
    s.live.at = doomed + day;
    assert_int_equal(view(&s).action, WORLD_REMOVE_OTHER); /* not marked: somebody's beginning */
    live_remove(&s.live, log->world, log->address);
    value_put(log->reading->tags, TAG_DOOMED, value_string(a, "2026-03-01T00:00:00Z"));
    live_add(a, &s.live, log);
    assert_int_equal(view(&s).action, WORLD_NONE);
    s.live.at = doomed + 30 * day - 1;
    assert_int_equal(view(&s).action, WORLD_NONE);
    assert_true(world_keeps(shop->graph, &s.live, log));
    s.live.at = doomed + 30 * day;
    assert_false(world_keeps(shop->graph, &s.live, log));
    assert_int_equal(view(&s).action, WORLD_REMOVE_OTHER);
    s.live.at = doomed + day;
    put(&s, "web.alb", OTHER); /* more than the log is left */
    assert_int_equal(view(&s).action, WORLD_REMOVE_OTHER);
    arena_free(a);
}

/* ---- incarnations --------------------------------------------------------------- */

static int64_t chosen(struct seen *s, bool rebuild)
{
    world_choose(s->a, s->w, &s->live, rebuild);
    assert_string_equal(s->w->id, world_incarnation(s->a, WANTED, s->w->incarnation));
    return s->w->incarnation;
}

static void an_incarnation_is_never_used_again(void **state)
{
    struct shop *shop = *state;
    struct arena *a = arena_new("test");
    struct seen s = look_at(shop, a);
    struct record *r = &s.t->record;
    assert_string_equal(world_incarnation(a, WANTED, 0), WANTED);
    assert_int_equal(strlen(world_incarnation(a, WANTED, 3)), 10);
    assert_string_not_equal(world_incarnation(a, WANTED, 3), world_incarnation(a, WANTED, 4));
    assert_int_equal(chosen(&s, false), 0);
    s.t->has_record = true;
    r->live = WANTED;
    assert_int_equal(chosen(&s, false), 0);
    assert_int_equal(chosen(&s, true), 1);
    r->candidate = world_incarnation(a, WANTED, 1); /* claimed by the rebuild: it goes on by itself */
    assert_int_equal(chosen(&s, true), 1);
    assert_int_equal(chosen(&s, false), 1);
    record_doom(a, r, r->candidate);
    r->candidate = NULL;
    assert_int_equal(chosen(&s, false), 0);
    assert_int_equal(chosen(&s, true), 2);
    r->live = LIVE;
    record_doom(a, r, WANTED);
    assert_int_equal(chosen(&s, false), 2);
    r->previous = world_incarnation(a, WANTED, 2);
    assert_int_equal(chosen(&s, false), 2); /* a revert goes back to what is kept */
    /* What was aborted is built anew by --retry, never gone on with. */
    r->previous = NULL;
    r->candidate = world_incarnation(a, WANTED, 2);
    assert_int_equal(chosen(&s, false), 2);
    record_abort(a, r, WANTED);
    record_abort(a, r, r->candidate);
    assert_int_equal(chosen(&s, false), 3);
    for (int k = 0; k < 60; k++)
        record_doom(a, r, world_incarnation(a, WANTED, k));
    r->candidate = NULL;
    chosen(&s, false);
    assert_false(record_doomed(r, s.w->id));
    arena_free(a);
}

static int open_shop(void **state)
{
    return (*state = shop_open()) ? 0 : -1;
}

static int close_shop(void **state)
{
    shop_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_total),          cmocka_unit_test(every_kind_of_traffic),
        cmocka_unit_test(strays_are_seen),             cmocka_unit_test(what_is_kept_is_no_leftover),
        cmocka_unit_test(an_incarnation_is_never_used_again),
        cmocka_unit_test(a_world_that_had_traffic_is_no_stray),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
