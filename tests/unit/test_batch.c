/* Record sets: what a zone's records mean, and the batch that changes them. */
#include <string.h>

#include "plan/worlds.h"
#include "rollout/batch.h"
#include "rollout/switch.h"
#include "test.h"

#include "shop.h"
#include "zone.h"

static const char *const one_name[] = {"shop.example.com"}, *const two_names[] = {"shop.example.com", "*.example.com"};

static struct record shifting(void)
{
    return (struct record){.version = 1, .serial = 9, .set = 7, .epoch = 2, .by = "n1", .live = "aaaa", .candidate = "bbbb",
                           .step = 0, .weight_live = 90, .weight_candidate = 10};
}

/* ---- understanding ----------------------------------------------------------------- */

static void empty_and_hand_made(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, one_name, 1);
    assert_int_equal(understood(&z), TRAFFIC_EMPTY);
    put(&z, "{\"Name\":\"other.example.com.\",\"Type\":\"A\",\"TTL\":60}");
    put(&z, "{\"Name\":\"shop.example.com.\",\"Type\":\"MX\",\"TTL\":60}");
    assert_int_equal(understood(&z), TRAFFIC_EMPTY);
    put(&z, "{\"Name\":\"SHOP.example.com.\",\"Type\":\"A\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"10.1.2.3\"}]}");
    assert_int_equal(understood(&z), TRAFFIC_SIMPLE);
    assert_string_equal(z.t.shares.at[0].world, WORLD_BY_HAND);
    assert_string_equal(z.t.shares.at[0].target, "10.1.2.3");
    assert_true(traffic_share_of(&z.t, WORLD_BY_HAND) == 100);
    put(&z, "{\"Name\":\"shop.example.com.\",\"Type\":\"AAAA\",\"AliasTarget\":{\"HostedZoneId\":\"Z9\",\"DNSName\":\"lb.\",\"EvaluateTargetHealth\":true}}");
    assert_int_equal(understood(&z), TRAFFIC_SIMPLE);
    assert_int_equal(z.t.exact->list.n, 2);
    assert_int_equal(z.t.shares.n, 1);
    /* The claim leaves them as they are. */
    txt(&z, one_name[0], &(struct record){.version = 1, .serial = 1, .live = WORLD_BY_HAND, .candidate = "bbbb", .step = -1});
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_true(traffic_share_of(&z.t, WORLD_BY_HAND) == 100);
    struct zone c = new_zone(a, one_name, 1);
    put(&c, "{\"Name\":\"shop.example.com.\",\"Type\":\"CNAME\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"lb.\"}]}");
    foreign(&c, "is a CNAME", false);
    arena_free(a);
}

static void ours(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, one_name, 1);
    struct record r = shifting();
    txt(&z, one_name[0], &r);
    both(&z, "aaaa.7", 90);
    both(&z, "bbbb.7", 10);
    both(&z, "bbbb.7", 10); /* listed by two calls */
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    assert_false(z.t.torn);
    assert_true(z.t.has_record && z.t.record.serial == 9);
    assert_true(traffic_share_of(&z.t, "bbbb") == 10);
    assert_string_equal(z.t.shares.at[1].target, "bbbb.elb.");
    assert_string_equal(z.t.shares.at[1].zone, "Z9");
    assert_int_equal(z.t.exact->list.n, 4);
    arena_free(a);
}

