/* The lease: one at a time, on a clock that the test moves. */
#include <string.h>

#include "cloud/lock.h"
#include "test.h"

#include "fake.h"
#include "flaky.h"
#include "shop.h"

struct bench {
    struct arena *a;
    struct fake fake;
    struct sources sources;
    struct diags ds;
    struct map objects;
    struct flaky flaky;
    void (*meanwhile)(struct bench *b);
    struct lock *other;
};

static void nothing_answers(void *self, const struct cloud_request *req, struct cloud_reply *out)
{
    (void)self, (void)req, (void)out;
    fail_msg("a lock makes no calls of its own");
}

static struct bench *open_bench(void)
{
    struct arena *a = arena_new("lock");
    struct bench *b = arena_make(a, struct bench);
    b->a = a;
    sources_init(&b->sources, a);
    diags_init(&b->ds, a, &b->sources);
    map_init(&b->objects, a);
    fake_init(&b->fake, a, nothing_answers, b);
    flaky_init(&b->flaky, store_memory(a, &b->objects));
    return b;
}

static enum lock_result take(struct bench *b, struct lock *l, const char *nonce, int64_t wait, struct lock_holder *other)
{
    struct lock_holder self = {.holder = arena_printf(b->a, "%s@host", nonce), .nonce = nonce, .url = "https://ci/1", .since = 5};
    return lock_take(l, b->a, &b->ds, &b->flaky.store, "shop", &self, &(struct lock_watch){.ms = wait}, &b->fake.cloud, other);
}

static void taken_kept_released(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock l, m;
    struct lock_holder other;
    int64_t age;
    assert_false(lock_show(&b->flaky.store, b->a, "shop", &other, &age));
    assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
    assert_int_equal(l.self.epoch, 1);
    assert_true(lock_deadline(&l) == b->fake.now + LOCK_LEASE_MS);
    assert_true(lock_show(&b->flaky.store, b->a, "shop", &other, &age));
    assert_string_equal(other.holder, "n1@host");
    assert_string_equal(other.url, "https://ci/1");
    assert_int_equal(take(b, &m, "n2", 0, &other), LOCK_HELD);
    assert_string_equal(other.nonce, "n1");
    size_t puts = b->flaky.puts;
    b->fake.now += LOCK_LEASE_MS / 3 - 1;
    assert_true(lock_keep(&l, &b->ds));
    assert_int_equal(b->flaky.puts, puts); /* not yet */
    b->fake.now += 1;
    assert_true(lock_keep(&l, &b->ds));
    assert_int_equal(b->flaky.puts, puts + 1);
    assert_int_equal(l.self.counter, 1);
    assert_true(lock_deadline(&l) == b->fake.now + LOCK_LEASE_MS);
    lock_release(&l);
    assert_false(l.held);
    assert_int_equal(lock_deadline(&l), 1);
    assert_false(lock_keep(&l, &b->ds));
    assert_false(lock_show(&b->flaky.store, b->a, "shop", &other, &age));
    lock_release(&l);
    /* The epoch outlives its holder. */
    assert_int_equal(take(b, &m, "n2", 0, &other), LOCK_TAKEN);
    assert_int_equal(m.self.epoch, 2);
    assert_int_equal(b->ds.errors, 0);
    arena_free(b->a);
}

static void taken_over_after_a_whole_lease(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock dead, l;
    struct lock_holder other;
    assert_int_equal(take(b, &dead, "dead", 0, &other), LOCK_TAKEN);
    b->fake.now += LOCK_STALE_MS / 2; /* how old it says it is does not count, only our own clock */
    int64_t begun = b->fake.now;
    assert_int_equal(take(b, &l, "n2", LOCK_LEASE_MS - 5000, &other), LOCK_HELD);
    begun = b->fake.now;
    assert_int_equal(take(b, &l, "n2", 2 * LOCK_LEASE_MS, &other), LOCK_TAKEN);
    assert_true(b->fake.now - begun >= LOCK_LEASE_MS && b->fake.now - begun < LOCK_LEASE_MS + 5000);
    assert_int_equal(l.self.epoch, 2);
    assert_string_equal(other.nonce, "dead");
    /* The one that was thought dead comes back: it has lost, and knows. */
    assert_false(lock_keep(&dead, &b->ds));
    assert_false(dead.held);
    assert_string_equal(b->ds.all.at[0]->code, "BG6102");
    assert_true(lock_keep(&l, &b->ds));
    lock_release(&dead); /* takes nothing from the new holder */
    assert_true(lock_show(&b->flaky.store, b->a, "shop", &other, &begun));
    assert_string_equal(other.nonce, "n2");
    arena_free(b->a);
}

