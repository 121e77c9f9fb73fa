/* Whole programs: each tests/eval/NAME.bg gives the graph, or the errors, in
 * NAME.out; NAME.facts holds what is known already. The checker is not asked, so
 * that evaluation shows that it stands on its own feet. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

#include "base/render.h"
#include "lang/eval.h"
#include "lang/program.h"

static const char *folder(struct arena *a)
{
    const char *s = getenv("SRCDIR");
    return arena_printf(a, "%s/tests/eval", s ? s : ".");
}

static void read_facts(struct arena *a, const char *path, struct facts *facts)
{
    const char *text, *error;
    size_t len;
    facts_init(facts, a);
    if (!file_read(a, path, &text, &len, &error))
        return;
    struct value *v = value_from_json(a, text, len, &error);
    if (!v || v->kind != V_MAP)
        fail_msg("%s: %s", path, error);
    for (size_t i = 0; i < v->map->n; i++)
        facts_put(facts, v->map->entries[i].key, v->map->entries[i].value);
}

static void evaluate(struct arena *a, const char *name, struct buf *out)
{
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct facts facts;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    const char *text, *error;
    size_t len;
    if (!file_read(a, arena_printf(a, "%s/%s.bg", folder(a), name), &text, &len, &error))
        fail_msg("%s", error);
    read_facts(a, arena_printf(a, "%s/%s.facts", folder(a), name), &facts);
    struct program *p = program_load(a, &names, &ds,
                                     arena_printf(a, "%s/%s.bg", folder(a), name), text);
    struct eval_args args = {.facts = &facts, .pins = program_pins(p)};
    struct graph *g = ds.errors ? NULL : eval_program(p, a, &args);
    if (g)
        graph_json(out, g);
    struct buf told;
    buf_init(&told, a);
    render_text(&told, &ds, false);
    /* paths as seen from the folder, wherever that is */
    const char *s = buf_text(&told), *prefix = arena_printf(a, "%s/", folder(a)), *at;
    for (; (at = strstr(s, prefix)); s = at + strlen(prefix))
        buf_put(out, s, (size_t)(at - s));
    buf_puts(out, s);
}

static void compare(struct arena *a, const char *name, const char *text)
{
    const char *path = arena_printf(a, "%s/%s.out", folder(a), name), *want, *error;
    size_t len;
    if (getenv("BLESS")) {
        if (!file_write_atomic(a, path, text, strlen(text), 0, &error))
            fail_msg("%s: %s", path, error);
        return;
    }
    if (!file_read(a, path, &want, &len, &error))
        fail_msg("%s: %s (BLESS=1 writes it)", path, error);
    if (strcmp(text, want))
        fail_msg("%s differs:\n%s", path, text);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void programs(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    VEC(const char *) names = {0};
    DIR *d = opendir(folder(a));
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (n > 3 && !strcmp(e->d_name + n - 3, ".bg"))
            vec_push(a, &names, arena_strndup(a, e->d_name, n - 3));
    }
    closedir(d);
    assert_true(names.n > 5);
    qsort(names.at, names.n, sizeof *names.at, by_name);
    for (size_t i = 0; i < names.n; i++) {
        struct buf out, again;
        buf_init(&out, a);
        buf_init(&again, a);
        evaluate(a, names.at[i], &out);
        evaluate(a, names.at[i], &again);
        assert_string_equal(buf_text(&out), buf_text(&again));
        compare(a, names.at[i], buf_text(&out));
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
