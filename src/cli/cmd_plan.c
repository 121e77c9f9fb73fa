#include "cli/cmd_plan.h"

#include <string.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/planfile.h"
#include "lang/lint.h"
#include "plan/preflight.h"
#include "review/json.h"

struct plan_args plan_options(struct context *c)
{
    return (struct plan_args){
        .rollout = c->opt.value[OPT_ROLLOUT],
        .retry = option_given(&c->opt, OPT_RETRY),
        .rebuild = option_given(&c->opt, OPT_REBUILD),
        .preflight = true,
        .sweep = option_given(&c->opt, OPT_SWEEP),
        .now = c->clock ? clock_now(c->clock) : 0,
    };
}

struct review_style plan_style(const struct context *c)
{
    return (struct review_style){.colour = c->colour_out,
                                 .verbose = option_given(&c->opt, OPT_VERBOSE),
                                 .sandbox = c->sandboxed};
}

bool plan_survey(struct context *c, const struct plan_args *args, bool sweep, struct survey *out,
                 int *code)
{
    *code = EXIT_ERROR;
    if (!context_open(c))
        return false;
    struct plan_args now = *args;
    now.now = clock_now(c->clock);
    struct survey_args sa = {.program = c->program,
                             .schemas = &c->schemas,
                             .cloud = c->cloud,
                             .ds = &c->ds,
                             .eval = &c->eval,
                             .plan = &now,
                             .sweep = sweep};
    bool refused = false;
    if (!survey_make(&sa, c->session, out, &refused)) {
        *code = refused ? EXIT_REFUSED : EXIT_ERROR;
        return false;
    }
    *code = out->plan->refused ? EXIT_REFUSED : EXIT_DONE;
    return true;
}

static bool write_file(struct context *c, const char *path, const struct buf *b)
{
    const char *error = NULL;
    const char *text = redact_text(&c->secrets, c->session, buf_text((struct buf *)(uintptr_t)b));
    if (file_write_atomic(c->session, path, text, strlen(text), 0, &error))
        return true;
    diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
    return false;
}

static void show(struct context *c, const struct sheet *s)
{
    struct review_style style = plan_style(c);
    if (option_given(&c->opt, OPT_JSON)) {
        value_json(&c->out, review_json(c->session, s->plan, &c->ds), 2);
        buf_putc(&c->out, '\n');
    } else if (option_given(&c->opt, OPT_MARKDOWN)) {
        review_markdown(&c->out, s, &style);
    } else if (!option_given(&c->opt, OPT_QUIET)) {
        review_text(&c->out, s, &style);
    }
    if (option_given(&c->opt, OPT_HTML)) {
        struct buf page;
        buf_init(&page, c->session);
        review_html(&page, s, &style);
        write_file(c, c->opt.value[OPT_HTML], &page);
    }
}

static void say_calls(struct context *c)
{
    if (!option_given(&c->opt, OPT_VERBOSE))
        return;
    fprintf(stderr, "%zu calls\n", trace_total(c->trace));
    size_t n;
    const struct trace_count *t = trace_counts(c->trace, &n);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "  %4zu  %s %s\n", t[i].calls, t[i].service, t[i].operation);
}

int cmd_plan(struct context *c)
{
    if (option_given(&c->opt, OPT_JSON) && option_given(&c->opt, OPT_MARKDOWN)) {
        diag_error(&c->ds, "BG0908", NO_SPAN,
                   "`--json` and `--markdown` are two answers to one question");
        return EXIT_ERROR;
    }
    if (!context_load(c, 0))
        return EXIT_ERROR;
    struct plan_args args = plan_options(c);
    struct survey s;
    int code;
    if (!plan_survey(c, &args, false, &s, &code))
        return code;
    program_lint(c->program, s.graph, s.facts);
    preflight_report(&c->ds, s.plan, false);
    show(c, sheet_make(&c->schemas, c->session, s.plan));
    say_calls(c);
    if (code != EXIT_DONE)
        return code;
    if (option_given(&c->opt, OPT_OUT) && !planfile_write(c, &s, c->opt.value[OPT_OUT]))
        return EXIT_ERROR;
    return option_given(&c->opt, OPT_EXIT_CODE) && !plan_empty(s.plan) ? EXIT_DIFFERENT : EXIT_DONE;
}

/* ---- drift --------------------------------------------------------------------- */

/* Drift is what somebody did to what bgc made, and what in `shared` is not as the
 * spec says; a new version that is yet to be built is none. */
static bool drifted(const struct plan *p)
{
    bool any = p->drift.n > 0;
    for (size_t i = 0; i < p->actions.n; i++) {
        enum plan_op op = p->actions.at[i]->op;
        any = any || op == PLAN_UPDATE || op == PLAN_REPLACE || op == PLAN_TUNE;
    }
    return any;
}

int cmd_drift(struct context *c)
{
    if (!context_load(c, 0))
        return EXIT_ERROR;
    struct plan_args args = {.tolerant = true};
    struct survey s;
    int code;
    if (!plan_survey(c, &args, false, &s, &code))
        return code;
    bool any = drifted(s.plan);
    if (option_given(&c->opt, OPT_JSON)) {
        value_json(&c->out, review_json(c->session, s.plan, &c->ds), 2);
        buf_putc(&c->out, '\n');
    } else if (!any) {
        if (!option_given(&c->opt, OPT_QUIET))
            buf_puts(&c->out, "no drift: what stands in the account is as bgc made it\n");
    } else {
        struct review_style style = plan_style(c);
        review_drift(&c->out, s.plan, &style);
    }
    return any ? EXIT_DIFFERENT : EXIT_DONE;
}
