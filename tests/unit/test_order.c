/* Orders of creation and removal, over random graphs. */
#include <string.h>

#include "plan/order.h"
#include "test.h"

#include "shop.h"

enum { MOST = 24 };

/* Each may need some of those before it; then they are shuffled. */
static void creation_comes_after_what_it_needs(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int run = 0; run < 300; run++) {
        struct arena *a = arena_new("test");
        struct graph g = {.stack = "shop"};
        size_t n = (size_t)throw_dice(&seed, MOST) + 1;
        struct node *nodes[MOST];
        for (size_t i = 0; i < n; i++) {
            nodes[i] = arena_make(a, struct node);
            nodes[i]->address = arena_printf(a, "web.r%zu", i);
            vec_push(a, &nodes[i]->deps, "shared.zone"); /* not among them */
            for (size_t k = 0; k < i; k++)
                if (throw_dice(&seed, 4) == 0)
                    vec_push(a, &nodes[i]->deps, nodes[k]->address);
        }
        for (size_t i = n; i-- > 1;) {
            size_t k = (size_t)throw_dice(&seed, (int64_t)i + 1);
            struct node *t = nodes[i];
            nodes[i] = nodes[k];
            nodes[k] = t;
        }
        struct node **out = order_create(a, &g, nodes, n), **again = order_create(a, &g, nodes, n);
        for (size_t i = 0; i < n; i++) {
            assert_ptr_equal(out[i], again[i]);
            size_t there = 0;
            for (size_t k = 0; k < n; k++)
                there += out[k] == nodes[i];
            assert_int_equal(there, 1);
            for (size_t d = 0; d < out[i]->deps.n; d++)
                for (size_t k = i; k < n; k++)
                    assert_string_not_equal(out[k]->address, out[i]->deps.at[d]);
        }
        arena_free(a);
    }
}

static struct live_resource *resource(struct arena *a, size_t i)
{
    struct live_resource *r = arena_make(a, struct live_resource);
    r->id = arena_printf(a, "id-%zu", i);
    r->address = arena_printf(a, "web.r%zu", i);
    r->reading = arena_make(a, struct reading);
    r->reading->fields = value_map(a);
    return r;
}

static void mention(struct arena *a, struct live_resource *from, const struct live_resource *to, int64_t how)
{
    struct value *id = value_string(a, to->id), *inner = value_map(a), **list = arena_array(a, struct value *, 1);
    const char *key = arena_printf(a, "k%zu", from->reading->fields->map->n);
    list[0] = id;
    value_put(inner, "ref", id);
    value_put(from->reading->fields, key, how == 0 ? id : how == 1 ? value_list(a, list, 1) : inner);
}

static void removal_comes_before_what_it_refers_to(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int run = 0; run < 300; run++) {
        struct arena *a = arena_new("test");
        size_t n = (size_t)throw_dice(&seed, MOST) + 1;
        struct live_resource *all[MOST];
        size_t rank[MOST];
        for (size_t i = 0; i < n; i++) {
            all[i] = resource(a, i);
            rank[i] = i;
        }
        for (size_t i = n; i-- > 1;) { /* references go from a higher rank to a lower one */
            size_t k = (size_t)throw_dice(&seed, (int64_t)i + 1), t = rank[i];
            rank[i] = rank[k];
            rank[k] = t;
        }
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                if (rank[i] > rank[k] && throw_dice(&seed, 5) == 0)
                    mention(a, all[i], all[k], throw_dice(&seed, 3));
        struct live_resource **out = order_delete(a, all, n);
        for (size_t i = 0; i < n; i++)
            for (size_t k = i + 1; k < n; k++)
                if (order_refers(out[k], out[i]))
                    fail_msg("%s refers to %s and is removed after it", out[k]->address, out[i]->address);
        arena_free(a);
    }
}

/* Two groups that name each other: every one is removed, once. */
static void cycles_are_cut(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct live_resource *all[4];
    for (size_t i = 0; i < 4; i++)
        all[i] = resource(a, i);
    mention(a, all[0], all[1], 0);
    mention(a, all[1], all[0], 1);
    mention(a, all[1], all[1], 1); /* itself */
    mention(a, all[2], all[0], 2);
    struct live_resource **out = order_delete(a, all, 4);
    size_t seen[4] = {0};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++)
            seen[k] += out[i] == all[k];
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(seen[k], 1);
    assert_ptr_equal(out[0], all[3]); /* free ones first, the later before the earlier */
    assert_ptr_equal(out[1], all[2]);
    assert_int_equal(order_delete(a, all, 0) == NULL, 0);
    struct live_resource blind = {.id = NULL, .address = "x"};
    assert_false(order_refers(all[0], &blind) || order_refers(&blind, all[0]));
    arena_free(a);
}

/* The shop: a listener before its balancer, groups last. */
static void the_shop(void **state)
{
    (void)state;
    struct shop *s = shop_open();
    assert_non_null(s);
    const struct world *w = graph_world(s->graph, "web");
    struct node **out = order_create(s->arena, s->graph, w->nodes.at, w->nodes.n);
    for (size_t i = 0; i < w->nodes.n; i++)
        for (size_t d = 0; d < out[i]->deps.n; d++)
            for (size_t k = i; k < w->nodes.n; k++)
                assert_string_not_equal(out[k]->address, out[i]->deps.at[d]);
    assert_string_equal(out[0]->address, "web.lb_sg");
    shop_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(creation_comes_after_what_it_needs),
                                       cmocka_unit_test(removal_comes_before_what_it_refers_to),
                                       cmocka_unit_test(cycles_are_cut), cmocka_unit_test(the_shop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
