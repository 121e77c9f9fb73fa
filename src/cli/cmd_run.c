#include "cli/cmd_run.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/aws.h"
#include "cli/account.h"
#include "cli/cmd_plan.h"
#include "cli/command.h"
#include "cli/spec.h"
#include "cli/planfile.h"
#include "review/report.h"
#include "review/status.h"
#include "rollout/run.h"

/* What a run asks back, it asks here. */
struct acting {
    struct context *c;
    struct run run;
    struct run_args args;
    struct report report;
    const struct value *saved; /* a plan file; NULL */
    bool stale;
    bool asked;             /* for an approval, on the terminal */
    bool silent;            /* how it ended was said */
    const char *destroying; /* "stack shop": what has to be typed is its last word */
};

/* ---- words ---------------------------------------------------------------------------- */

const char *command_tail(struct context *c)
{
    struct buf b;
    buf_init(&b, c->session);
    if (c->path)
        buf_printf(&b, " %s", c->path);
    if (c->opt.value[OPT_STACK])
        buf_printf(&b, " --stack %s", c->opt.value[OPT_STACK]);
    if (c->opt.value[OPT_REGION])
        buf_printf(&b, " --region %s", c->opt.value[OPT_REGION]);
    for (size_t i = 0; i < c->opt.inputs.n; i++)
        buf_printf(&b, " -i %s", c->opt.inputs.at[i]);
    if (c->opt.value[OPT_ENV])
        buf_printf(&b, " --env %s", c->opt.value[OPT_ENV]);
    if (option_given(&c->opt, OPT_SANDBOX))
        buf_printf(&b, c->opt.value[OPT_SANDBOX] ? " --sandbox=%s" : " --sandbox",
                   c->opt.value[OPT_SANDBOX]);
    if (c->opt.value[OPT_PROFILE])
        buf_printf(&b, " --profile %s", c->opt.value[OPT_PROFILE]);
    return buf_text(&b);
}

static bool quiet(const struct context *c)
{
    return option_given(&c->opt, OPT_QUIET);
}

/* ---- questions ------------------------------------------------------------------------ */

static bool typed(struct acting *x, const char *question, const char *wanted)
{
    const char *answer = context_ask(x->c, question);
    if (answer && !strcmp(answer, wanted))
        return true;
    if (context_stopped(x->c))
        return false;
    diag_error(&x->c->ds, "BG0907", NO_SPAN, "it was not confirmed; nothing was changed");
    return false;
}

/* The plan is shown before it is asked for, and in a pipeline's log; a saved one
 * was seen in review. */
static bool confirm(void *self, const struct plan *p)
{
    struct acting *x = self;
    struct context *c = x->c;
    if (x->saved && !planfile_accepts(c, x->saved, p)) {
        x->stale = true;
        return false;
    }
    if (!quiet(c) && (!x->saved || option_given(&c->opt, OPT_VERBOSE))) {
        struct review_style style = plan_style(c);
        review_text(&c->out, sheet_make(&c->schemas, c->session, p), &style);
        buf_putc(&c->out, '\n');
        context_flush(c);
    }
    if (x->saved || option_given(&c->opt, OPT_YES))
        return true;
    if (!x->destroying)
        return typed(x, "Type yes to do this: ", "yes");
    return typed(x, arena_printf(c->session, "Type %s to remove all of this: ", x->destroying),
                 x->destroying);
}

static bool line_waits(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) > 0;
}

/* Asked at every round while the gate goes on watching, so it must not wait for
 * an answer. In the sandbox time does not pass by itself: there it may. */
static bool approve(void *self, const char *role)
{
    struct acting *x = self;
    struct context *c = x->c;
    if (c->sandboxed && option_given(&c->opt, OPT_YES))
        return true;
    if (!c->terminal)
        return false;
    if (!x->asked)
        fprintf(stderr, "%s: type yes to approve (or `bgc approve%s` from anywhere): ", role,
                command_tail(c));
    x->asked = true;
    if (!c->sandboxed && !line_waits())
        return false;
    x->asked = false;
    const char *answer = context_ask(c, "");
    return answer && !strcmp(answer, "yes");
}

static bool stopped(void *self)
{
    return context_stopped(((struct acting *)self)->c);
}

