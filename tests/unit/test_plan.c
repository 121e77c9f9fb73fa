/* Plans of the shop, from facts and accounts made by hand. */
#include <string.h>

#include "plan/placed.h"
#include "plan/plan.h"
#include "plan/verify.h"
#include "rollout/implied.h"
#include "test.h"

#include "shop.h"

enum { HOUR = 3600000 };

struct bench {
    struct shop *shop;
    struct arena *a;
    struct diags ds;
    struct graph *g;
    struct facts facts;
    struct live live;
    struct traffic_state *t;
    struct world *w;
    struct plan_args args;
};

/* What an `existing` is answered with: an id, and what the shop reads of it. */
static struct value *answer(struct arena *a, const struct node *n, int k)
{
    struct value *f = value_map(a);
    const char *id = arena_printf(a, "%s-%d", n->name, k);
    value_put(f, "id", value_string(a, id));
    value_put(f, "name", value_string(a, id));
    value_put(f, "arn", value_string(a, id));
    value_put(f, "root_device", value_string(a, "/dev/xvda"));
    if (!strcmp(n->name, "vpc"))
        value_put(f, "range", value_cidr(a, "10.0.0.0/16"));
    return f;
}

static struct bench *open_bench(void **state)
{
    struct arena *a = arena_new("plan");
    struct bench *b = arena_make(a, struct bench);
    b->a = a;
    b->shop = *state;
    diags_init(&b->ds, a, &b->shop->sources);
    facts_init(&b->facts, a);
    for (int round = 0; round < 8; round++) {
        b->g = eval_program(b->shop->program, a, &(struct eval_args){.pins = program_pins(b->shop->program), .facts = &b->facts});
        if (!b->g)
            fail_msg("%s", shop_errors(b->shop));
        if (!b->g->wanted.n)
            break;
        for (size_t i = 0; i < b->g->wanted.n; i++) {
            const struct node *n = b->g->wanted.at[i];
            struct value **two = arena_array(a, struct value *, 2);
            two[0] = answer(a, n, 1);
            two[1] = answer(a, n, 2);
            facts_put(&b->facts, n->address, n->set ? value_list(a, two, 2) : two[0]);
        }
    }
    assert_int_equal(b->g->wanted.n, 0);
    assert_true(implied_add(a, &b->ds, b->g));
    b->live.facts = &b->facts;
    b->live.account_id = "123456789012";
    b->live.at = 1763287200000;
    b->t = arena_make(a, struct traffic_state);
    *b->t = (struct traffic_state){.world = "web", .kind = TRAFFIC_EMPTY, .ttl = 60};
    b->t->record = (struct record){.version = 1, .step = -1};
    vec_push(a, &b->live.traffics, b->t);
    b->w = graph_world(b->g, "web");
    return b;
}

/* A world with all that the spec says, as wanted. */
static void put_world(struct bench *b, const char *id)
{
    struct facts *f = plan_facts(&b->shop->schemas, b->a, b->g, &b->live);
    for (size_t i = 0; i < b->w->nodes.n; i++) {
        const struct node *n = b->w->nodes.at[i];
        const struct schema *s = schema_find(&b->shop->schemas, n->type);
        if (n->existing || !s)
            continue;
        struct live_resource *r = arena_make(b->a, struct live_resource);
        *r = (struct live_resource){.address = n->address, .type = n->type, .world = arena_printf(b->a, "web/%s", id),
                                    .id = arena_printf(b->a, "%s-%s", n->name, id), .name = n->name};
        r->reading = arena_make(b->a, struct reading);
        r->reading->fields = value_map(b->a);
        r->reading->tags = value_map(b->a);
        value_put(r->reading->tags, TAG_COLOUR, value_string(b->a, "blue"));
        struct value *placed = strcmp(n->address, b->w->entry) ? NULL : placed_tags(b->a, b->g, f, b->w->name);
        for (size_t k = 0; placed && k < placed->map->n; k++)
            value_put(r->reading->tags, placed->map->entries[k].key, placed->map->entries[k].value);
        live_add(b->a, &b->live, r);
        facts_put(f, n->address, r->reading->fields);
        value_put(r->reading->fields, "id", value_string(b->a, r->id));
        value_put(r->reading->fields, "name", value_string(b->a, n->name));
    }
    for (size_t i = 0; i < b->w->nodes.n; i++) {
        const struct node *n = b->w->nodes.at[i];
        struct live_resource *r = live_find(&b->live, arena_printf(b->a, "web/%s", id), n->address);
        struct value *all = r ? schema_desired(&b->shop->schemas, b->a, schema_find(&b->shop->schemas, n->type), n->props) : NULL;
        all = all ? schema_ids(b->a, f, eval_force(b->g, b->a, f, all)) : NULL;
        all = all ? schema_metrics(&b->shop->schemas, b->a, b->g, f, all) : NULL;
        if (!all)
            continue;
        /* As it would be read back. */
        const struct schema *s = schema_find(&b->shop->schemas, n->type);
        struct value *object = value_map(b->a), *fields = value_map(b->a);
        for (size_t k = 0; k < all->map->n; k++)
            value_put(fields, all->map->entries[k].key, all->map->entries[k].value);
        if (s->id_field)
            value_put(fields, s->id_field, value_string(b->a, r->id));
        struct reading *read = schema_store(&b->shop->schemas, b->a, s, fields, object)
                                   ? schema_read(&b->shop->schemas, b->a, &b->ds, s, object) : NULL;
        assert_non_null(read);
        for (size_t k = 0; k < read->fields->map->n; k++)
            value_put(r->reading->fields, read->fields->map->entries[k].key, read->fields->map->entries[k].value);
        value_put(r->reading->fields, "id", value_string(b->a, r->id));
    }
}

