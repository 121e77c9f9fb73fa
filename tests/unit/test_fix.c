#include <string.h>

#include "test.h"

#include "base/fix.h"
#include "base/render.h"

struct scene {
    struct arena *a;
    struct sources sources;
    struct diags ds;
};

static int setup(void **state)
{
    struct arena *a = arena_new("test");
    struct scene *s = arena_make(a, struct scene);
    s->a = a;
    sources_init(&s->sources, a);
    diags_init(&s->ds, a, &s->sources);
    sources_add(&s->sources, "a.bg", "one two three\n", 14);
    sources_add(&s->sources, "b.bg", "other\n", 6);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    arena_free(s->a);
    return 0;
}

static struct diag *report(struct scene *s)
{
    return diag_error(&s->ds, "BG0001", (struct span){1, 0, 1}, "wrong");
}

/* One error with one fix of one edit. */
static void one(struct scene *s, bool certain, uint32_t from, uint32_t to, const char *text)
{
    struct diag_fix *f = diag_fix(&s->ds, report(s), certain, "fix");
    diag_edit(&s->ds, f, (struct span){1, from, to}, "%s", text);
}

static const char *applied(struct scene *s, uint32_t file)
{
    struct fixed out;
    return fix_apply(s->a, &s->ds, file, &out) ? out.text : "nothing";
}

static void in_any_order(void **state)
{
    struct scene *s = *state;
    one(s, true, 8, 13, "3");
    one(s, true, 0, 3, "1");
    one(s, true, 14, 14, "end");
    assert_string_equal(applied(s, 1), "1 two 3\nend");
    assert_string_equal(applied(s, 2), "nothing");
}

static void only_certain_ones(void **state)
{
    struct scene *s = *state;
    one(s, false, 0, 3, "1");
    assert_string_equal(applied(s, 1), "nothing");
    struct diag *d = report(s); /* two sure ways are none */
    diag_edit(&s->ds, diag_fix(&s->ds, d, true, "a"), (struct span){1, 0, 3}, "a");
    diag_edit(&s->ds, diag_fix(&s->ds, d, true, "b"), (struct span){1, 0, 3}, "b");
    assert_null(fix_certain(d));
    assert_string_equal(applied(s, 1), "nothing");
}

static void all_edits_or_none(void **state)
{
    struct scene *s = *state;
    one(s, true, 4, 7, "2");
    struct diag_fix *f = diag_fix(&s->ds, report(s), true, "swap");
    diag_edit(&s->ds, f, (struct span){1, 5, 6}, "x"); /* taken by the first */
    diag_edit(&s->ds, f, (struct span){1, 8, 13}, "y");
    f = diag_fix(&s->ds, report(s), true, "elsewhere too");
    diag_edit(&s->ds, f, (struct span){1, 8, 13}, "z");
    diag_edit(&s->ds, f, (struct span){2, 0, 5}, "z");
    f = diag_fix(&s->ds, report(s), true, "outside of the text");
    diag_edit(&s->ds, f, (struct span){1, 8, 99}, "z");
    assert_string_equal(applied(s, 1), "one 2 three\n");
}

static void two_insertions_at_one_place(void **state)
{
    struct scene *s = *state;
    one(s, true, 4, 4, "a");
    one(s, true, 4, 4, "b");
    assert_string_equal(applied(s, 1), "one atwo three\n");
}

static void without_a_diagnostic(void **state)
{
    struct scene *s = *state;
    struct diag_fix *f = diag_fix(&s->ds, NULL, true, "fix");
    assert_null(f);
    diag_edit(&s->ds, f, (struct span){1, 0, 1}, "x");
    assert_string_equal(applied(s, 1), "nothing");
}

static void did_you_mean(void **state)
{
    struct scene *s = *state;
    static const char *const names[] = {"tow", "thre", "once"};
    static const char *const close[] = {"threes", "thre"};
    struct diag *d = report(s);
    assert_true(diag_did_you_mean(&s->ds, d, (struct span){1, 8, 13}, "three", names, 3));
    assert_true(fix_certain(d) && !strcmp(fix_certain(d)->title, "change to `thre`"));
    d = report(s);
    assert_true(diag_did_you_mean(&s->ds, d, (struct span){1, 8, 13}, "three", close, 2));
    assert_int_equal(d->fixes.n, 1); /* either could be meant */
    assert_null(fix_certain(d));
    d = report(s); /* the word does not stand there */
    assert_true(diag_did_you_mean(&s->ds, d, (struct span){1, 0, 3}, "three", names, 3));
    assert_int_equal(d->fixes.n, 0);
    d = report(s);
    assert_false(diag_did_you_mean(&s->ds, d, (struct span){1, 0, 3}, "quite", names, 3));
    assert_int_equal(d->help.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(only_certain_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(all_edits_or_none, setup, teardown),
        cmocka_unit_test_setup_teardown(two_insertions_at_one_place, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_diagnostic, setup, teardown),
        cmocka_unit_test_setup_teardown(did_you_mean, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