/* On the schedule's clock, which may be faster than the wall's. */
static int64_t credentials_end(void *self)
{
    struct context *c = ((struct acting *)self)->c;
    bool fixed = false;
    int64_t end = c->aws ? aws_credentials_end(c->aws, NULL, &fixed) : 0;
    if (!end || !fixed)
        return INT64_MAX;
    double left = (double)(end - clock_wall()) * clock_speed(c->clock);
    return clock_now(c->clock) + (int64_t)left;
}

/* ---- the run ---------------------------------------------------------------------------- */

static bool open_events(struct acting *x)
{
    const char *path = x->c->opt.value[OPT_EVENTS];
    if (!path)
        return true;
    x->report.events = fopen(path, "we");
    if (x->report.events)
        return true;
    diag_error(&x->c->ds, "BG0906", NO_SPAN, "cannot write the events to %s: %s", path,
               strerror(errno));
    return false;
}

static void close_events(struct acting *x)
{
    bool bad = x->report.broken;
    if (x->report.events)
        bad |= fclose(x->report.events) != 0;
    if (bad)
        diag_warn(&x->c->ds, "BG0906", NO_SPAN, "the events are not complete: %s", strerror(errno));
}

/* Unique to this process and moment. */
static const char *make_nonce(struct context *c)
{
    const char *text = arena_printf(c->session, "%s %ld %lld %lld", context_who(c), (long)getpid(),
                                    (long long)clock_wall(), (long long)clock_mono());
    return arena_printf(c->session, "%016llx", (unsigned long long)hash_text(text));
}

static void say_outcome(struct acting *x)
{
    struct context *c = x->c;
    const char *o = x->run.outcome ? x->run.outcome : "failed", *tail = command_tail(c);
    if (!strcmp(o, "unchanged"))
        buf_puts(&c->out, "nothing to do: the account is what the spec says\n");
    else if (!strcmp(o, "paused"))
        buf_printf(&c->out, "paused; to go on: bgc %s%s\n", c->command->name, tail);
    else if (!strcmp(o, "rolled_back"))
        buf_puts(&c->out, "rolled back: this version is not tried again until the spec changes or "
                          "--retry is given\n");
    else if (!strcmp(o, "applied"))
        buf_puts(&c->out, "done\n");
    if (!c->path && (!strcmp(o, "rolled_back") || !strcmp(o, "applied")))
        buf_puts(&c->out,
                 "without a spec this is not known, and left to the next `bgc apply` with it: which sizes were\n"
                 "raised for the rollout, and what is to be removed; a run that is still alive stops within\n"
                 "half a minute\n");
}

/* Where things stand now. What goes wrong here was said before, or does not matter. */
static void say_status(struct acting *x)
{
    struct context *c = x->c;
    size_t mark = diags_mark(&c->ds);
    struct survey s;
    struct plan_args args = {.tolerant = true, .now = clock_now(c->clock)};
    struct survey_args sa = {.program = c->program,
                             .schemas = &c->schemas,
                             .cloud = c->cloud,
                             .ds = &c->ds,
                             .eval = &c->eval,
                             .plan = &args};
    bool refused;
    struct status *st = survey_make(&sa, c->session, &s, &refused)
                            ? status_make(&sa, c->session, &s, c->store)
                            : NULL;
    if (st)
        status_text(&c->out, st, command_tail(c), c->colour_out);
    diags_rewind(&c->ds, mark);
}

static int stopped_early(struct acting *x)
{
    struct context *c = x->c;
    fprintf(stderr, "stopped before anything was written; to go on: bgc %s%s\n", c->command->name,
            command_tail(c));
    x->run.outcome = "paused";
    x->silent = true;
    return EXIT_PAUSED;
}