static void share(struct bench *b, const char *world, int64_t weight)
{
    vec_push(b->a, &b->t->shares, (struct traffic_share){.world = world, .weight = weight});
}

static void serves(struct bench *b, const char *id)
{
    b->t->kind = TRAFFIC_OURS;
    b->t->has_record = true;
    b->t->record.live = id;
    b->t->record.weight_live = 100;
    share(b, id, 100);
}

static const char *text_of(struct bench *b, const struct plan *p)
{
    struct buf t;
    buf_init(&t, b->a);
    for (size_t i = 0; i < p->actions.n; i++) {
        const struct action *act = p->actions.at[i];
        buf_printf(&t, "%d %s %s %s", act->seq, plan_op_name(act->op), act->address, act->world ? act->world : "-");
        if (act->share >= 0)
            buf_printf(&t, " %g%%", act->share);
        if (act->gate)
            buf_printf(&t, " while %s", act->gate);
        if (act->physical_name)
            buf_printf(&t, " %s", act->physical_name);
        for (size_t k = 0; k < act->nchanges; k++)
            buf_printf(&t, " %s=%s", act->changes[k].path, act->changes[k].after ? value_text(b->a, act->changes[k].after) : "");
        for (size_t k = 0; k < act->needs.n; k++)
            buf_printf(&t, " <%d", act->needs.at[k]);
        buf_printf(&t, " (%s)\n", act->reason);
    }
    return buf_text(&t);
}

/* Every plan: it is verified, complete, in order, and the same when made again. */
static struct plan *planned(struct bench *b)
{
    world_choose(b->a, b->w, &b->live, b->args.rebuild);
    struct plan *p = plan_make(&b->shop->schemas, b->a, &b->ds, b->g, &b->live, &b->args);
    if (!p) {
        struct buf t;
        buf_init(&t, b->a);
        render_text(&t, &b->ds, false);
        fail_msg("%s", buf_text(&t));
    }
    const struct plan *again = plan_make(&b->shop->schemas, b->a, &b->ds, b->g, &b->live, &b->args);
    assert_string_equal(text_of(b, p), text_of(b, again));
    assert_string_equal(p->observed_sha256, again->observed_sha256);
    assert_string_equal(p->spec_sha256, again->spec_sha256);
    for (size_t i = 0; i < p->actions.n; i++) {
        const struct action *act = p->actions.at[i];
        assert_int_equal(act->seq, i + 1);
        assert_true(act->reason && *act->reason);
        for (size_t k = 0; k < act->needs.n; k++)
            if (act->needs.at[k] < 1 || act->needs.at[k] >= act->seq)
                fail_msg("step %d needs step %d:\n%s", act->seq, act->needs.at[k], text_of(b, p));
        if (act->op == PLAN_SHIFT || act->op == PLAN_ROLLBACK)
            assert_true(act->share > 0 && act->share <= 100);
    }
    if (!b->args.destroy && !p->refused)
        assert_true(verify_plan(b->a, &b->ds, p));
    return p;
}