/* What was not renewed for minutes is dead by its own account: nobody waits for it. */
static void long_dead(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock dead, l;
    struct lock_holder other;
    assert_int_equal(take(b, &dead, "dead", 0, &other), LOCK_TAKEN);
    b->fake.now += LOCK_STALE_MS;
    assert_int_equal(take(b, &l, "n2", 0, &other), LOCK_HELD);
    b->fake.now += 1;
    assert_int_equal(take(b, &l, "n2", 0, &other), LOCK_TAKEN);
    assert_int_equal(l.self.epoch, 2);
    assert_false(lock_keep(&dead, &b->ds));
    arena_free(b->a);
}

/* A holder that renews while somebody watches is left alone, and not waited for. */
static bool renewing_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct fake *f = self;
    struct bench *b = f->self;
    bool r = fake_wait(self, a, deadline, out);
    assert_true(lock_keep(b->other, &b->ds));
    return r;
}

static void a_living_holder_is_left_alone(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock alive, l;
    struct lock_holder other;
    assert_int_equal(take(b, &alive, "alive", 0, &other), LOCK_TAKEN);
    struct cloud_ops ops = *b->fake.cloud.ops;
    ops.wait = renewing_wait;
    b->fake.cloud.ops = &ops;
    b->other = &alive;
    int64_t begun = b->fake.now;
    assert_int_equal(take(b, &l, "n2", 10 * LOCK_LEASE_MS, &other), LOCK_HELD);
    assert_true(alive.held);
    assert_int_equal(alive.self.counter, 1);
    assert_true(b->fake.now - begun < LOCK_LEASE_MS);
    assert_int_equal(b->ds.errors, 0);
    arena_free(b->a);
}

static void unsure_answers_are_read_back(void **state)
{
    (void)state;
    static const enum put_fault faults[] = {PUT_DONE, PUT_REPEATED};
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = open_bench();
        struct lock l;
        struct lock_holder other;
        b->flaky.next = faults[i];
        assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
        b->fake.now += LOCK_LEASE_MS / 2;
        b->flaky.next = faults[i];
        assert_true(lock_keep(&l, &b->ds));
        assert_int_equal(l.renewed, b->fake.now);
        b->fake.now += LOCK_LEASE_MS / 2;
        assert_true(lock_keep(&l, &b->ds)); /* with the right etag */
        assert_int_equal(l.renewed, b->fake.now);
        assert_int_equal(b->ds.errors, 0);
        arena_free(b->a);
    }
    struct bench *b = open_bench();
    struct lock l;
    struct lock_holder other;
    b->flaky.next = PUT_LOST;
    assert_int_equal(take(b, &l, "n1", 10000, &other), LOCK_TAKEN); /* tried again */
    b->fake.now += LOCK_LEASE_MS / 2;
    b->flaky.next = PUT_LOST;
    assert_true(lock_keep(&l, &b->ds));
    assert_int_equal(l.renewed, b->fake.now);
    arena_free(b->a);
}

/* A renewal that happened while nothing could be read is not taken for another's. */
static void a_renewal_in_the_dark(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock l;
    struct lock_holder other;
    assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
    int64_t renewed = l.renewed;
    b->fake.now += LOCK_LEASE_MS / 2;
    b->flaky.next = PUT_DONE;
    b->flaky.get_fails = true;
    assert_true(lock_keep(&l, &b->ds)); /* not certain: the lease does not grow */
    assert_int_equal(l.renewed, renewed);
    b->flaky.get_fails = false;
    b->fake.now += 1000;
    assert_true(lock_keep(&l, &b->ds));
    assert_int_equal(l.renewed, b->fake.now);
    assert_int_equal(b->ds.errors, 0);
    arena_free(b->a);
}