static int act(struct acting *x, enum run_mode mode)
{
    struct context *c = x->c;
    struct arena *plan = arena_new("plan"), *scratch = arena_new("scratch"),
                 *line = arena_new("event");
    x->args.mode = mode;
    x->args.eval = &c->eval;
    x->args.who = context_who(c);
    x->args.ci_url = context_ci_url(c);
    x->args.nonce = make_nonce(c);
    x->args.stop = stopped;
    x->args.credentials_end = credentials_end;
    x->args.command_tail = command_tail(c);
    x->args.self = x;
    x->args.plan.now = clock_now(c->clock);
    x->run = (struct run){.session = c->session,
                          .plan_arena = plan,
                          .scratch = scratch,
                          .program = c->program,
                          .schemas = &c->schemas,
                          .ds = &c->ds,
                          .cloud = c->cloud,
                          .exec_cloud = context_port(c),
                          .store = c->store,
                          .sink = &x->report.sink,
                          .args = &x->args};
    report_init(&x->report, c->session, line, c->clock, x->args.nonce);
    x->report.secrets = &c->secrets;
    x->report.epoch = &x->run.epoch;
    x->report.text = quiet(c) ? NULL : stdout;
    x->report.colour = c->colour_out;
    x->report.verbose = option_given(&c->opt, OPT_VERBOSE);
    int code = EXIT_ERROR;
    bool idle = false; /* it looked, and nothing was due */
    if (open_events(x)) {
        report_start(&x->report, c->command->name, c->graph->stack);
        if (run_begin(&x->run)) {
            int64_t said = x->report.seq;
            code = run_to_end(&x->run);
            idle = code == EXIT_DONE && x->report.seq == said && (mode == RUN_TICK || mode == RUN_RETIRE);
            if (idle)
                x->run.outcome = "unchanged";
        } else {
            run_finish(&x->run);
            code = x->stale ? EXIT_STALE : x->run.exit_code;
            if (context_stopped(c) && !c->ds.errors)
                code = stopped_early(x);
        }
        report_end(&x->report, x->run.outcome ? x->run.outcome : "failed", code);
        close_events(x);
        if (!quiet(c) && idle)
            buf_puts(&c->out, "nothing is due\n");
        else if (!quiet(c) && !x->silent)
            say_outcome(x);
        /* Also after a failure: that is when somebody wants to go back. */
        bool began = x->run.epoch > 0 || !c->ds.errors;
        if (!quiet(c) && !x->silent && began &&
            (idle || !(x->run.outcome && !strcmp(x->run.outcome, "unchanged"))))
            say_status(x);
    }
    context_flush(c);
    arena_free(line);
    arena_free(scratch);
    arena_free(plan);
    return code;
}

static bool begin(struct context *c, size_t skip)
{
    return context_load(c, skip) && context_open(c);
}

/* Before anything is read: who cannot be asked has to have said yes. */
static bool may_write(struct context *c, bool saved)
{
    if (saved || option_given(&c->opt, OPT_YES) || c->terminal)
        return true;
    struct diag *d =
        diag_error(&c->ds, "BG0907", NO_SPAN, "nobody is at a terminal to confirm this");
    if (!strcmp(c->command->name, "apply"))
        diag_help(&c->ds, d,
                  "say `--yes`, or give a plan that was reviewed: `bgc plan --out F`, then `bgc "
                  "apply F`");
    else
        diag_help(&c->ds, d, "say `--yes`");
    return false;
}

/* ---- commands ------------------------------------------------------------------------------ */

int cmd_apply(struct context *c)
{
    struct acting x = {.c = c};
    const char *file = NULL;
    VEC(const char *) rest = {0};
    for (size_t i = 0; i < c->opt.args.n; i++)
        if (!file && !spec_is(c->opt.args.at[i]))
            file = c->opt.args.at[i];
        else
            vec_push(c->session, &rest, c->opt.args.at[i]);
    c->opt.args.n = 0;
    for (size_t i = 0; i < rest.n; i++)
        vec_push(c->session, &c->opt.args, rest.at[i]);
    if (!option_duration(&c->ds, &c->opt, OPT_PAUSE_AFTER, &x.args.pause_after) ||
        !may_write(c, file != NULL))
        return EXIT_ERROR;
    if (file && !(x.saved = planfile_read(c, file)))
        return EXIT_ERROR;
    if (!context_load(c, 0) || !context_graph(c) || (x.saved && !planfile_fits(c, x.saved)) ||
        !begin(c, 0))
        return EXIT_ERROR;
    if (!account_attended(c))
        return EXIT_REFUSED;
    x.args.plan = plan_options(c);
    x.args.wait = option_given(&c->opt, OPT_WAIT);
    x.args.ask = confirm;
    x.args.approve = approve;
    return act(&x, RUN_APPLY);
}

int cmd_tick(struct context *c)
{
    struct acting x = {.c = c, .args.plan.tolerant = true};
    return begin(c, 0) ? act(&x, RUN_TICK) : EXIT_ERROR;
}