static size_t ops(const struct plan *p, enum plan_op op)
{
    size_t n = 0;
    for (size_t i = 0; i < p->actions.n; i++)
        n += p->actions.at[i]->op == op;
    return n;
}

static const struct action *first(const struct plan *p, enum plan_op op, const char *id)
{
    for (size_t i = 0; i < p->actions.n; i++) {
        const char *slash = p->actions.at[i]->world ? strchr(p->actions.at[i]->world, '/') : NULL;
        if (p->actions.at[i]->op == op && (!id || (slash && !strcmp(slash + 1, id))))
            return p->actions.at[i];
    }
    return NULL;
}

static void first_creation(void **state)
{
    struct bench *b = open_bench(state);
    struct plan *p = planned(b);
    size_t own = 0;
    for (size_t i = 0; i < b->w->nodes.n; i++)
        own += !b->w->nodes.at[i]->existing;
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_CREATE);
    assert_string_equal(p->worlds.at[0]->colour, "blue");
    assert_int_equal(p->creates, own);
    assert_int_equal(ops(p, PLAN_CREATE), own);
    assert_int_equal(ops(p, PLAN_SHIFT), 1);
    assert_int_equal(ops(p, PLAN_TEST), 1);
    assert_int_equal(ops(p, PLAN_HOLD) + ops(p, PLAN_WATCH) + ops(p, PLAN_BAKE) + ops(p, PLAN_DELETE), 0);
    assert_true(first(p, PLAN_SHIFT, NULL)->share == 100);
    /* The test waits for everything that is created. */
    const struct action *test = first(p, PLAN_TEST, NULL);
    assert_int_equal(test->needs.n, own);
    assert_string_equal(test->gate, "ready");
    assert_false(plan_empty(p));
    const struct action *alb = NULL;
    for (size_t i = 0; i < p->actions.n; i++)
        if (!strcmp(p->actions.at[i]->address, "web.alb"))
            alb = p->actions.at[i];
    assert_string_equal(alb->physical_name, arena_printf(b->a, "shop-web-%s-alb", b->w->id));
    assert_true(alb->nchanges > 3 && alb->span.file);
    arena_free(b->a);
}

/* The data of the proof: between the live world's first byte and its removal
 * nothing of it is created, changed or removed. */
static void an_upgrade(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, "aaaaaaaaaa");
    serves(b, "aaaaaaaaaa");
    struct plan *p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_UPGRADE);
    assert_string_equal(p->worlds.at[0]->colour, "green");
    assert_int_equal(ops(p, PLAN_SHIFT), 3);
    assert_int_equal(ops(p, PLAN_WATCH), 3);
    assert_int_equal(ops(p, PLAN_SIZE), 3);
    assert_int_equal(ops(p, PLAN_APPROVE), 1);
    assert_int_equal(ops(p, PLAN_HOLD), 1);
    assert_int_equal(ops(p, PLAN_BAKE), 1);
    assert_string_equal(first(p, PLAN_BAKE, NULL)->gate, "settled");
    assert_int_equal(first(p, PLAN_BAKE, NULL)->duration, 24 * HOUR);
    assert_int_equal(p->duration_ms, 65 * 60000 + 24 * HOUR);
    assert_int_equal(p->rollback_ms, 3 * 60000); /* spread, resolvers, connections that are kept */
    assert_int_equal(p->unwatched.n, 1);
    assert_int_equal(p->shifts, 3);
    const struct action *doom = first(p, PLAN_DOOM, "aaaaaaaaaa"), *gone = first(p, PLAN_DELETE, "aaaaaaaaaa");
    assert_non_null(doom);
    assert_true(doom->seq > first(p, PLAN_BAKE, NULL)->seq && gone->seq > doom->seq);
    for (size_t i = 0; i < p->actions.n; i++) {
        const struct action *act = p->actions.at[i];
        if (act->world && strstr(act->world, "aaaaaaaaaa") && act->seq < doom->seq)
            assert_true(act->op == PLAN_HOLD);
        if (act->op == PLAN_DELETE)
            assert_string_not_equal(act->address, "web.log"); /* keep 30d */
    }
    /* Connections of the world that serves may be kept for longer than the new one's. */
    value_put(live_find(&b->live, "web/aaaaaaaaaa", "web.alb")->reading->fields, "keep_alive", value_duration(b->a, HOUR));
    assert_int_equal(planned(b)->rollback_ms, 2 * 60000 + HOUR);
    b->args.rollout = "hotfix";
    assert_int_equal(ops(planned(b), PLAN_SHIFT), 2);
    b->args.rollout = "nonsense";
    assert_null(plan_make(&b->shop->schemas, b->a, &b->ds, b->g, &b->live, &b->args));
    assert_string_equal(b->ds.all.at[0]->code, "BG6003");
    arena_free(b->a);
}

