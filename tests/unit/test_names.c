/* The names that a record stands at: whose it is, what the program's differ in, and the
 * batch that moves it. */
#include <string.h>

#include "plan/worlds.h"
#include "test.h"

#include "zone.h"

static const char *const look[] = {"shop.example.com", "www.example.com", "old.example.com"};
static const bool shop_tagged[] = {true, false, false}, all_tagged[] = {true, true, true};

static struct record at(struct arena *a, struct record r, const char *const *names, size_t n)
{
    r.names = names_digest(a, names, n);
    return r;
}

static struct record shifting(void)
{
    return (struct record){.version = 1, .serial = 9, .set = 7, .epoch = 2, .by = "n1", .live = "aaaa", .candidate = "bbbb",
                           .step = 0, .weight_live = 90, .weight_candidate = 10};
}

static void green(struct zone *z, const char *name)
{
    static const char *const types[] = {"A", "AAAA"};
    for (size_t i = 0; i < 2; i++)
        put(z, arena_printf(z->a, "{\"Name\":\"%s.\",\"Type\":\"%s\",\"SetIdentifier\":\"bbbb.7\",\"Weight\":10,\"HealthCheckId\":\"hc\",\"AliasTarget\":"
                                  "{\"HostedZoneId\":\"Z9\",\"DNSName\":\"green.elb.\",\"EvaluateTargetHealth\":true}}", name, types[i]));
}

/* A shift is under way at shop; the program says www, too. */
static struct zone shop_alone(struct arena *a, size_t n, size_t wanted)
{
    struct zone z = new_zone(a, look, n);
    struct record r = at(a, shifting(), look, 1);
    z.wanted = wanted;
    z.tagged = shop_tagged;
    txt(&z, look[0], &r);
    both(&z, "aaaa.7", 90);
    green(&z, look[0]);
    return z;
}

static struct zone renamed(struct zone *z, struct value **changes)
{
    struct record next = z->t.record;
    next.serial++;
    next.set = next.set ? next.serial : 0;
    *changes = batch_rename(z->a, &z->t, z->names, z->wanted, &next);
    return applied(z, *changes);
}

static void weights_stand(struct zone *z, const char *name, int64_t set)
{
    size_t n = 0;
    for (size_t i = 0; i < z->z.sets.n; i++) {
        const struct value *s = z->z.sets.at[i];
        if (!name_same(value_get_string(s, "Name"), name))
            continue;
        bool g = !strncmp(value_get_string(s, "SetIdentifier"), "bbbb", 4);
        assert_string_equal(value_get_string(s, "SetIdentifier"), arena_printf(z->a, "%s.%d", g ? "bbbb" : "aaaa", (int)set));
        assert_true(value_get_int(s, "Weight", -1) == (g ? 10 : 90));
        assert_true((value_get(s, "HealthCheckId") != NULL) == g);
        assert_true(value_get_bool(value_get(s, "AliasTarget"), "EvaluateTargetHealth") == g);
        assert_string_equal(value_get_string(value_get(s, "AliasTarget"), "DNSName"), g ? "green.elb." : "aaaa.elb.");
        n++;
    }
    assert_int_equal(n, 4);
}

static void the_digest_is_of_the_set(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    const char *const one[] = {"*.example.com", "shop.example.com"}, *const same[] = {"Shop.Example.com.", "\\052.example.com"};
    assert_string_equal(names_digest(a, one, 2), names_digest(a, same, 2));
    assert_string_not_equal(names_digest(a, one, 2), names_digest(a, one, 1));
    const char *const run_on[] = {"ab.example.com"}, *const apart[] = {"a", "b.example.com"};
    assert_string_not_equal(names_digest(a, run_on, 1), names_digest(a, apart, 2));
    arena_free(a);
}

static void a_name_comes_under_a_shift(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = shop_alone(a, 2, 2);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_false(z.t.torn);
    assert_int_equal(z.t.names.n, 1);
    assert_int_equal(z.t.come.n, 1);
    assert_string_equal(z.t.come.at[0].name, "www.example.com");
    assert_int_equal(z.t.go.n, 0);
    assert_null(z.t.unfit);
    /* Until then every batch is of the names that stand. */
    assert_int_equal(batch_note(a, &z.t, &z.t.record)->list.n, 2);
    struct value *changes;
    struct zone both_names = renamed(&z, &changes);
    assert_int_equal(count(changes, "DELETE", NULL, NULL), 5);
    assert_int_equal(understood(&both_names), TRAFFIC_OURS);
    assert_int_equal(both_names.t.names.n, 2);
    assert_int_equal(both_names.t.come.n + both_names.t.go.n, 0);
    assert_true(traffic_share_of(&both_names.t, "bbbb") == 10);
    weights_stand(&both_names, "shop.example.com", 10);
    weights_stand(&both_names, "www.example.com", 10);
    arena_free(a);
}

