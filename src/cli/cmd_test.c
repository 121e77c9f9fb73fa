#include "cli/cmd_test.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/command.h"
#include "rehearse/rehearse.h"
#include "rehearse/spectest.h"

static bool read_seed(struct context *c, uint64_t *seed)
{
    const char *text = c->opt.value[OPT_SEED];
    char *end = NULL;
    *seed = 1;
    if (!text)
        return true;
    errno = 0;
    *seed = strtoull(text, &end, 10);
    if (!*end && *text != '-' && !errno)
        return true;
    diag_error(&c->ds, "BG0903", NO_SPAN, "`--seed %s`: this is no whole number", text);
    return false;
}

static struct value *json_of(struct arena *a, const struct rehearsal *r)
{
    struct value *v = value_map(a);
    value_put(v, "kind", value_string(a, "scenario"));
    value_put(v, "title", value_string(a, r->title));
    value_put(v, "passed", value_bool(a, r->passed));
    value_put(v, "outcome", r->outcome ? value_string(a, r->outcome) : value_none(a));
    value_put(v, "why", r->why ? value_string(a, r->why) : value_none(a));
    value_put(v, "lost_percent", value_number(a, dec_from_double(r->lost)));
    value_put(v, "took_ms", value_int(a, r->took));
    value_put(v, "restored_ms", r->restored < 0 ? value_none(a) : value_int(a, r->restored));
    value_put(v, "calls", value_int(a, (int64_t)r->calls));
    return v;
}

static struct value *json_of_test(struct arena *a, const struct spectest *t)
{
    struct value *v = value_map(a);
    value_put(v, "kind", value_string(a, "test"));
    value_put(v, "title", value_string(a, t->title));
    value_put(v, "passed", value_bool(a, t->passed));
    value_put(v, "why", t->why ? value_string(a, t->why) : value_none(a));
    value_put(v, "problems", t->problems);
    return v;
}

int cmd_test(struct context *c)
{
    uint64_t seed;
    if (!read_seed(c, &seed) || !context_load(c, 0) || !context_inputs(c))
        return EXIT_ERROR;
    bool json = option_given(&c->opt, OPT_JSON);
    struct rehearse_args args = {.program = c->program,
                                 .schemas = &c->schemas,
                                 .ds = &c->ds,
                                 .eval = &c->eval,
                                 .only = c->opt.value[OPT_ONLY],
                                 .seed = seed,
                                 .quiet = json || option_given(&c->opt, OPT_QUIET)};
    struct buf told;
    size_t n, ntests, failed = 0, failed_tests = 0;
    buf_init(&told, c->session);
    struct spectest *tests = spectest_all(c->session, &args, c->colour_out && !json, &told, &ntests);
    if (ntests && !args.quiet)
        buf_putc(&told, '\n');
    struct rehearsal *all = rehearse_all(c->session, &args, &told, &n);
    if (!all)
        return EXIT_ERROR;
    struct value **list = arena_array(c->session, struct value *, ntests + n + 1);
    for (size_t i = 0; i < ntests; i++) {
        failed_tests += !tests[i].passed;
        list[i] = json_of_test(c->session, &tests[i]);
    }
    for (size_t i = 0; i < n; i++) {
        failed += !all[i].passed;
        list[ntests + i] = json_of(c->session, &all[i]);
    }
    if (json) {
        value_json(&c->out, value_list(c->session, list, ntests + n), 2);
        buf_putc(&c->out, '\n');
    } else {
        buf_put(&c->out, told.at, told.len);
        if (ntests)
            buf_printf(&c->out, "%zu of %zu tests pass\n", ntests - failed_tests, ntests);
        if (n || !ntests)
            buf_printf(&c->out, "%zu of %zu scenarios hold\n", n - failed, n);
        if (!n && !ntests)
            buf_puts(&c->out, args.only ? "none has this in its title\n"
                                        : "the spec has no `test` and no `scenario`\n");
    }
    return failed || failed_tests || (!n && !ntests && args.only) ? EXIT_ERROR : EXIT_DONE;
}