/* What the entry says of its traffic is understood again without the program. */
static void placed(void **state)
{
    struct bench *b = open_bench(state);
    struct value *names = value_list(b->a, NULL, 0), *props = graph_traffic(b->g, "web")->props;
    enum { N = 30 };
    struct value *at[N];
    for (int i = 0; i < N; i++)
        at[i] = value_stringf(b->a, i ? "host-%02d.eu.shop.example.com" : "*.shop.example.com", i);
    names = value_list(b->a, at, N);
    value_put(props, "names", names);
    put_world(b, "0123456789");
    struct live_world *w = live_world(&b->live, "web", "0123456789");
    struct live_resource *r = live_find(&b->live, "web/0123456789", b->w->entry);
    assert_non_null(value_get_string(r->reading->tags, TAG_TRAFFIC ".2"));
    for (size_t i = 0; i < r->reading->tags->map->n; i++) {
        const struct value *v = r->reading->tags->map->entries[i].value;
        assert_true(strlen(v->s) <= 256 && v->s[strlen(v->s) - 1] != ' ' && v->s[0] != ' ');
        assert_int_equal(strspn(v->s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.:/=+-@"), strlen(v->s));
    }
    struct graph empty = {.program = b->g->program, .stack = "shop"};
    struct facts f;
    const struct account *needs;
    map_init(&empty.by_address, b->a);
    facts_init(&f, b->a);
    assert_true(placed_restore(b->a, &b->shop->schemas, &empty, &f, w, &needs));
    const struct traffic *t = graph_traffic(&empty, "web");
    assert_string_equal(t->kind, "route53.weighted");
    assert_true(value_equal(value_get(t->props, "names"), names));
    const struct value *zone = value_get(t->props, "zone");
    assert_int_equal(zone->kind, V_REF);
    assert_string_equal(value_get_string(facts_find(&f, zone->ref.address), "id"),
                        value_get_string(facts_find(b->live.facts, "shared.zone"), "id"));
    assert_string_equal(needs->alias, "dns");
    assert_string_equal(needs->role, "arn:aws:iam::210987654321:role/bgc-dns");
    assert_string_equal(graph_find(&empty, zone->ref.address)->account, "dns");
    /* Names without number are not said in part. */
    at[0] = value_stringf(b->a, "%01500d.example.com", 0);
    value_put(props, "names", value_list(b->a, (struct value *[]){at[0], at[0]}, 2));
    assert_null(placed_tags(b->a, b->g, b->live.facts, "web"));
    arena_free(b->a);
}

static void nothing_to_do(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, b->w->id);
    serves(b, b->w->id);
    struct plan *p = planned(b);
    if (p->actions.n || p->drift.n)
        fail_msg("%zu of drift (%s.%s), actions:\n%s", p->drift.n, p->drift.n ? p->drift.at[0].address : "",
                 p->drift.n && p->drift.at[0].nchanges ? p->drift.at[0].changes[0].path : "", text_of(b, p));
    assert_true(plan_empty(p));
    /* Drift of a live world is shown; a tune field is changed; a raised minimum is neither. */
    const char *full = arena_printf(b->a, "web/%s", b->w->id);
    struct live_resource *asg = live_find(&b->live, full, "web.asg"), *alb = live_find(&b->live, full, "web.alb");
    struct value *size = value_range(b->a, value_int(b->a, 9), value_int(b->a, 12));
    value_put(asg->reading->fields, "size", size);
    value_put(asg->reading->tags, TAG_HOLD, value_string(b->a, "3"));
    p = planned(b);
    assert_int_equal(p->drift.n, 0);
    assert_int_equal(p->actions.n, 1); /* nothing is under way that it is raised for */
    assert_int_equal(p->actions.at[0]->op, PLAN_RELEASE);
    assert_false(plan_empty(p));
    value_put(asg->reading->tags, TAG_HOLD, value_none(b->a));
    p = planned(b);
    assert_int_equal(p->actions.n, 1);
    assert_int_equal(p->actions.at[0]->op, PLAN_TUNE);
    assert_string_equal(p->actions.at[0]->changes[0].path, "size");
    value_put(alb->reading->fields, "keep_alive", value_duration(b->a, 3600000));
    live_remove(&b->live, full, "web.scale");
    p = planned(b);
    assert_int_equal(p->actions.n, 1);
    assert_int_equal(p->drift.n, 2);
    assert_string_equal(p->drift.at[0].what, "gone");
    assert_string_equal(p->drift.at[0].address, "web.scale");
    assert_string_equal(p->drift.at[1].what, "changed");
    assert_string_equal(p->drift.at[1].changes[0].path, "keep_alive");
    arena_free(b->a);
}

static void resumed(void **state)
{
    struct bench *b = open_bench(state);
    const char *green = b->w->id;
    put_world(b, "aaaaaaaaaa");
    put_world(b, green);
    serves(b, "aaaaaaaaaa");
    b->t->record.candidate = green;
    struct plan *p = planned(b); /* built, no share yet */
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_RESUME);
    assert_int_equal(ops(p, PLAN_CREATE), 0);
    assert_int_equal(ops(p, PLAN_TEST), 1);
    live_remove(&b->live, arena_printf(b->a, "web/%s", green), "web.alb");
    assert_int_equal(ops(planned(b), PLAN_CREATE), 1);

    b->t->record.step = 1; /* half of it */
    b->t->record.weight_live = b->t->record.weight_candidate = 50;
    b->t->shares.at[0].weight = 50;
    share(b, green, 50);
    p = planned(b);
    assert_int_equal(ops(p, PLAN_CREATE) + ops(p, PLAN_TEST), 0);
    assert_int_equal(ops(p, PLAN_SHIFT), 1);
    assert_int_equal(ops(p, PLAN_WATCH), 2); /* the present step's gate runs again */
    assert_int_equal(ops(p, PLAN_APPROVE), 1);
    assert_true(p->actions.at[0]->op == PLAN_WATCH && p->actions.at[0]->share == 50);
    arena_free(b->a);
}

