#include "cli/cmd_output.h"

#include "cli/cmd_plan.h"
#include "cli/command.h"
#include "cli/spec.h"
#include "review/outputs.h"
#include "review/words.h"

static void put_json(struct context *c, const struct value *v)
{
    value_json(&c->out, v, 2);
    buf_putc(&c->out, '\n');
}

static const struct output *find(struct context *c, const struct outputs *o, const char *name)
{
    const struct output *out = outputs_find(o, name);
    struct diag *d;
    if (out && out->known && !out->secret)
        return out;
    if (out && out->secret) {
        d = diag_error(&c->ds, "BG6214", NO_SPAN, "output `%s` is secret", name);
        diag_help(&c->ds, d, "read it where it is kept: bgc shows no secret");
    } else if (out) {
        d = diag_error(&c->ds, "BG6214", NO_SPAN, "output `%s` is not known yet", name);
        diag_note(&c->ds, d, "%s", words_value(c->session, out->value, 0));
    } else {
        VEC(const char *) names = {0};
        for (size_t i = 0; i < o->all.n; i++)
            vec_push(c->session, &names, o->all.at[i].name);
        d = diag_error(&c->ds, "BG6214", NO_SPAN, "the spec has no output `%s`", name);
        diag_did_you_mean(&c->ds, d, NO_SPAN, name, names.at, names.n);
    }
    return NULL;
}

int cmd_output(struct context *c)
{
    size_t skip = c->opt.args.n && !spec_is(c->opt.args.at[0]);
    struct plan_args args = {.tolerant = true};
    struct survey s;
    int code;
    if (!context_load(c, skip) || !plan_survey(c, &args, false, &s, &code))
        return c->ds.errors ? EXIT_ERROR : code;
    struct outputs *all = outputs_make(&c->schemas, c->session, &s);
    bool json = option_given(&c->opt, OPT_JSON);
    if (!skip && json)
        put_json(c, outputs_json(c->session, all));
    else if (!skip)
        outputs_text(&c->out, all, 0);
    if (!skip)
        return EXIT_DONE;
    const struct output *one = find(c, all, c->opt.args.at[0]);
    if (one && json)
        put_json(c, one->value);
    else if (one && one->value->kind == V_STRING)
        buf_printf(&c->out, "%s\n", one->value->s);
    else if (one)
        buf_printf(&c->out, "%s\n", words_value(c->session, one->value, 0));
    return one ? EXIT_DONE : EXIT_ERROR;
}
