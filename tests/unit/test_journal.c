/* The journal: what was flushed is found by the next process, whoever else writes. */
#include <string.h>

#include "cloud/journal.h"
#include "test.h"

#include "flaky.h"
#include "shop.h"

struct bench {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct map objects;
    struct flaky flaky;
};

static struct bench *open_bench(void)
{
    struct arena *a = arena_new("journal");
    struct bench *b = arena_make(a, struct bench);
    b->a = a;
    sources_init(&b->sources, a);
    diags_init(&b->ds, a, &b->sources);
    map_init(&b->objects, a);
    flaky_init(&b->flaky, store_memory(a, &b->objects));
    return b;
}

static struct journal opened(struct bench *b)
{
    struct journal j;
    assert_true(journal_open(&j, b->a, &b->ds, &b->flaky.store, "shop"));
    return j;
}

static void add(struct journal *j, const char *kind, const char *world, const char *key, const char *text, int64_t at)
{
    journal_add(j, &(struct journal_entry){kind, world, key, text, at});
}

static void kept_for_the_next_process(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct journal j = opened(b);
    assert_int_equal(j.entries.n, 0);
    assert_true(journal_flush(&j, &b->ds));
    assert_int_equal(b->flaky.puts, 0); /* nothing to write */
    char text[] = "pass";
    add(&j, "verdict", "web/aaaa", "test", text, 17);
    add(&j, "approval", "web/aaaa", "release manager", "arn:aws:iam::1:user/\"x\"\n", 18);
    add(&j, "note", NULL, NULL, NULL, 19);
    text[0] = 'X'; /* it keeps its own */
    assert_non_null(journal_find(&j, "verdict", NULL, NULL)); /* also before the flush */
    assert_true(journal_flush(&j, &b->ds));
    assert_int_equal(b->flaky.puts, 1); /* one object for all */
    add(&j, "verdict", "web/aaaa", "test", "fail", 20);
    assert_true(journal_flush(&j, &b->ds));
    struct journal k = opened(b);
    assert_int_equal(k.entries.n, 4);
    assert_string_equal(journal_find(&k, "verdict", "web/aaaa", "test")->text, "fail"); /* the newest */
    assert_string_equal(journal_find(&k, "approval", "web/aaaa", NULL)->text, "arn:aws:iam::1:user/\"x\"\n");
    assert_int_equal(journal_find(&k, "note", NULL, NULL)->at, 19);
    assert_null(journal_find(&k, "verdict", "web/bbbb", NULL));
    assert_null(journal_find(&k, "verdict", NULL, "gate"));
    assert_string_equal(k.entries.at[0].text, "pass");
    arena_free(b->a);
}

/* Two write at once: both stay, in some order. */
static void two_writers(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct journal j = opened(b), k = opened(b);
    for (int i = 0; i < 20; i++) {
        struct journal *w = i % 3 ? &j : &k;
        add(w, "note", "web/aaaa", arena_printf(b->a, "%d", i), "x", i);
        assert_true(journal_flush(w, &b->ds));
    }
    struct journal all = opened(b);
    assert_int_equal(all.entries.n, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(journal_find(&all, "note", NULL, arena_printf(b->a, "%d", i))->at, i);
    assert_true(journal_refresh(&j, &b->ds));
    assert_int_equal(j.entries.n, 20); /* each once */
    assert_true(journal_refresh(&j, &b->ds));
    assert_int_equal(j.entries.n, 20);
    arena_free(b->a);
}

static void unsure_answers(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct journal j = opened(b);
    static const enum put_fault faults[] = {PUT_DONE, PUT_LOST, PUT_REPEATED};
    for (int i = 0; i < 3; i++) {
        add(&j, "note", NULL, arena_printf(b->a, "%d", i), "x", i);
        b->flaky.next = faults[i];
        assert_true(journal_flush(&j, &b->ds));
        assert_int_equal(j.pending.n, 0);
    }
    struct journal k = opened(b);
    assert_int_equal(k.entries.n, 3); /* none lost, none doubled */
    assert_int_equal(b->ds.errors, 0);
    arena_free(b->a);
}

static void what_cannot_be_kept_is_not_acted_on(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct journal j = opened(b);
    add(&j, "verdict", "web/aaaa", "test", "pass", 1);
    b->flaky.next = PUT_FAILS;
    assert_false(journal_flush(&j, &b->ds));
    assert_string_equal(b->ds.all.at[0]->code, "BG6112");
    assert_int_equal(j.pending.n, 1);
    assert_true(journal_flush(&j, &b->ds)); /* and can be tried again */
    struct journal k;
    b->flaky.list_fails = true;
    assert_false(journal_open(&k, b->a, &b->ds, &b->flaky.store, "shop"));
    b->flaky.list_fails = false;
    b->flaky.get_fails = true;
    assert_false(journal_open(&k, b->a, &b->ds, &b->flaky.store, "shop"));
    assert_string_equal(b->ds.all.at[2]->code, "BG6111");
    arena_free(b->a);
}

static void damaged_objects_are_said(void **state)
{
    (void)state;
    static const char *const damaged[] = {"1\n{\"kind\":\"note\"}", "1\n[{", "1\n", "1\nhello"};
    for (size_t i = 0; i < 4; i++) {
        struct bench *b = open_bench();
        struct journal j;
        map_put(&b->objects, "shop/journal/0000000001", (char *)damaged[i]);
        assert_false(journal_open(&j, b->a, &b->ds, &b->flaky.store, "shop"));
        assert_string_equal(b->ds.all.at[0]->code, "BG6110");
        assert_non_null(strstr(b->ds.all.at[0]->message, "shop/journal/0000000001"));
        arena_free(b->a);
    }
    struct bench *b = open_bench(); /* what it does not know it leaves */
    map_put(&b->objects, "shop/journal/0000000007", (char *)"1\n[{\"kind\":\"new\",\"more\":[1]},{\"x\":1},3]");
    struct journal j = opened(b);
    assert_int_equal(j.entries.n, 1);
    assert_int_equal(j.next, 8);
    arena_free(b->a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_for_the_next_process),           cmocka_unit_test(two_writers),
        cmocka_unit_test(unsure_answers),                      cmocka_unit_test(what_cannot_be_kept_is_not_acted_on),
        cmocka_unit_test(damaged_objects_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
