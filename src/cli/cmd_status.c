#include "cli/cmd_status.h"

#include <string.h>

#include "aws/aws.h"
#include "cli/cmd_plan.h"
#include "cli/cmd_run.h"
#include "cli/command.h"
#include "plan/timeline.h"
#include "review/status.h"
#include "review/words.h"

static void put_json(struct context *c, const struct value *v)
{
    value_json(&c->out, v, 2);
    buf_putc(&c->out, '\n');
}

int cmd_status(struct context *c)
{
    struct plan_args args = {.tolerant = true};
    struct survey s;
    int code;
    if (!context_load(c, 0) || !plan_survey(c, &args, false, &s, &code))
        return c->ds.errors ? EXIT_ERROR : code;
    struct survey_args sa = {.program = c->program,
                             .schemas = &c->schemas,
                             .cloud = c->cloud,
                             .ds = &c->ds,
                             .eval = &c->eval,
                             .plan = &args};
    struct status *st = status_make(&sa, c->session, &s, c->store);
    if (!st)
        return EXIT_ERROR;
    if (option_given(&c->opt, OPT_JSON)) {
        put_json(c, status_json(c->session, st));
        return EXIT_DONE;
    }
    buf_printf(&c->out, "stack %s in %s, account %s%s, %s\n", st->stack,
               s.graph->region ? s.graph->region : "the default region", s.live->account_id,
               c->sandboxed ? " (sandbox)" : "", clock_iso(c->session, st->now));
    status_text(&c->out, st, command_tail(c), c->colour_out);
    return EXIT_DONE;
}

/* ---- approve ------------------------------------------------------------------------ */

/* The approval behind the step that a candidate is in; NULL: none is asked for. */
static const struct step_ast *asked(const struct survey *s, const struct world_view *v)
{
    const struct traffic_state *t = live_traffic(s->live, v->name);
    if (!t || !t->has_record || !v->candidate || v->candidate_share <= 0)
        return NULL;
    const struct rollout *r = graph_rollout(s->graph, v->name, t->record.rollout);
    return step_after(step_at(r, t->record.step), STEP_APPROVE);
}

int cmd_approve(struct context *c)
{
    struct plan_args args = {.tolerant = true};
    struct survey s;
    struct journal j;
    int code, given = 0;
    if (!context_load(c, 0) || !plan_survey(c, &args, false, &s, &code))
        return c->ds.errors ? EXIT_ERROR : code;
    if (!journal_open(&j, c->session, &c->ds, c->store, s.graph->stack))
        return EXIT_ERROR;
    for (size_t i = 0; i < s.plan->worlds.n; i++) {
        const struct world_view *v = &s.plan->worlds.at[i]->view;
        const struct step_ast *line = asked(&s, v);
        if (!line)
            continue;
        const char *world = arena_printf(c->session, "%s/%s", v->name, v->candidate);
        const char *who = arena_printf(
            c->session, "%s (%s)", s.live->identity ? s.live->identity : "unknown", context_who(c));
        journal_add(
            &j, &(struct journal_entry){"approval", world, line->role, who, clock_now(c->clock)});
        buf_printf(&c->out, "approved as \"%s\": %s goes on behind %s %%\n", line->role, world,
                   words_share(c->session, v->candidate_share));
        given++;
    }
    if (!given) {
        struct diag *d = diag_error(&c->ds, "BG6208", NO_SPAN, "nothing waits for an approval");
        diag_help(&c->ds, d, "`bgc status` shows where each world stands");
        return EXIT_ERROR;
    }
    return journal_flush(&j, &c->ds) ? EXIT_DONE : EXIT_ERROR;
}

/* ---- whoami ------------------------------------------------------------------------- */

struct identity {
    const char *alias, *account, *arn, *region, *origin;
    int64_t end; /* of the credentials, wall ms; 0: none */
    bool fixed;
};

static bool ask_identity(struct context *c, const struct observe_args *o, struct identity *id)
{
    if (c->aws && !aws_check(c->aws, id->alias, &c->ds, NO_SPAN))
        return false;
    if (!observe_identity(o, c->session, id->alias, &id->account, &id->arn))
        return false;
    if (c->aws) {
        id->region = aws_region(c->aws, id->alias);
        id->origin = aws_origin(c->aws, id->alias);
        id->end = aws_credentials_end(c->aws, id->alias, &id->fixed);
    } else {
        id->region = c->graph->region;
        id->origin = arena_printf(c->session, "the sandbox account in %s", c->sandbox_file);
    }
    return true;
}

static struct value *text(struct context *c, const char *s)
{
    return s ? value_string(c->session, s) : value_none(c->session);
}