/* Record 7 has aaaa at 90 and bbbb at 10; what stands differs. */
static void somebody_elses(void **state)
{
    (void)state;
    struct {
        const char *id, *id2, *because;
        int weight, weight2;
        bool torn;
    } cases[] = {
        {"aaaa.7", "bbbb.7", "gives weight 50 to world bbbb; bgc set 10", 90, 50, true},
        {"aaaa.7", "bbbb.6", "is of batch 6, and the TXT record speaks of batch 7", 90, 10, true},
        {"aaaa.7", "cccc.7", "world cccc, which has none", 90, 10, true},
        {"aaaa.7", "by hand", "did not make (by hand)", 90, 10, true},
        {"aaaa.7", "bbbb.", "did not make (bbbb.)", 90, 10, true},
        {"aaaa.7", "bbbb.7777777777777777777777", "did not make", 90, 10, true},
        {"bbbb.7", NULL, "records of the live world aaaa are gone", 10, 0, true},
        {"aaaa.7", NULL, "records of the candidate bbbb are gone", 90, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *a = arena_new("test");
        struct zone z = new_zone(a, one_name, 1);
        struct record r = shifting();
        txt(&z, one_name[0], &r);
        both(&z, cases[i].id, cases[i].weight);
        if (cases[i].id2)
            both(&z, cases[i].id2, cases[i].weight2);
        foreign(&z, cases[i].because, cases[i].torn);
        assert_true(z.t.has_record); /* the last good one */
        arena_free(a);
    }
}

static void what_is_missing(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct record r = shifting();
    struct zone z = new_zone(a, one_name, 1);
    both(&z, "aaaa.7", 90);
    foreign(&z, "the TXT record of shop.example.com. is gone", true);
    z = new_zone(a, one_name, 1);
    both(&z, "my weights", 90);
    foreign(&z, "weighted records that bgc did not make", false);
    z = new_zone(a, one_name, 1);
    txt(&z, one_name[0], &r);
    both(&z, "aaaa.7", 90);
    alias(&z, one_name[0], "A", "bbbb.7", 10);
    foreign(&z, "some records of world bbbb are gone", true);
    z = new_zone(a, two_names, 2);
    txt(&z, two_names[0], &r);
    foreign(&z, "the TXT record of *.example.com is gone", true);
    r.serial++;
    txt(&z, "\\\\052.example.com", &r);
    foreign(&z, "differs from", true);
    z = new_zone(a, one_name, 1);
    put(&z, "{\"Name\":\"_bgc.shop.example.com.\",\"Type\":\"TXT\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"\\\"v=1\\\"\"}]}");
    foreign(&z, "cannot be read", false);
    assert_false(z.t.has_record);
    arena_free(a);
}

static void routed_otherwise(void **state)
{
    (void)state;
    static const char *const members[] = {"\"Region\":\"eu-west-1\"", "\"Failover\":\"PRIMARY\"", "\"MultiValueAnswer\":true",
                                          "\"GeoLocation\":{\"CountryCode\":\"DE\"}"};
    for (size_t i = 0; i < 4; i++) {
        struct arena *a = arena_new("test");
        struct zone z = new_zone(a, one_name, 1);
        put(&z, arena_printf(a, "{\"Name\":\"shop.example.com.\",\"Type\":\"A\",\"SetIdentifier\":\"x\",%s}", members[i]));
        foreign(&z, "a name of their own", false);
        arena_free(a);
    }
}

/* ---- building ------------------------------------------------------------------------ */

static void a_note_changes_only_the_txt(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, one_name, 1);
    struct record r = shifting(), next = shifting();
    txt(&z, one_name[0], &r);
    both(&z, "aaaa.7", 90);
    both(&z, "bbbb.7", 10);
    assert_int_equal(understood(&z), TRAFFIC_OURS);
    next.serial = 10;
    next.by = "n2";
    struct value *changes = batch_note(a, &z.t, &next);
    assert_int_equal(changes->list.n, 2);
    assert_int_equal(count(changes, "DELETE", "TXT", NULL), 1);
    struct zone after = applied(&z, changes);
    assert_int_equal(understood(&after), TRAFFIC_OURS);
    assert_string_equal(after.t.record.by, "n2");
    assert_true(traffic_share_of(&after.t, "bbbb") == 10);
    arena_free(a);
}

