/* The traffic record as text: what is printed is read again, and nothing else is. */
#include <string.h>

#include "plan/record.h"
#include "test.h"

#include "shop.h"

static const char *id_of(struct arena *a, uint64_t *seed)
{
    return arena_printf(a, "%010llx", (unsigned long long)(dice(seed) & 0xffffffffffu));
}

static const char *maybe(struct arena *a, uint64_t *seed)
{
    return throw_dice(seed, 3) ? id_of(a, seed) : NULL;
}

static struct record any(struct arena *a, uint64_t *seed)
{
    struct record r = {.version = 1, .serial = throw_dice(seed, 100000), .set = throw_dice(seed, 100000),
                       .epoch = throw_dice(seed, 900), .by = maybe(a, seed), .live = maybe(a, seed),
                       .candidate = maybe(a, seed), .incarnation = throw_dice(seed, 9), .previous = maybe(a, seed),
                       .step = throw_dice(seed, 5) - 1, .weight_live = throw_dice(seed, 256),
                       .weight_candidate = throw_dice(seed, 256), .since = throw_dice(seed, 1) + 1763287200000,
                       .doomed_at = throw_dice(seed, 2) * 1763287200000};
    r.rollout = throw_dice(seed, 2) ? "hotFix_2" : NULL;
    r.names = throw_dice(seed, 2) ? "019e34e0db" : NULL;
    for (int64_t n = throw_dice(seed, 5); n > 0; n--)
        record_abort(a, &r, id_of(a, seed));
    for (int64_t n = throw_dice(seed, 5); n > 0; n--)
        record_doom(a, &r, id_of(a, seed));
    return r;
}

static void what_is_printed_is_read(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 500; i++) {
        struct arena *a = arena_new("test");
        struct record r = any(a, &seed), back, copy = record_copy(a, &r);
        const char *why = NULL, *text = record_print(a, &r);
        if (!record_parse(a, text, &back, &why))
            fail_msg("%s: %s", text, why);
        assert_null(why);
        assert_string_equal(record_print(a, &back), text);
        assert_string_equal(record_print(a, &copy), text);
        arena_free(a);
    }
}

/* Every text that is one character off is refused with a reason, or is another
 * record that prints as it was written. */
static void damaged_texts_are_refused(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200; i++) {
        struct arena *a = arena_new("test");
        struct record r = any(a, &seed), back;
        char *text = arena_strdup(a, record_print(a, &r));
        size_t n = strlen(text), at = (size_t)throw_dice(&seed, (int64_t)n);
        if (i % 2)
            text[at] = "x =,-/9\x01Z"[throw_dice(&seed, 9)];
        else
            text[at] = '\0';
        const char *why = NULL;
        if (record_parse(a, text, &back, &why))
            assert_true(strlen(record_print(a, &back)) <= n + 2);
        else
            assert_true(why && *why);
        arena_free(a);
    }
}

static void refused(const char *text, const char *because)
{
    struct arena *a = arena_new("test");
    struct record r;
    const char *why = NULL;
    if (record_parse(a, text, &r, &why))
        fail_msg("accepted: %s", text);
    if (!strstr(why, because))
        fail_msg("%s: refused because \"%s\", not \"%s\"", text, why, because);
    arena_free(a);
}

#define HEAD "bgc1 serial=3 set=3 epoch=1 by=n1 live=aa candidate=- incarnation=0 spec=- previous=- "
#define TAIL "since=0 doomed_at=0 rollout=- aborted=- doomed=-"

