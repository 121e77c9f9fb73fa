#include <ctype.h>
#include <string.h>

#include "base/embed.h"
#include "lang/check_state.h"
#include "lang/mock.h"

/* Tests: what is given, what the account would say, and what is expected. */

static void check_mock(struct checker *c, const struct decl *test, const struct test_item *i)
{
    struct at at = {.c = c, .scope = c->p->root};
    struct mock m;
    if (!mock_find(c->p, c->a, i->target, &m)) {
        struct diag *d = diag_error(c->ds, "BG4033", i->target->span,
                                    "this is no `existing` that can be mocked");
        diag_help(c->ds, d, "name one by its path, for example `mock net.vpc = { id = \"vpc-1\" }`: "
                            "what is looked up in the account, and nothing else, is mocked");
        check_at(&at, i->value, NULL, NULL);
        return;
    }
    for (const struct test_item *o = test->test; o != i; o = o->next) {
        struct mock first;
        if (o->kind != TEST_MOCK || !mock_find(c->p, c->a, o->target, &first) ||
            strcmp(first.address, m.address) != 0)
            continue;
        struct diag *d = diag_error(c->ds, "BG4033", i->target->span, "`%s` is mocked twice",
                                    m.address);
        diag_label(c->ds, d, o->target->span, "first here");
        return;
    }
    struct typed v = check_at(&at, i->value, mock_type(c->p, &m),
                              arena_printf(c->a, "the answer for `%s`", m.address));
    if (!is_poison(v) && v.phase != PHASE_CONST)
        diag_error(c->ds, "BG2003", i->value->span, "what is mocked must be known beforehand");
}

/* Codes are those that have a page; warnings that can be expected are findings of lint. */
static void check_code(struct checker *c, const struct test_item *i)
{
    const char *code = i->code.text;
    bool lint = i->kind == TEST_WARNING, page = code && embed_find(arena_printf(c->a, "docs/errors/%s.md", code));
    if (!code || (page && (!lint || !strncmp(code, "BG7", 3))))
        return;
    struct diag *d = diag_error(c->ds, "BG4032", i->code.span, "there is no %s `%s`", lint ? "finding of lint" : "error",
                                code);
    diag_help(c->ds, d, "a code is written as it is printed, for example BG1550; `bgc explain "
                        "CODE` tells what it means");
}

static void check_twice(struct checker *c, const struct decl *d, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const struct decl *o = c->p->tests.at[k];
        if (!o->path2 || !d->path2 || strcmp(o->path2, d->path2) != 0)
            continue;
        struct diag *e = diag_error(c->ds, "BG1002", d->path2_span, "a test `%s` is there already",
                                    d->path2);
        diag_label(c->ds, e, o->path2_span, "first here");
        return;
    }
}

static void check_test(struct checker *c, const struct decl *d)
{
    struct at at = {.c = c, .scope = c->p->root, .site = SITE_TEST};
    const struct test_item *given = NULL, *value = NULL, *error = NULL;
    for (const struct test_item *i = d->test; i; i = i->next)
        if (i->kind == TEST_ERROR)
            error = error ? error : i;
    for (const struct test_item *i = d->test; i; i = i->next)
        switch (i->kind) {
        case TEST_GIVEN:
            if (given) {
                struct diag *e = diag_error(c->ds, "BG1020", i->span, "`given` stands here twice");
                diag_label(c->ds, e, given->span, "first here");
            }
            given = i;
            check_inputs(c, i->inputs, error != NULL);
            break;
        case TEST_MOCK: check_mock(c, d, i); break;
        case TEST_EXPECT:
            value = value ? value : i;
            check_at(&at, i->value, type_simple(TYPE_K_BOOL), "what is expected");
            break;
        case TEST_ERROR: check_code(c, i); break;
        case TEST_WARNING:
            value = value ? value : i;
            check_code(c, i);
            break;
        }
    if (value && error) {
        struct diag *e = diag_error(c->ds, "BG4034", error->span,
                                    "a test expects either values or errors");
        diag_label(c->ds, e, value->span, "this could not be evaluated after an error");
        diag_help(c->ds, e, "write two tests");
    } else if (!value && !error) {
        struct diag *e = diag_error(c->ds, "BG4034", d->path2_span, "this test expects nothing");
        diag_help(c->ds, e, "add a line: `expect CONDITION`, or `expect error CODE`");
    }
}

void check_tests(struct checker *c)
{
    for (size_t i = 0; i < c->p->tests.n; i++) {
        check_twice(c, c->p->tests.at[i], i);
        check_test(c, c->p->tests.at[i]);
    }
}