static void a_name_goes(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = shop_alone(a, 2, 2);
    struct value *changes;
    understood(&z);
    struct zone two = renamed(&z, &changes);
    two.wanted = 1;
    two.tagged = all_tagged;
    assert_int_equal(understood(&two), TRAFFIC_OURS);
    assert_int_equal(two.t.go.n, 1);
    assert_string_equal(two.t.go.at[0], "www.example.com");
    put(&two, "{\"Name\":\"www.example.com.\",\"Type\":\"MX\",\"TTL\":60}"); /* no matter */
    struct zone one = renamed(&two, &changes);
    assert_int_equal(one.z.txts.n, 1);
    assert_int_equal(one.z.sets.n, 4);
    assert_int_equal(understood(&one), TRAFFIC_OURS);
    assert_int_equal(one.t.names.n, 1);
    weights_stand(&one, "shop.example.com", 11);
    arena_free(a);
}

/* The first name, too, and all at once: the record is as much at any other. */
static void all_names_change(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    static const char *const names[] = {"store.example.com", "shop.example.com"};
    static const bool tagged[] = {false, true};
    struct zone z = new_zone(a, names, 2);
    struct record r = at(a, shifting(), &names[1], 1);
    z.wanted = 1;
    z.tagged = tagged;
    txt(&z, names[1], &r);
    both(&z, "aaaa.7", 90);
    green(&z, names[1]);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_int_equal(z.t.come.n, 1);
    assert_int_equal(z.t.go.n, 1);
    struct value *changes;
    struct zone moved = renamed(&z, &changes);
    assert_int_equal(understood(&moved), TRAFFIC_OURS);
    assert_int_equal(moved.z.sets.n, 4);
    assert_string_equal(moved.t.names.at[0], "store.example.com");
    weights_stand(&moved, "store.example.com", 10);
    arena_free(a);
}