static void reverted(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, b->w->id);
    put_world(b, "bbbbbbbbbb");
    serves(b, b->w->id);
    b->t->record.candidate = "bbbbbbbbbb";
    b->t->record.weight_candidate = 10;
    share(b, "bbbbbbbbbb", 10);
    struct plan *p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_REVERT);
    assert_int_equal(p->actions.at[0]->op, PLAN_ROLLBACK);
    assert_true(strstr(p->actions.at[0]->world, b->w->id) && p->actions.at[0]->share == 100);
    assert_non_null(first(p, PLAN_DOOM, "bbbbbbbbbb"));
    assert_null(first(p, PLAN_DOOM, b->w->id));

    /* Back to the kept world, from two newer ones. */
    struct bench *c = open_bench(state);
    const char *kept = c->w->id;
    put_world(c, kept);
    put_world(c, "bbbbbbbbbb");
    put_world(c, "cccccccccc");
    serves(c, "bbbbbbbbbb");
    c->t->record.candidate = "cccccccccc";
    c->t->record.previous = kept;
    share(c, "cccccccccc", 10);
    share(c, kept, 0);
    p = planned(c);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_REVERT);
    assert_non_null(first(p, PLAN_DOOM, "bbbbbbbbbb"));
    assert_non_null(first(p, PLAN_DOOM, "cccccccccc"));
    assert_null(first(p, PLAN_DOOM, kept));
    arena_free(b->a);
    arena_free(c->a);
}

static void bakes_and_successors(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, b->w->id);
    put_world(b, "aaaaaaaaaa");
    serves(b, b->w->id);
    b->t->record.previous = "aaaaaaaaaa";
    share(b, "aaaaaaaaaa", 0);
    struct plan *p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_BAKE);
    assert_int_equal(p->actions.at[0]->op, PLAN_BAKE);
    assert_non_null(first(p, PLAN_DELETE, "aaaaaaaaaa"));
    assert_true(plan_empty(p)); /* it only waits */
    put_world(b, "eeeeeeeeee"); /* a stray does not stop it */
    p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_REMOVE_OTHER);
    assert_non_null(first(p, PLAN_BAKE, NULL));
    assert_non_null(first(p, PLAN_DOOM, "eeeeeeeeee"));
    arena_free(b->a);

    struct bench *c = open_bench(state); /* a third version during the bake */
    put_world(c, "aaaaaaaaaa");
    put_world(c, "bbbbbbbbbb");
    serves(c, "bbbbbbbbbb");
    c->t->record.previous = "aaaaaaaaaa";
    share(c, "aaaaaaaaaa", 0);
    p = planned(c);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_SUPERSEDE);
    const struct action *doom = first(p, PLAN_DOOM, "aaaaaaaaaa"), *watch = first(p, PLAN_WATCH, NULL);
    assert_int_equal(doom->needs.n, 1);
    assert_int_equal(doom->needs.at[0], watch->seq); /* only once the new one stood its first step */
    assert_non_null(first(p, PLAN_DOOM, "bbbbbbbbbb"));
    arena_free(c->a);
}