static void a_store_that_fails_loses_the_lease_in_time(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock l;
    struct lock_holder other;
    assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
    for (int64_t t = 0; t < LOCK_LEASE_MS - 20000; t += 10000) {
        b->fake.now += 10000;
        b->flaky.next = PUT_FAILS;
        assert_true(lock_keep(&l, &b->ds));
        assert_true(lock_deadline(&l) < b->fake.now + LOCK_LEASE_MS);
    }
    b->flaky.next = PUT_OK;
    b->fake.now += 1000;
    assert_true(lock_keep(&l, &b->ds));
    b->fake.now += LOCK_LEASE_MS;
    assert_true(lock_deadline(&l) <= b->fake.now); /* nothing may be sent any more */
    b->flaky.next = PUT_FAILS;
    assert_false(lock_keep(&l, &b->ds));
    assert_int_equal(b->ds.errors, 1);
    b->flaky.next = PUT_FAILS;
    struct lock m;
    b->objects.n = 0;
    map_init(&b->objects, b->a);
    assert_int_equal(take(b, &m, "n2", 0, &other), LOCK_ERROR);
    assert_string_equal(b->ds.all.at[1]->code, "BG6101");
    arena_free(b->a);
}

/* Somebody takes it between our look and our write. */
static void beaten_to_it(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock l, fast;
    struct lock_holder other, none;
    assert_int_equal(take(b, &fast, "fast", 0, &none), LOCK_TAKEN);
    b->flaky.get_blind = true;
    assert_int_equal(take(b, &l, "slow", 0, &other), LOCK_HELD);
    assert_string_equal(other.holder, "fast@host");
    arena_free(b->a);
}

static void broken_by_hand(void **state)
{
    (void)state;
    struct bench *b = open_bench();
    struct lock l, m;
    struct lock_holder other;
    assert_true(lock_break(&b->flaky.store, b->a, &b->ds, "shop")); /* nothing to break */
    assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
    assert_true(lock_break(&b->flaky.store, b->a, &b->ds, "shop"));
    b->fake.now += LOCK_LEASE_MS / 2;
    assert_false(lock_keep(&l, &b->ds));
    assert_int_equal(take(b, &m, "n2", 0, &other), LOCK_TAKEN);
    assert_int_equal(m.self.epoch, 2);
    lock_release(&m);
    map_put(&b->objects, "shop/lock", (char *)"9\nhello");
    assert_int_equal(take(b, &m, "n3", 0, &other), LOCK_ERROR);
    assert_true(lock_break(&b->flaky.store, b->a, &b->ds, "shop"));
    assert_int_equal(take(b, &m, "n3", 0, &other), LOCK_TAKEN);
    /* It was renewed at that moment, or the store cannot be written. */
    static const struct {
        enum put_fault fault;
        const char *said;
    } cases[] = {{PUT_REPEATED, "it was just renewed; its holder is alive"}, {PUT_FAILS, "the disk is full"}};
    for (size_t i = 0; i < 2; i++) {
        b->flaky.next = cases[i].fault;
        assert_false(lock_break(&b->flaky.store, b->a, &b->ds, "shop"));
        const struct diag *d = b->ds.all.at[b->ds.all.n - 1];
        assert_string_equal(d->code, "BG6103");
        assert_non_null(strstr(d->message, cases[i].said));
    }
    arena_free(b->a);
}

/* Numbers that nothing can follow are no lock of ours: an epoch after them would be none. */
static void numbers_without_a_successor(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "9\n{\"holder\":\"released\",\"nonce\":\"n\",\"epoch\":9223372036854775807}",
        "9\n{\"holder\":\"x\",\"nonce\":\"n\",\"epoch\":1,\"renewed\":-9223372036854775808}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct bench *b = open_bench();
        struct lock l;
        struct lock_holder other;
        int64_t age;
        map_put(&b->objects, "shop/lock", (char *)(uintptr_t)bodies[i]);
        assert_false(lock_show(&b->flaky.store, b->a, "shop", &other, &age));
        assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_ERROR);
        assert_string_equal(b->ds.all.at[0]->code, "BG6101");
        assert_true(lock_break(&b->flaky.store, b->a, &b->ds, "shop"));
        assert_int_equal(take(b, &l, "n1", 0, &other), LOCK_TAKEN);
        assert_int_equal(l.self.epoch, 1);
        arena_free(b->a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_kept_released),          cmocka_unit_test(taken_over_after_a_whole_lease),
        cmocka_unit_test(long_dead),
        cmocka_unit_test(a_living_holder_is_left_alone), cmocka_unit_test(unsure_answers_are_read_back),
        cmocka_unit_test(a_renewal_in_the_dark),        cmocka_unit_test(a_store_that_fails_loses_the_lease_in_time),
        cmocka_unit_test(beaten_to_it),                 cmocka_unit_test(broken_by_hand),
        cmocka_unit_test(numbers_without_a_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
