/* Where inputs come from, who wins, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "lang/inputs.h"

static const char program_text[] =
    "stack shop { region = \"eu-west-1\" }\n"
    "input env: \"dev\" | \"stage\" | \"prod\" = \"prod\"\n"
    "input size: string = \"t3.small\"\n"
    "input fleet: 1..50 = 3\n"
    "input wait: duration? = none\n"
    "input zones: [string] = []\n"
    "input token: secret string? = none\n"
    "input on: bool = false\n";

struct bench {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
};

static void bench_init(struct bench *b)
{
    b->a = arena_new("test");
    sources_init(&b->sources, b->a);
    diags_init(&b->ds, b->a, &b->sources);
    intern_init(&b->names, b->a);
    const char *src = getenv("SRCDIR");
    b->p = program_load(b->a, &b->names, &b->ds,
                        arena_printf(b->a, "%s/examples/shop/inputs.bg", src ? src : "."),
                        program_text);
    assert_int_equal(b->ds.errors, 0);
}

static const char *environment(void *self, const char *name)
{
    return map_find(self, name);
}

static void flags(void **state)
{
    (void)state;
    static const struct {
        const char *flag, *name, *want; /* want: the value, or the code of the error */
    } rows[] = {
        {"fleet=7", "fleet", "7"}, {"size=t3.large", "size", "\"t3.large\""}, {"env=dev", "env", "\"dev\""},
        {"wait=5m", "wait", "5m"}, {"wait=none", "wait", "none"}, {"token=x=y", "token", "BG1505"},
        {"zones=[\"a\", \"b\"]", "zones", "[\"a\", \"b\"]"}, {"on=true", "on", "true"},
        {"size=", "size", "\"\""}, {"size=1 + 1", "size", "\"1 + 1\""},
        {"fleet=51", "fleet", "BG1011"}, {"fleet=many", "fleet", "BG1530"}, {"env=test", "env", "BG1011"},
        {"fleett=3", "fleet", "BG1502"}, {"fleet", "fleet", "BG1503"}, {"=3", "fleet", "BG1503"},
        {"wait=20", "wait", "BG1010"}, {"on=1", "on", "BG1010"}, {"zones=[", "zones", "BG0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        bench_init(&b);
        struct map *m = inputs_read(b.p, b.a, &(struct inputs_args){.flags = &rows[i].flag, .nflags = 1});
        const char *got = m ? value_text(b.a, map_find(m, rows[i].name)) : b.ds.all.at[0]->code;
        if (strncmp(got, rows[i].want, strlen(rows[i].want)))
            fail_msg("-i %s gives %s, not %s", rows[i].flag, got, rows[i].want);
        if (!m)
            assert_true(b.ds.errors > 0);
        arena_free(b.a);
    }
}

static void the_stronger_wins(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b);
    struct map env;
    map_init(&env, b.a);
    map_put(&env, "BGC_INPUT_size", (void *)"t3.nano");
    map_put(&env, "BGC_INPUT_fleet", (void *)"5");
    map_put(&env, "BGC_INPUT_nothing", (void *)"5"); /* no such input: no business of ours */
    const char *const given[] = {"fleet=8", "fleet=9"};
    struct inputs_args args = {given, 2, "stage", environment, &env};
    struct map *m = inputs_read(b.p, b.a, &args);
    assert_non_null(m);
    assert_string_equal(value_text(b.a, map_find(m, "fleet")), "9");           /* flag */
    assert_string_equal(value_text(b.a, map_find(m, "size")), "\"t3.nano\"");  /* environment */
    assert_string_equal(value_text(b.a, map_find(m, "env")), "\"stage\"");     /* env/stage.bg */
    assert_null(map_find(m, "zones"));                                         /* its default */
    assert_string_equal(m->entries[0].key, "env"); /* in the order of the program */
    arena_free(b.a);
}

static void files(void **state)
{
    (void)state;
    static const struct {
        const char *env, *code;
    } rows[] = {{"../stage", "BG1504"}, {"", "BG1504"}, {"nowhere", "BG0101"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;
        bench_init(&b);
        assert_null(inputs_read(b.p, b.a, &(struct inputs_args){.env = rows[i].env}));
        assert_string_equal(b.ds.all.at[0]->code, rows[i].code);
        arena_free(b.a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags),
        cmocka_unit_test(the_stronger_wins),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
