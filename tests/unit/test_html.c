#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/html.h"

static void markup_is_text(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct buf b;
    buf_init(&b, a);
    html_element(&b, "p", "x", "<script>&amp; \"it's\"");
    assert_string_equal(buf_text(&b), "<p class=\"x\">&lt;script&gt;&amp;amp; "
                                      "&quot;it&#39;s&quot;</p>\n");
    arena_free(a);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct buf b;
    buf_init(&b, a);
    html_put(&b, NULL);
    html_element(&b, "p", NULL, NULL);
    html_put_n(&b, "<>", 1);
    assert_string_equal(buf_text(&b), "&lt;");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_text),
        cmocka_unit_test(nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
