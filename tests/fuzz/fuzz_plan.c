/* fuzz_plan.c - any bytes as a saved plan, held against the plan of a small stack.
 *
 * What must hold: a file is refused with a reason, or it is a plan; whether it is
 * accepted is said by what is reported, the same each time; a file that is accepted
 * names every action that would be done; and the file that bgc writes itself is
 * accepted. See README.md for how to run it.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cmd_plan.h"
#include "cli/command.h"
#include "cli/planfile.h"
#include "fuzz_file.h"
#include "fuzz_must.h"
#include "lang/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char spec[] =
    "stack own { region = \"eu-west-1\" }\n"
    "input size: \"t2.small\" | \"t3.small\" = \"t3.small\"\n"
    "shared {\n"
    "  existing net: ec2.vpc { name = \"main\" }\n"
    "  existing image: ec2.image { owner = \"self\", name = \"base-*\", newest = true }\n"
    "  resource log: logs.group { retain = 30d }\n"
    "  resource wall: ec2.security_group {\n"
    "    vpc = net\n"
    "    ingress = [{ from = 10.0.0.0/8, port = 443 }, { from = 10.1.0.0/16, port = 444 }]\n"
    "  }\n"
    "}\n"
    "world jobs {\n"
    "  resource gate: ec2.security_group { vpc = net }\n"
    "  resource work: ec2.launch_template { image = image, size = size, groups = [gate] }\n"
    "  entry work\n"
    "}\n";

static struct context base;
static struct survey survey;

/* The plan of the stack in a fresh account: made once, and only read from then on. */
static void plan_once(void)
{
    static char sandbox[] = "--sandbox";
    static char *const argv[] = {sandbox};
    if (base.session)
        return;
    const struct command *apply = command_find("apply");
    context_init(&base, apply, NULL);
    must(options_read(base.session, &base.ds, "apply", apply->options, 1, argv, &base.opt));
    base.program =
        program_load(base.session, &base.names, &base.ds, "/nonexistent/own.bg", spec);
    schemas_init(&base.schemas, base.program);
    must(program_check(base.program));
    struct plan_args args = plan_options(&base);
    int code;
    must(plan_survey(&base, &args, false, &survey, &code));
    must(survey.plan->actions.n > 3);
}

/* A context of its own over what was planned. */
static void context_over(struct context *c)
{
    *c = base;
    c->session = arena_new("fuzz");
    sources_init(&c->sources, c->session);
    diags_init(&c->ds, c->session, &c->sources);
    c->ds.secrets = NULL;
    memset(&c->saved_inputs, 0, sizeof c->saved_inputs);
}

static bool accepts(struct context *c, const char *path)
{
    size_t errors = c->ds.errors;
    const struct value *file = planfile_read(c, path);
    bool accepted =
        file && planfile_fits(c, file) && planfile_accepts(c, file, survey.plan);
    must(accepted == (c->ds.errors == errors));
    return accepted;
}

/* Read by another reader of JSON: for each action the file has one of its address,
 * operation and world. */
static void names_all(const uint8_t *data, size_t size)
{
    json_t *file = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
    const json_t *list = json_object_get(file, "actions");
    must(json_is_array(list));
    for (size_t i = 0; i < survey.plan->actions.n; i++) {
        const struct action *act = survey.plan->actions.at[i];
        bool found = false;
        for (size_t k = 0; k < json_array_size(list) && !found; k++) {
            const json_t *one = json_array_get(list, k);
            const char *op = json_string_value(json_object_get(one, "op"));
            const char *address = json_string_value(json_object_get(one, "address"));
            const char *world = json_string_value(json_object_get(one, "world"));
            found = op && address && !strcmp(op, plan_op_name(act->op)) &&
                    !strcmp(address, act->address) &&
                    (act->world ? world && !strcmp(world, act->world) : !world);
        }
        must(found);
    }
    json_decref(file);
}

/* What bgc wrote is accepted. */
static void own_file(void)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/bgc-fuzz-plan-%ld.json", (long)getpid());
    struct context c;
    context_over(&c);
    must(planfile_write(&c, &survey, path));
    bool accepted = accepts(&c, path);
    unlink(path);
    must(accepted);
    arena_free(c.session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    plan_once();
    if (!begun)
        own_file();
    begun = true;
    char path[64];
    struct context c;
    int fd = fuzz_file(data, size, path);
    context_over(&c);
    bool accepted = accepts(&c, path);
    struct buf once, twice;
    buf_init(&once, c.session);
    buf_init(&twice, c.session);
    render_text(&once, &c.ds, false);
    if (accepted)
        names_all(data, size);
    diags_rewind(&c.ds, 0);
    must(accepts(&c, path) == accepted);
    render_text(&twice, &c.ds, false);
    must(!strcmp(buf_text(&once), buf_text(&twice)));
    arena_free(c.session);
    close(fd);
    return 0;
}