static void what_stands_at_a_new_name(void **state)
{
    (void)state;
#define WWW "{\"Name\":\"www.example.com.\",\"Type\":\"A\","
#define TO(dns) "\"AliasTarget\":{\"HostedZoneId\":\"Z9\",\"DNSName\":\"" dns "\",\"EvaluateTargetHealth\":false}}"
    static const struct {
        const char *set, *unfit;
    } cases[] = {
        {WWW TO("aaaa.elb."), NULL},
        {WWW TO("dualstack.AAAA.elb"), NULL},
        {WWW TO("green.elb."), "leads to green.elb. and not to the live world"},
        {WWW "\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"10.1.2.3\"}]}", "type A already, which leads to 10.1.2.3"},
        {WWW "\"SetIdentifier\":\"mine\",\"Weight\":1," TO("aaaa.elb."), "a weighted record that is not of world web (mine)"},
        {WWW "\"SetIdentifier\":\"x\",\"Region\":\"eu-west-1\"," TO("aaaa.elb."), "a Region record"},
        {"{\"Name\":\"www.example.com.\",\"Type\":\"CNAME\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"shop.example.com\"}]}", "is a CNAME"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new("test");
        struct zone z = shop_alone(a, 2, 2);
        put(&z, cases[i].set);
        assert_int_equal(understood(&z), TRAFFIC_OURS); /* what serves is as it was left */
        if (!cases[i].unfit != !z.t.unfit || (z.t.unfit && (!strstr(z.t.unfit, cases[i].unfit) || !strstr(z.t.unfit, "www.example.com"))))
            fail_msg("%s: %s", cases[i].set, z.t.unfit ? z.t.unfit : "fits");
        if (z.t.unfit) {
            assert_true(strstr(z.t.unfit_help, "aaaa.elb.") != NULL);
            arena_free(a);
            continue;
        }
        assert_true(z.t.come.at[0].converts);
        struct value *changes;
        struct zone two = renamed(&z, &changes);
        assert_int_equal(count(changes, "DELETE", NULL, NULL), 6);
        assert_int_equal(understood(&two), TRAFFIC_OURS);
        weights_stand(&two, "www.example.com", 10);
        arena_free(a);
    }
    /* The same at a name that the program does not say is nobody's business. */
    struct arena *a = arena_new("test");
    struct zone z = shop_alone(a, 3, 1);
    z.tagged = all_tagged;
    put(&z, cases[3].set);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_int_equal(z.t.come.n + z.t.go.n, 0);
    assert_int_equal(z.t.exact->list.n, 4);
    arena_free(a);
}

/* Who read it at some of its names only would leave the others as they are. */
static void read_at_some_of_its_names(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    static const char *const others[] = {"shop.example.com", "api.example.com"};
    struct zone z = new_zone(a, look, 2);
    struct record r = at(a, shifting(), others, 2);
    txt(&z, look[0], &r);
    both(&z, "aaaa.7", 90);
    green(&z, look[0]);
    foreign(&z, "speaks of further names", true);
    z = new_zone(a, look, 3); /* which of them is missing is said where it is known */
    z.wanted = 1;
    z.tagged = all_tagged;
    r = at(a, shifting(), look, 3);
    txt(&z, look[0], &r);
    txt(&z, look[1], &r);
    foreign(&z, "the TXT record of old.example.com is gone", true);
    /* Its weighted records without their TXT. */
    z = shop_alone(a, 2, 2);
    alias(&z, "www.example.com", "A", "aaaa.7", 90);
    foreign(&z, "the TXT record of www.example.com. is gone", true);
    /* Between the two halves of a reading a name came. */
    z = shop_alone(a, 2, 2);
    r = at(a, shifting(), look, 2);
    r.serial++;
    txt(&z, look[1], &r);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_true(z.t.torn && z.t.unfit);
    arena_free(a);
}

/* Another world's record at a name that the program has just begun to say, or that was
 * given up and is still in some tag. */
static void a_record_of_somebody_else(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct record other = {.version = 1, .serial = 40, .set = 40, .by = "n9", .live = "cccc", .weight_live = 100, .step = -1};
    for (int wanted = 0; wanted < 2; wanted++) {
        struct zone z = shop_alone(a, 2, wanted ? 2 : 1);
        z.tagged = wanted ? shop_tagged : all_tagged;
        struct record r = at(a, other, &look[1], 1);
        txt(&z, look[1], &r);
        alias(&z, look[1], "A", "cccc.40", 100);
        alias(&z, look[1], "AAAA", "cccc.40", 100);
        assert_int_equal(understood(&z), TRAFFIC_OURS);
        assert_string_equal(z.t.record.live, "aaaa");
        assert_int_equal(z.t.exact->list.n, 4);
        assert_int_equal(z.t.txt->list.n, 1);
        assert_true((z.t.unfit && strstr(z.t.unfit, "www.example.com has a traffic record of its own, of world id cccc")) == (wanted == 1));
    }
    struct zone z = shop_alone(a, 2, 2); /* no tag says whose is which */
    z.tagged = NULL;
    struct record r = at(a, other, &look[1], 1);
    txt(&z, look[1], &r);
    foreign(&z, "differs from", true);
    arena_free(a);
}

/* Before the first share what was made by hand is as it was: only the TXT comes and goes. */
static void beside_what_was_made_by_hand(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    static const char *const simple = "{\"Name\":\"%s.\",\"Type\":\"A\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"10.1.2.3\"}]}";
    struct record r = at(a, (struct record){.version = 1, .serial = 1, .live = WORLD_BY_HAND, .candidate = "bbbb", .step = -1}, look, 1);
    struct zone z = new_zone(a, look, 2);
    z.tagged = shop_tagged;
    txt(&z, look[0], &r);
    put(&z, arena_printf(a, simple, look[0]));
    put(&z, arena_printf(a, simple, look[1]));
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_null(z.t.unfit);
    struct value *changes;
    struct zone two = renamed(&z, &changes);
    assert_int_equal(changes->list.n, 3);
    assert_int_equal(count(changes, NULL, "TXT", NULL), 3);
    assert_int_equal(understood(&two), TRAFFIC_OURS);
    assert_true(traffic_share_of(&two.t, WORLD_BY_HAND) == 100);
    two.wanted = 1;
    two.tagged = all_tagged;
    assert_int_equal(understood(&two), TRAFFIC_OURS);
    struct zone one = renamed(&two, &changes);
    assert_int_equal(one.z.sets.n, 2);
    assert_int_equal(one.z.txts.n, 1);
    assert_int_equal(understood(&one), TRAFFIC_OURS);
    arena_free(a);
}

/* A record without the digest was written when names could not change. */
static void a_record_without_the_digest(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, look, 2);
    struct record r = shifting();
    z.tagged = shop_tagged;
    put(&z, arena_printf(a, "{\"Name\":\"_bgc.%s.\",\"Type\":\"TXT\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"\\\"%s\\\"\"}]}", look[0],
                         record_print(a, &r)));
    both(&z, "aaaa.7", 90);
    green(&z, look[0]);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_int_equal(z.t.come.n, 1);
    struct value *changes;
    struct zone two = renamed(&z, &changes);
    assert_int_equal(understood(&two), TRAFFIC_OURS);
    assert_string_equal(two.t.record.names, names_digest(a, look, 2));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digest_is_of_the_set),    cmocka_unit_test(a_name_comes_under_a_shift),
        cmocka_unit_test(a_name_goes),                 cmocka_unit_test(all_names_change),
        cmocka_unit_test(what_stands_at_a_new_name),   cmocka_unit_test(read_at_some_of_its_names),
        cmocka_unit_test(a_record_of_somebody_else),   cmocka_unit_test(beside_what_was_made_by_hand),
        cmocka_unit_test(a_record_without_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
