/* What is secret is hidden in every spelling. */
#include <string.h>

#include "base/redact.h"
#include "base/value.h"
#include "test.h"

static const char *hidden(struct arena *a, const char *secret, const char *text)
{
    struct redact r;
    redact_init(&r, a);
    redact_add(&r, secret);
    return redact_text(&r, a, text);
}

static void spellings(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    const char *secret = "p\"w & 1/2";
    static const char *const cases[][2] = {
        {"it is p\"w & 1/2, twice: p\"w & 1/2", "it is (secret), twice: (secret)"},
        {"{\"a\": \"p\\\"w & 1/2\"}", "{\"a\": \"(secret)\"}"},
        {"<a>p&quot;w &amp; 1/2</a>", "<a>(secret)</a>"},
        {"?a=p%22w%20%26%201%2F2&b", "?a=(secret)&b"},
        {"p\"w & 1", "p\"w & 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(hidden(a, secret, cases[i][0]), cases[i][1]);
    /* base64 of "password=hunter2!;", of the same one and two bytes further on */
    assert_null(strstr(hidden(a, "hunter2!", "cGFzc3dvcmQ9aHVudGVyMiE7"), "aHVudGVyMiE"));
    assert_null(strstr(hidden(a, "hunter2!", "eHBhc3N3b3JkPWh1bnRlcjIhOw=="), "h1bnRlcjIh"));
    assert_null(strstr(hidden(a, "hunter2!", "eHhwYXNzd29yZD1odW50ZXIyITs="), "odW50ZXIyI"));
    arena_free(a);
}

static void only_what_is_secret(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct redact r;
    redact_init(&r, a);
    struct value *open = value_string(a, "open text"), *shut = value_string(a, "shut text");
    shut->secret = true;
    struct value *m = value_map(a), *list[] = {open, shut};
    value_put(m, "list", value_list(a, list, 2));
    redact_value(&r, m);
    redact_add(&r, "no"); /* too short to be one */
    redact_add(&r, "shut text again");
    assert_string_equal(redact_text(&r, a, "open text, shut text, shut text again, no"),
                        "open text, (secret), (secret), no");
    const char *same = "nothing of it";
    assert_ptr_equal(redact_text(&r, a, same), same);
    assert_null(redact_text(&r, a, NULL));
    assert_ptr_equal(redact_text(NULL, a, same), same);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),
        cmocka_unit_test(only_what_is_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