static void put_identity(struct context *c, const struct identity *id)
{
    buf_printf(&c->out, "%s\n",
               id->alias ? arena_printf(c->session, "account %s", id->alias) : "the stack's own");
    buf_printf(&c->out, "  account   %s\n  identity  ", id->account ? id->account : "unknown");
    buf_put_visible(&c->out, id->arn ? id->arn : "unknown");
    buf_printf(&c->out, "\n  region    %s\n  from      ", id->region ? id->region : "none");
    buf_put_visible(&c->out, id->origin ? id->origin : "unknown");
    buf_putc(&c->out, '\n');
    if (id->end)
        buf_printf(&c->out, "  until     %s%s\n", clock_iso(c->session, id->end),
                   id->fixed ? ", and nothing here can renew them" : "; renewed before that");
}

int cmd_whoami(struct context *c)
{
    if (!context_load(c, 0) || !context_open(c))
        return EXIT_ERROR;
    struct observe_args o = {&c->schemas, c->cloud, &c->ds, c->graph, NULL};
    VEC(struct identity) all = {0};
    vec_push(c->session, &all, (struct identity){0});
    for (size_t i = 0; i < c->graph->accounts.n; i++)
        if (c->graph->accounts.at[i].alias)
            vec_push(c->session, &all, (struct identity){.alias = c->graph->accounts.at[i].alias});
    struct value **json = arena_array(c->session, struct value *, all.n);
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++) {
        struct identity *id = &all.at[i];
        if (!ask_identity(c, &o, id))
            continue;
        struct value *v = json[n++] = value_map(c->session);
        value_put(v, "alias", text(c, id->alias));
        value_put(v, "account", text(c, id->account));
        value_put(v, "identity", text(c, id->arn));
        value_put(v, "region", text(c, id->region));
        value_put(v, "origin", text(c, id->origin));
        value_put(v, "expires", text(c, id->end ? clock_iso(c->session, id->end) : NULL));
        value_put(v, "renewable", value_bool(c->session, !id->fixed));
        if (!option_given(&c->opt, OPT_JSON))
            put_identity(c, id);
    }
    const char *own = c->graph->account_id;
    if (all.at[0].account && own && strcmp(own, all.at[0].account) != 0) {
        diag_error(&c->ds, "BG5103", c->program->stack->name.span,
                   "these credentials are of account %s, and the stack is of account %s",
                   all.at[0].account, own);
        return EXIT_REFUSED;
    }
    if (option_given(&c->opt, OPT_JSON) && !c->ds.errors)
        put_json(c, value_list(c->session, json, n));
    return c->ds.errors ? EXIT_ERROR : EXIT_DONE;
}

/* ---- lease -------------------------------------------------------------------------- */

static int lease_show(struct context *c)
{
    struct lock_holder h = {0};
    int64_t age = 0;
    bool held = lock_show(c->store, c->session, c->graph->stack, &h, &age);
    if (option_given(&c->opt, OPT_JSON)) {
        struct value *v = value_none(c->session);
        if (held) {
            v = value_map(c->session);
            value_put(v, "holder", text(c, h.holder));
            value_put(v, "epoch", value_int(c->session, h.epoch));
            value_put(v, "url", text(c, h.url));
            value_put(v, "age", value_int(c->session, age / 1000));
        }
        put_json(c, v);
    } else if (!held) {
        buf_printf(&c->out, "nobody holds the lease of stack %s in %s\n", c->graph->stack,
                   c->store->where);
    } else {
        buf_puts(&c->out, "holder  ");
        buf_put_visible(&c->out, h.holder ? h.holder : "unknown");
        buf_printf(&c->out, "\nepoch   %lld\nseen    %s ago\n", (long long)h.epoch,
                   clock_span(c->session, age));
        if (h.url) {
            buf_puts(&c->out, "job     ");
            buf_put_visible(&c->out, h.url);
            buf_putc(&c->out, '\n');
        }
    }
    return EXIT_DONE;
}

int cmd_lease(struct context *c)
{
    const char *verb = c->opt.args.n ? c->opt.args.at[0] : "";
    if (strcmp(verb, "show") != 0 && strcmp(verb, "break") != 0) {
        struct diag *d =
            diag_error(&c->ds, "BG0904", NO_SPAN, "what about the lease: show or break?");
        diag_help(&c->ds, d, "usage: bgc lease show|break [FILE|DIR]");
        return EXIT_ERROR;
    }
    if (!context_load(c, 1) || !context_open(c))
        return EXIT_ERROR;
    if (!strcmp(verb, "show"))
        return lease_show(c);
    if (!option_given(&c->opt, OPT_YES)) {
        const char *answer = c->terminal
                                 ? context_ask(c, "Its runner, if it lives, is stopped by the "
                                                  "traffic record. Type yes to break it: ")
                                 : NULL;
        if (!answer || strcmp(answer, "yes") != 0) {
            struct diag *d =
                diag_error(&c->ds, "BG0907", NO_SPAN, "it was not confirmed; nothing was changed");
            if (!c->terminal)
                diag_help(&c->ds, d, "say `--yes`");
            return EXIT_ERROR;
        }
    }
    if (!lock_break(c->store, c->session, &c->ds, c->graph->stack))
        return EXIT_ERROR;
    buf_printf(&c->out, "the lease of stack %s is free\n", c->graph->stack);
    return EXIT_DONE;
}