/* From nothing to one world, to a partial share, on, back and away, at two names. */
static void a_whole_rollout_in_batches(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, two_names, 2);
    assert_int_equal(understood(&z), TRAFFIC_EMPTY);
    struct record r = {.version = 1, .serial = 1, .set = 1, .step = -1, .live = "aaaa", .weight_live = 100};
    struct switch_target blue = {.world = "aaaa", .weight = 100, .dns = "blue.elb", .zone = "Z9"};
    struct zone one = applied(&z, batch_set(a, &z.t, &blue, 1, &r));
    assert_int_equal(understood(&one), TRAFFIC_OURS);
    assert_int_equal(one.z.sets.n, 4);
    assert_int_equal(one.z.txts.n, 2);

    r.serial = r.set = 2;
    r.candidate = "bbbb";
    r.weight_live = 90;
    r.weight_candidate = 10;
    struct switch_target pair[] = {{.world = "aaaa", .weight = 90},
                                   {.world = "bbbb", .weight = 10, .dns = "green.elb", .zone = "Z9", .health_check = "hc", .candidate = true}};
    struct value *changes = batch_set(a, &one.t, pair, 2, &r);
    assert_int_equal(count(changes, "DELETE", NULL, NULL), 6);
    assert_int_equal(count(changes, "CREATE", NULL, NULL), 10);
    struct zone two = applied(&one, changes);
    assert_int_equal(understood(&two), TRAFFIC_OURS);
    for (size_t i = 0; i < two.z.sets.n; i++) {
        const struct value *set = two.z.sets.at[i];
        bool green = !strncmp(value_get_string(set, "SetIdentifier"), "bbbb.2", 7);
        assert_true(green || !strcmp(value_get_string(set, "SetIdentifier"), "aaaa.2"));
        assert_true(value_get_int(set, "Weight", -1) == (green ? 10 : 90));
        /* Health stands on the candidate's records only. */
        assert_true((value_get(set, "HealthCheckId") != NULL) == green);
        assert_true(value_get_bool(value_get(set, "AliasTarget"), "EvaluateTargetHealth") == green);
        assert_string_equal(value_get_string(value_get(set, "AliasTarget"), "DNSName"), green ? "green.elb" : "blue.elb");
    }
    r.serial = r.set = 3; /* back: the candidate's records are deleted */
    r.weight_live = 100;
    r.weight_candidate = 0;
    struct switch_target only = {.world = "aaaa", .weight = 100};
    struct zone back = applied(&two, batch_set(a, &two.t, &only, 1, &r));
    assert_int_equal(understood(&back), TRAFFIC_OURS);
    assert_int_equal(back.z.sets.n, 4);
    assert_false(batch_reaches(a, &back.t, "bbbb"));
    assert_true(batch_reaches(a, &back.t, "aaaa"));

    r.serial = r.set = 4; /* or on: it has all, the old one is kept at 0, and loses its health check later */
    pair[0].weight = 0;
    pair[1].weight = 100;
    r.weight_live = 0;
    r.weight_candidate = 100;
    struct zone all = applied(&two, batch_set(a, &two.t, pair, 2, &r));
    assert_int_equal(understood(&all), TRAFFIC_OURS);
    assert_int_equal(all.z.sets.n, 8);
    struct switch_target last = {.world = "bbbb", .weight = 100};
    r = (struct record){.version = 1, .serial = 5, .set = 5, .step = -1, .live = "bbbb", .weight_live = 100};
    struct zone done = applied(&all, batch_set(a, &all.t, &last, 1, &r));
    assert_int_equal(understood(&done), TRAFFIC_OURS);
    assert_int_equal(done.z.sets.n, 4);
    assert_null(value_get(done.z.sets.at[0], "HealthCheckId"));
    struct zone none = applied(&done, batch_clear(a, &done.t));
    assert_int_equal(understood(&none), TRAFFIC_EMPTY);
    arena_free(a);
}

static void long_texts_are_split(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, one_name, 1);
    understood(&z);
    struct record r = shifting();
    r.set = 1;
    r.serial = 1;
    for (int i = 0; i < 64; i++)
        record_doom(a, &r, arena_printf(a, "%010x", i));
    struct switch_target pair[] = {{.world = "aaaa", .weight = 90, .dns = "a", .zone = "Z"},
                                   {.world = "bbbb", .weight = 10, .dns = "b", .zone = "Z", .candidate = true}};
    struct value *changes = batch_set(a, &z.t, pair, 2, &r);
    const struct value *set = NULL;
    assert_int_equal(count(changes, "CREATE", "TXT", &set), 1);
    const char *v = value_get_string(value_at(set, "ResourceRecords[0]"), "Value");
    size_t longest = 0, now = 0;
    for (const char *s = v; *s; s++) {
        now = *s == '"' ? 0 : now + 1;
        longest = now > longest ? now : longest;
    }
    assert_int_equal(longest, 255);
    assert_true(strlen(v) > 700);
    struct zone after = applied(&z, changes);
    assert_int_equal(understood(&after), TRAFFIC_OURS);
    assert_int_equal(after.t.record.doomed.n, 64);
    arena_free(a);
}