static void another_versions_remains(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, "aaaaaaaaaa");
    put_world(b, "bbbbbbbbbb");
    serves(b, "aaaaaaaaaa");
    b->t->record.candidate = "bbbbbbbbbb";
    struct plan *p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_REMOVE_OTHER);
    assert_true(first(p, PLAN_DELETE, "bbbbbbbbbb")->seq < first(p, PLAN_CREATE, NULL)->seq);
    b->t->shares.at[0].weight = 90;
    share(b, "bbbbbbbbbb", 10);
    b->t->record.weight_candidate = 10;
    p = planned(b);
    assert_int_equal(p->worlds.at[0]->view.action, WORLD_ROLLBACK_FIRST);
    assert_int_equal(p->actions.at[0]->op, PLAN_ROLLBACK);
    assert_non_null(first(p, PLAN_DOOM, "bbbbbbbbbb"));
    assert_int_equal(ops(p, PLAN_SHIFT), 3);
    arena_free(b->a);
}

static void refused(struct bench *b, const char *code, const char *because)
{
    size_t before = b->ds.all.n;
    world_choose(b->a, b->w, &b->live, false);
    struct plan *p = plan_make(&b->shop->schemas, b->a, &b->ds, b->g, &b->live, &b->args);
    assert_non_null(p);
    assert_true(p->refused);
    assert_int_equal(b->ds.all.n, before + 1);
    assert_string_equal(b->ds.all.at[before]->code, code);
    if (!strstr(b->ds.all.at[before]->message, because))
        fail_msg("%s", b->ds.all.at[before]->message);
    assert_true(b->ds.all.at[before]->help.n > 0);
}

static void refusals(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, "aaaaaaaaaa");
    serves(b, "aaaaaaaaaa");
    record_abort(b->a, &b->t->record, b->w->id);
    refused(b, "BG6002", "was aborted before");
    b->args.retry = true;
    assert_false(planned(b)->refused);
    b->args.retry = false;
    record_forgive(&b->t->record, b->w->id);
    b->t->kind = TRAFFIC_FOREIGN;
    b->t->why = "A shop.example.com gives weight 50 to world x; bgc set 10";
    refused(b, "BG6002", "gives weight 50");
    b->t->kind = TRAFFIC_OURS;
    live_find(&b->live, "web/aaaaaaaaaa", "web.alb")->foreign = true;
    live_find(&b->live, "web/aaaaaaaaaa", "web.alb")->foreign_why = "its name is x";
    refused(b, "BG6004", "its name is x");
    arena_free(b->a);
}

static void destruction(void **state)
{
    struct bench *b = open_bench(state);
    put_world(b, b->w->id);
    put_world(b, "aaaaaaaaaa");
    serves(b, b->w->id);
    b->args.destroy = "web";
    struct plan *p = planned(b);
    assert_int_equal(ops(p, PLAN_DELETE), b->live.all.n); /* what is `keep` too */
    assert_int_equal(ops(p, PLAN_DELETE), p->actions.n);
    b->args.destroy = "other";
    assert_int_equal(planned(b)->worlds.at[0]->view.action, WORLD_REMOVE_OTHER);
    arena_free(b->a);
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
        cmocka_unit_test(first_creation),       cmocka_unit_test(an_upgrade),
        cmocka_unit_test(placed), cmocka_unit_test(nothing_to_do),        cmocka_unit_test(resumed),
        cmocka_unit_test(reverted),             cmocka_unit_test(bakes_and_successors),
        cmocka_unit_test(another_versions_remains), cmocka_unit_test(refusals),
        cmocka_unit_test(destruction),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