int cmd_retire(struct context *c)
{
    struct acting x = {.c = c, .args.plan.tolerant = true};
    return begin(c, 0) ? act(&x, RUN_RETIRE) : EXIT_ERROR;
}

/* Why a world cannot be given everything at once; NULL: it can. Only what has
 * records already can: these are known to lead to a world that was tested. */
static const char *not_back(struct context *c, const struct survey *s, const struct world_view *v, const char *id)
{
    const struct traffic_state *t = live_traffic(s->live, v->name);
    const struct record *r = t && t->has_record ? &t->record : NULL;
    const char *full = arena_printf(c->session, "%s/%s", v->name, id);
    if (r && record_doomed(r, id))
        return arena_printf(c->session, "%s is marked for removal and is never given traffic again", full);
    if (r && record_aborted(r, id))
        return arena_printf(c->session, "%s was aborted, and its records are gone", full);
    if (r && r->candidate && !strcmp(id, r->candidate))
        return arena_printf(c->session, "%s is the version that traffic is moving to", full);
    if (r && r->live && !strcmp(id, r->live) && !(r->candidate && v->candidate_share > 0))
        return arena_printf(c->session, "%s has everything already", full);
    if (r && ((r->live && !strcmp(id, r->live)) || (r->previous && !strcmp(id, r->previous))))
        return NULL;
    if (live_world(s->live, v->name, id))
        return arena_printf(c->session, "%s is there, and has never had traffic", full);
    return "";
}

/* Whether some world of this id can take everything again. */
static bool can_go_back(struct context *c, const char *to, const char **id)
{
    struct plan_args args = {.tolerant = true};
    struct survey s;
    int code;
    const char *slash = strchr(to, '/'), *why = NULL;
    *id = slash ? slash + 1 : to;
    if (!plan_survey(c, &args, false, &s, &code))
        return false;
    for (size_t i = 0; i < s.plan->worlds.n; i++) {
        const struct world_view *v = &s.plan->worlds.at[i]->view;
        if (slash && (strncmp(v->name, to, (size_t)(slash - to)) || v->name[slash - to]))
            continue;
        const char *said = not_back(c, &s, v, *id);
        if (!said)
            return true;
        if (*said)
            why = said;
    }
    struct diag *d = diag_error(&c->ds, "BG6207", NO_SPAN, "traffic cannot go back to %s", to);
    diag_note(&c->ds, d, "%s", why ? why : "this stack has no such world");
    for (size_t i = 0; i < s.plan->worlds.n; i++) {
        const struct world_view *v = &s.plan->worlds.at[i]->view;
        const char *back[] = {v->candidate_share > 0 ? v->live : NULL, v->previous};
        for (size_t k = 0; k < 2; k++)
            if (back[k])
                diag_note(&c->ds, d, "%s/%s can take everything", v->name, back[k]);
    }
    diag_help(&c->ds, d,
              "`bgc status` shows the worlds; to serve an older version, put the spec back and apply it");
    return false;
}

int cmd_rollback(struct context *c)
{
    struct acting x = {.c = c, .args.plan.tolerant = true};
    x.args.to = c->opt.value[OPT_TO];
    if (!begin(c, 0) || (x.args.to && !can_go_back(c, x.args.to, &x.args.to)))
        return EXIT_ERROR;
    return act(&x, RUN_ROLLBACK);
}

int cmd_abort(struct context *c)
{
    struct acting x = {.c = c, .args.plan.tolerant = true};
    return begin(c, 0) ? act(&x, RUN_ABORT) : EXIT_ERROR;
}

int cmd_destroy(struct context *c)
{
    struct acting x = {.c = c};
    const char *world = NULL;
    size_t skip = 0;
    if (c->opt.args.n && !spec_is(c->opt.args.at[0])) {
        world = c->opt.args.at[0];
        skip = 1;
    }
    if (!may_write(c, false) || !begin(c, skip))
        return EXIT_ERROR;
    if (!account_attended(c))
        return EXIT_REFUSED;
    x.args.plan.destroy = world ? world : "*";
    x.args.plan.tolerant = true;
    x.args.ask = confirm;
    x.destroying = world ? world : c->graph->stack;
    return act(&x, RUN_DESTROY);
}