/* Made by hand with an address only: nobody's IPv6 users may all go to green. */
static void types_that_one_lacks_are_left_out(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, one_name, 1);
    put(&z, "{\"Name\":\"shop.example.com.\",\"Type\":\"A\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"10.1.2.3\"}]}");
    assert_int_equal(understood(&z), TRAFFIC_SIMPLE);
    struct record r = {.version = 1, .serial = 1, .set = 1, .live = WORLD_BY_HAND, .candidate = "bbbb", .weight_live = 90, .weight_candidate = 10};
    struct switch_target pair[] = {{.world = WORLD_BY_HAND, .weight = 90},
                                   {.world = "bbbb", .weight = 10, .dns = "b", .zone = "Z", .candidate = true}};
    struct value *changes = batch_set(a, &z.t, pair, 2, &r);
    const struct value *set = NULL;
    assert_int_equal(count(changes, "CREATE", "A", &set), 2);
    assert_int_equal(count(changes, "CREATE", "AAAA", NULL), 0);
    struct zone part = applied(&z, changes);
    assert_int_equal(understood(&part), TRAFFIC_OURS);
    assert_true(traffic_share_of(&part.t, "bbbb") == 10);
    /* When it has everything, it has it at both. */
    r = (struct record){.version = 1, .serial = 2, .set = 2, .live = WORLD_BY_HAND, .candidate = "bbbb", .weight_live = 0, .weight_candidate = 100};
    pair[0].weight = 0;
    pair[1].weight = 100;
    struct zone all = applied(&part, batch_set(a, &part.t, pair, 2, &r));
    assert_int_equal(understood(&all), TRAFFIC_OURS);
    assert_int_equal(all.z.sets.n, 3);
    struct switch_target last = {.world = "bbbb", .weight = 100};
    r = (struct record){.version = 1, .serial = 3, .set = 3, .live = "bbbb", .weight_live = 100};
    struct zone done = applied(&all, batch_set(a, &all.t, &last, 1, &r));
    assert_int_equal(understood(&done), TRAFFIC_OURS);
    assert_int_equal(done.z.sets.n, 2);
    arena_free(a);
}

/* An alias made by hand can lead there for the other type too. */
static void an_alias_covers_both_types(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct zone z = new_zone(a, two_names, 2);
    put(&z, "{\"Name\":\"shop.example.com.\",\"Type\":\"A\",\"AliasTarget\":{\"HostedZoneId\":\"Z9\",\"DNSName\":\"old.elb.\",\"EvaluateTargetHealth\":true}}");
    assert_int_equal(understood(&z), TRAFFIC_SIMPLE);
    struct record r = {.version = 1, .serial = 1, .set = 1, .live = WORLD_BY_HAND, .candidate = "bbbb", .weight_live = 90, .weight_candidate = 10};
    struct switch_target pair[] = {{.world = WORLD_BY_HAND, .weight = 90},
                                   {.world = "bbbb", .weight = 10, .dns = "b", .zone = "Z", .candidate = true}};
    struct zone part = applied(&z, batch_set(a, &z.t, pair, 2, &r));
    assert_int_equal(understood(&part), TRAFFIC_OURS);
    assert_int_equal(part.z.sets.n, 8);
    arena_free(a);
}

/* ---- weights ---------------------------------------------------------------------------- */

static void weights_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *share;
        int64_t candidate, live;
    } cases[] = {{"1", 1, 99}, {"10", 10, 90}, {"50", 50, 50}, {"100", 100, 0}, {"0.5", 1, 199}, {"12.5", 1, 7},
                 {"2.5", 1, 39}, {"99.5", 199, 1}, {"0.1", 1, 255}, {"99.9", 255, 1}, {"0.000000000000000001", 1, 255}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dec d;
        int64_t c, l;
        assert_true(dec_parse(cases[i].share, &d));
        switch_weights(d, &c, &l);
        if (c != cases[i].candidate || l != cases[i].live)
            fail_msg("%s %% is %lld/%lld", cases[i].share, (long long)c, (long long)l);
    }
    for (int64_t m = 1; m < 10000; m++) { /* 0.01 % .. 99.99 %: nearer than any other pair */
        int64_t c, l;
        double p = (double)m / 10000;
        switch_weights((struct dec){m, 2}, &c, &l);
        assert_true(c >= 1 && l >= 1 && c <= 255 && l <= 255);
        double off = (double)c / (double)(c + l) - p;
        if (m % 100 == 0)
            assert_true(off < 1e-12 && off > -1e-12);
        if (m >= 40 && m <= 9960)
            assert_true(off < 0.0012 && off > -0.0012);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_hand_made),         cmocka_unit_test(ours),
        cmocka_unit_test(somebody_elses),              cmocka_unit_test(what_is_missing),
        cmocka_unit_test(routed_otherwise),            cmocka_unit_test(a_note_changes_only_the_txt),
        cmocka_unit_test(a_whole_rollout_in_batches),  cmocka_unit_test(long_texts_are_split),
        cmocka_unit_test(types_that_one_lacks_are_left_out), cmocka_unit_test(an_alias_covers_both_types),
        cmocka_unit_test(weights_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