static void each_reason(void **state)
{
    (void)state;
    refused("", "does not begin with bgc");
    refused("v=spf1 -all", "does not begin with bgc");
    refused("bgc1", "does not begin with bgc");
    refused("bgc2 serial=1", "newer");
    refused("bgc0 serial=1", "format");
    refused("bgc1 epoch=1", "expected serial=");
    refused("bgc1 serial=x set=0", "serial is not a number");
    refused("bgc1 serial=-1 set=0", "serial is not a number");
    refused("bgc1 serial=99999999999999999999 set=0", "serial is not a number");
    refused("bgc1 serial=3 set=3 epoch=1 by=n1 live=AA candidate=-", "live is not a world id");
    refused("bgc1 serial=3 set=3 epoch=1 by=n1 live= candidate=-", "live is not a world id");
    refused(HEAD "step=-2 weights=1/0 " TAIL, "step is not a number");
    refused(HEAD "step=0 weights=256/0 " TAIL, "weights are not");
    refused(HEAD "step=0 weights=1 " TAIL, "weights are not");
    refused(HEAD "step=0 weights=-1/1 " TAIL, "weights are not");
    refused(HEAD "step=0 weights=1/0 " TAIL " more", "unexpected text");
    refused(HEAD "step=0 weights=1/0 since=0 doomed_at=0 rollout=- aborted=a,,b doomed=-", "aborted holds no world id");
    refused(HEAD "step=0 weights=1/0 since=0 doomed_at=0 rollout=a-b aborted=- doomed=-", "rollout is not a name");
    refused(HEAD "step=0 weights=1/0 since=0 doomed_at=0 rollout=- aborted=-", "expected doomed=");
    struct arena *a = arena_new("test");
    struct record r;
    const char *why = NULL;
    assert_true(record_parse(a, HEAD "step=0 weights=1/0 " TAIL, &r, &why));
    char *longest = arena_alloc(a, 5000);
    memset(longest, 'a', 4500);
    assert_false(record_parse(a, longest, &r, &why));
    assert_string_equal(why, "the text is longer than any record");
    arena_free(a);
}

/* However much went wrong before, the text fits into a TXT record. */
static void lists_are_bounded(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    uint64_t seed = 1;
    struct record r = {.version = 1, .step = -1}, back;
    const char *first = NULL, *last = NULL, *why;
    for (int i = 0; i < 500; i++) {
        last = id_of(a, &seed);
        if (!first)
            first = last;
        record_doom(a, &r, last);
        record_doom(a, &r, last);
        record_abort(a, &r, last);
        record_abort(a, &r, last);
    }
    record_doom(a, &r, NULL);
    record_abort(a, &r, NULL);
    assert_int_equal(r.doomed.n, RECORD_DOOMED_MAX);
    assert_int_equal(r.aborted.n, RECORD_ABORTED_MAX);
    assert_true(record_doomed(&r, last) && record_aborted(&r, last));
    assert_false(record_doomed(&r, first) || record_aborted(&r, first));
    assert_true(record_parse(a, record_print(a, &r), &back, &why));
    assert_true(strlen(record_print(a, &r)) < 2000);
    record_forgive(&r, last);
    assert_false(record_aborted(&r, last));
    assert_true(record_doomed(&r, last)); /* doom is for ever */
    record_forgive(&r, NULL);
    assert_int_equal(r.aborted.n, RECORD_ABORTED_MAX - 1);
    assert_false(record_aborted(&r, NULL) || record_doomed(&r, NULL));
    arena_free(a);
}

static void shares(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct traffic_state t = {.world = "web"};
    assert_true(traffic_share_of(NULL, "a") == 0 && traffic_share_of(&t, "a") == 0);
    vec_push(a, &t.shares, (struct traffic_share){.world = "a", .weight = 199});
    vec_push(a, &t.shares, (struct traffic_share){.world = "b", .weight = 1});
    assert_true(traffic_share_of(&t, "b") == 0.5);
    assert_true(traffic_share_of(&t, "c") == 0 && traffic_share_of(&t, NULL) == 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_printed_is_read), cmocka_unit_test(damaged_texts_are_refused),
        cmocka_unit_test(each_reason),             cmocka_unit_test(lists_are_bounded),
        cmocka_unit_test(shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
