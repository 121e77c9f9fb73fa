#include "test.h"

#include <math.h>
#include <string.h>

#include "base/value.h"

static int setup(void **state)
{
    *state = arena_new("test");
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static const char *dec_text(struct arena *a, struct dec d)
{
    struct buf b;
    buf_init(&b, a);
    dec_print(&b, d);
    return buf_text(&b);
}

static struct dec dec(const char *text)
{
    struct dec d = {0, 0};
    assert_true(dec_parse(text, &d));
    return d;
}

static void decimals_parse_exactly(void **state)
{
    static const char *const good[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"0.50", "0.5"},
        {"-12.5", "-12.5"},
        {"007", "7"},
        {"100", "100"},
        {"9223372036854775807", "9223372036854775807"},
        {"0.000000000000000001", "0.000000000000000001"},
        {"1.000000000000000000000000000000000000000000000", "1"},
        {"-9.223372036854775807", "-9.223372036854775807"},
    };
    static const char *const bad[] = {"",
                                      "-",
                                      ".",
                                      ".5",
                                      "5.",
                                      "+1",
                                      "1e3",
                                      "1.2.3",
                                      "1 ",
                                      " 1",
                                      "0x1",
                                      "9223372036854775808",
                                      "0.0000000000000000001",
                                      "99999999999999999999999999999999999999999999",
                                      "nan"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(dec_text(*state, dec(good[i][0])), good[i][1]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dec_parse(bad[i], &(struct dec){0}));
}

static void decimals_from_machines(void **state)
{
    static const char *const good[][2] = {
        {"1.25E2", "125"},
        {"5e-3", "0.005"},
        {"1e-400", "0"},
        {"0e999", "0"},
        {"0.1", "0.1"},
        {"1234567890.12345678901234567890", "1234567890.123456789"},
        {"0.00000000000000000000000000000000000000000000000000000000000001", "0"},
        {"-2E+3", "-2000"},
        {"0.0000000000000000005", "0"},
        {"0.0000000000000000015", "0.000000000000000002"},
    };
    static const char *const bad[] = {"", "e5", "1e", "1e+", "1e400", "1e19", "Infinity", "NaN"};
    struct dec d;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(dec_parse_float(good[i][0], &d));
        assert_string_equal(dec_text(*state, d), good[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(dec_parse_float(bad[i], &d));
    assert_string_equal(dec_text(*state, dec_from_double(0.1)), "0.1");
    assert_string_equal(dec_text(*state, dec_from_double(1.0 / 3)), "0.333333333333");
    assert_string_equal(dec_text(*state, dec_from_double(-1e300)), "-9223372036854775808");
    assert_string_equal(dec_text(*state, dec_from_double((double)INFINITY)), "9223372036854775807");
    assert_string_equal(dec_text(*state, dec_from_double((double)NAN)), "0");
    assert_true(dec_double(dec("0.25")) == 0.25);
}

static void decimals_reckon(void **state)
{
    struct arena *a = *state;
    struct dec d;
    const char *big = "9223372036854775807";
    assert_true(dec_add(dec("0.1"), dec("0.2"), &d));
    assert_string_equal(dec_text(a, d), "0.3");
    assert_true(dec_sub(dec("1"), dec("1.000000000000000001"), &d));
    assert_string_equal(dec_text(a, d), "-0.000000000000000001");
    assert_true(dec_mul(dec("1.2"), dec("2.5"), &d));
    assert_string_equal(dec_text(a, d), "3");
    assert_true(dec_div(dec("1"), dec("3"), &d));
    assert_string_equal(dec_text(a, d), "0.333333333333");
    assert_true(dec_div(dec("2"), dec("-3"), &d));
    assert_string_equal(dec_text(a, d), "-0.666666666667");
    assert_true(dec_div(dec("1"), dec("2000000000000"), &d)); /* a half: to even */
    assert_string_equal(dec_text(a, d), "0");
    assert_true(dec_div(dec("3"), dec("2000000000000"), &d));
    assert_string_equal(dec_text(a, d), "0.000000000002");
    assert_true(dec_div(dec("0.000000000000000004"), dec("0.000000000000000002"), &d));
    assert_string_equal(dec_text(a, d), "2");
    assert_false(dec_div(dec("1"), dec("0"), &d));
    assert_false(dec_add(dec(big), dec("1"), &d));
    assert_false(dec_mul(dec(big), dec("2"), &d));
    assert_false(dec_div(dec(big), dec("0.1"), &d));
    /* what does not fit behind the point is rounded, once */
    assert_true(dec_mul(dec("0.123456789012345678"), dec("0.123456789012345678"), &d));
    assert_string_equal(dec_text(a, d), "0.015241578753238837");
    assert_true(dec_add(dec(big), dec("0.4"), &d));
    assert_string_equal(dec_text(a, d), big);
    assert_int_equal(dec_cmp(dec("1.5"), dec("1.50")), 0);
    assert_int_equal(dec_cmp(dec("-2"), dec("1.999999999999999999")), -1);
    assert_int_equal(dec_cmp(dec(big), dec("-9.1")), 1);
}

/* ---- values ------------------------------------------------------------ */

static struct value *json(struct arena *a, const char *text)
{
    const char *error;
    struct value *v = value_from_json(a, text, strlen(text), &error);
    if (!v)
        fail_msg("%s: %s", text, error);
    return v;
}

static const char *json_text(struct arena *a, const struct value *v, int indent)
{
    struct buf b;
    buf_init(&b, a);
    value_json(&b, v, indent);
    return buf_text(&b);
}

static void json_round_trips(void **state)
{
    static const char *const same[] = {
        "null",
        "true",
        "-5",
        "9223372036854775807",
        "0.1",
        "2.5",
        "\"\"",
        "\"a\\n\\\"b\\\\\"",
        "[]",
        "{}",
        "[1,[2,[3]],{\"a\":{}}]",
        "{\"z\":1,\"a\":[null,false]}",
        "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"",
        "1700000000.123",
        "123456789012.345",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(json_text(*state, json(*state, same[i]), 0), same[i]);
    assert_string_equal(json_text(*state, json(*state, "{\"a\":[1,{}],\"b\":[]}"), 2),
                        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
    assert_int_equal(json(*state, "1")->kind, V_INT);
    assert_int_equal(json(*state, "1.0")->kind, V_NUMBER);
}

static void json_errors(void **state)
{
    static const char *const bad[] = {"",         "{",
                                      "[1,]",     "nul",
                                      "1 2",      "\"\\u0000\"",
                                      "\"\xff\"", "{\"a\":1,\"a\":2}",
                                      "1e300",    "99999999999999999999",
                                      "'x'"};
    const char *error;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(value_from_json(*state, bad[i], strlen(bad[i]), &error));
        assert_non_null(error);
    }
    for (int depth = 64; depth <= 65; depth++) {
        struct buf b;
        buf_init(&b, *state);
        buf_fill(&b, '[', (size_t)depth);
        buf_fill(&b, ']', (size_t)depth);
        bool ok = value_from_json(*state, b.at, b.len, &error) != NULL;
        assert_int_equal(ok, depth == 64);
    }
    assert_string_equal(error, "nested deeper than 64 levels");
    struct buf deep;
    buf_init(&deep, *state);
    buf_fill(&deep, '[', 100000);
    assert_null(value_from_json(*state, deep.at, deep.len, &error));
}

static void json_is_canonical(void **state)
{
    struct buf a, b;
    buf_init(&a, *state);
    buf_init(&b, *state);
    value_json_canonical(&a, json(*state, "{\"b\":{\"y\":1,\"x\":2},\"a\":[3]}"));
    value_json_canonical(&b, json(*state, "{\"a\":[3],\"b\":{\"x\":2,\"y\":1}}"));
    assert_string_equal(buf_text(&a), "{\"a\":[3],\"b\":{\"x\":2,\"y\":1}}");
    assert_string_equal(buf_text(&a), buf_text(&b));
}

static void prints_as_written(void **state)
{
    struct arena *a = *state;
    assert_string_equal(value_text(a, value_duration(a, 90000)), "90s");
    assert_string_equal(value_text(a, value_duration(a, 250)), "250ms");
    assert_string_equal(value_text(a, value_duration(a, 0)), "0s");
    assert_string_equal(value_text(a, value_duration(a, 7 * 86400000)), "7d");
    assert_string_equal(value_text(a, value_size(a, (int64_t)20 << 30)), "20GiB");
    assert_string_equal(value_text(a, value_size(a, 1000)), "1000B");
    assert_string_equal(value_text(a, value_percent(a, dec("0.5"))), "0.5%");
    assert_string_equal(value_text(a, value_rate(a, dec("200"), 1000)), "200/s");
    assert_string_equal(value_text(a, value_rate(a, dec("0.1"), 60000)), "0.1/m");
    assert_string_equal(value_text(a, value_range(a, value_int(a, 1), value_int(a, 50))), "1..50");
    assert_string_equal(value_text(a, value_regex(a, "^ami-")), "r\"^ami-\"");
    assert_string_equal(value_text(a, value_string(a, "a\"${x}\n\x1b")),
                        "\"a\\\"$${x}\\n\\u{1b}\"");
    assert_string_equal(value_text(a, value_ref(a, "web.tg", NULL, "arn")), "web.tg.arn");
    struct value *m = value_map(a);
    value_put(m, "size", value_none(a));
    assert_string_equal(value_text(a, m), "{ size = none }");
    value_put(m, "for", value_bool(a, true)); /* a keyword is no field name */
    assert_string_equal(value_text(a, m), "{ \"size\" => none, \"for\" => true }");
    assert_string_equal(json_text(a, value_duration(a, 30000), 0), "\"30s\"");
    assert_string_equal(json_text(a, value_ref(a, "web.tg", "t", NULL), 0), "\"web.tg\"");
}

static void secrets_stay_secret(void **state)
{
    struct arena *a = *state;
    struct value *m = value_map(a), *s = value_string(a, "hunter2");
    s->secret = true;
    value_put(m, "password", s);
    assert_true(value_secret(m));
    assert_false(m->secret);
    assert_string_equal(value_text(a, m), "{ password = (secret) }");
    assert_string_equal(json_text(a, m, 0), "{\"password\":\"(secret)\"}");
}

static void compares(void **state)
{
    struct arena *a = *state;
    assert_true(value_equal(json(a, "{\"a\":1,\"b\":[2]}"), json(a, "{\"b\":[2],\"a\":1}")));
    assert_true(value_cmp(json(a, "{\"a\":1}"), json(a, "{\"a\":1,\"b\":2}")) < 0);
    assert_true(value_cmp(json(a, "[1,2]"), json(a, "[1,3]")) < 0);
    assert_true(value_cmp(json(a, "[1,2]"), json(a, "[1]")) > 0);
    assert_true(value_cmp(json(a, "5"), json(a, "\"5\"")) < 0);
    assert_true(value_equal(value_rate(a, dec("60"), 60000), value_rate(a, dec("1"), 1000)));
    assert_true(value_cmp(value_rate(a, dec("61"), 60000), value_rate(a, dec("1"), 1000)) > 0);
    assert_false(value_equal(value_duration(a, 5), value_int(a, 5)));
    assert_true(value_equal(value_ref(a, "a.b", "t", NULL), value_ref(a, "a.b", "u", NULL)));
    assert_false(value_equal(value_ref(a, "a.b", NULL, "x"), value_ref(a, "a.b", "t", NULL)));
    assert_false(value_equal(value_none(a), NULL));
}

static void sets_are_sorted(void **state)
{
    struct arena *a = *state;
    struct value *in[] = {value_int(a, 3), value_int(a, 1), value_int(a, 3), value_int(a, 2)};
    struct value *s = value_set(a, in, 4);
    assert_string_equal(value_text(a, s), "[1, 2, 3]");
    assert_ptr_equal(s->list.at[2], in[0]); /* of equals the first */
    assert_int_equal(value_set(a, NULL, 0)->list.n, 0);
}

static void walks(void **state)
{
    struct value *v = json(*state, "{\"A\":{\"B\":[{\"C\":7}],\"s\":\"x\",\"t\":true,\"n\":2.0}}");
    assert_int_equal(value_at(v, "A.B[0].C")->i, 7);
    assert_ptr_equal(value_at(v, ""), v);
    assert_null(value_at(v, "A.B[1].C"));
    assert_null(value_at(v, "A.B[99999999999999999999999]"));
    assert_null(value_at(v, "A.B[0"));
    assert_null(value_at(v, "A.s.x"));
    assert_null(value_at(v, "A.s[0]"));
    assert_null(value_at(NULL, "A"));
    const struct value *r = value_get(v, "A");
    assert_string_equal(value_get_string(r, "s"), "x");
    assert_null(value_get_string(r, "B"));
    assert_true(value_get_bool(r, "t"));
    assert_int_equal(value_get_int(r, "n", 0), 2);
    assert_int_equal(value_get_int(r, "none", -1), -1);
    assert_null(value_get(NULL, "x"));
}

static void leaves_decide(void **state)
{
    struct arena *a = *state;
    struct value *m = json(a, "{\"a\":[1,2]}");
    assert_int_equal(value_phase(m), PHASE_CONST);
    assert_true(value_known(m));
    value_at(m, "a[1]")->phase = PHASE_APPLY;
    assert_int_equal(value_phase(m), PHASE_APPLY);
    value_put(m, "r", value_ref(a, "web.tg", "t", NULL));
    assert_true(value_known(m));
    value_put(m, "f", value_range(a, value_int(a, 1), value_ref(a, "web.tg", NULL, "arn")));
    assert_false(value_known(m));
    assert_false(value_known(value_poison(a)));
    struct value *copy = value_copy(a, m);
    copy->secret = true;
    assert_false(m->secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decimals_parse_exactly, setup, teardown),
        cmocka_unit_test_setup_teardown(decimals_from_machines, setup, teardown),
        cmocka_unit_test_setup_teardown(decimals_reckon, setup, teardown),
        cmocka_unit_test_setup_teardown(json_round_trips, setup, teardown),
        cmocka_unit_test_setup_teardown(json_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(json_is_canonical, setup, teardown),
        cmocka_unit_test_setup_teardown(prints_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(secrets_stay_secret, setup, teardown),
        cmocka_unit_test_setup_teardown(compares, setup, teardown),
        cmocka_unit_test_setup_teardown(sets_are_sorted, setup, teardown),
        cmocka_unit_test_setup_teardown(walks, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_decide, setup, teardown),
    };
    return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
