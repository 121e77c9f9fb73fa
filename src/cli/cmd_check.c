#include "cli/cmd_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/render.h"
#include "cli/spec.h"
#include "lang/check.h"
#include "lang/eval.h"
#include "lang/evidence.h"
#include "lang/inputs.h"
#include "schema/schema.h"

struct options {
    const char *path;
    enum render_format format;
    bool no_colour, quiet, evidence;
    const char *env;
    const char **flags; /* of -i */
    size_t nflags;
};

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "bgc check: %s%s\n", why, what);
    fprintf(stderr, "usage: bgc check [FILE|DIR] [--json|--sarif|--github] [-i NAME=VALUE] "
                    "[--env NAME] [--evidence] [--no-color] [-q]\n");
    return 1;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *s = argv[i];
        if (!strcmp(s, "-i") || !strcmp(s, "--env")) {
            if (i + 1 == argc)
                return usage("a value is missing after ", s), false;
            if (s[1] == 'i')
                o->flags[o->nflags++] = argv[++i];
            else
                o->env = argv[++i];
            continue;
        }
        if (!strcmp(s, "--json"))
            o->format = RENDER_JSON;
        else if (!strcmp(s, "--sarif"))
            o->format = RENDER_SARIF;
        else if (!strcmp(s, "--github"))
            o->format = RENDER_GITHUB;
        else if (!strcmp(s, "--no-color"))
            o->no_colour = true;
        else if (!strcmp(s, "--evidence"))
            o->evidence = true;
        else if (!strcmp(s, "-q"))
            o->quiet = true;
        else if (s[0] == '-' && s[1])
            return usage("there is no option ", s), false;
        else if (o->path)
            return usage("one file at a time; too many: ", s), false;
        else
            o->path = s;
    }
    return true;
}

static const char *from_environment(void *self, const char *name)
{
    (void)self;
    return getenv(name);
}

/* Values that are wrong only in themselves (a name that does not match its
 * pattern) show when the program is evaluated. Inputs without a default are
 * given only to commands that act, and then so are their values checked. */
static struct graph *evaluate(struct program *p, struct arena *a, const struct options *o)
{
    struct inputs_args from = {o->flags, o->nflags, o->env, from_environment, NULL};
    const struct map *inputs = inputs_read(p, a, &from);
    if (!inputs)
        return NULL;
    for (size_t i = 0; i < p->inputs.n; i++)
        if (!p->inputs.at[i]->value && !map_has(inputs, p->inputs.at[i]->name.text))
            return NULL;
    struct eval_args args = {.inputs = inputs, .pins = program_pins(p)};
    return eval_program(p, a, &args);
}

static void put_summary(struct buf *b, const struct program *p, const struct graph *g)
{
    buf_printf(b, "%s: no errors", p->root_path);
    if (g && g->nodes.n) {
        size_t existing = 0;
        for (size_t i = 0; i < g->nodes.n; i++)
            existing += g->nodes.at[i]->existing;
        buf_printf(b, "; %zu resources, %zu existing, %zu gates, %zu rollouts",
                   g->nodes.n - existing, existing, g->gates.n, g->rollouts.n);
    }
    buf_putc(b, '\n');
    for (size_t i = 0; g && i < g->worlds.n; i++)
        if (g->worlds.at[i]->id && *g->worlds.at[i]->id)
            buf_printf(b, "world %s/%s\n", g->worlds.at[i]->name, g->worlds.at[i]->id);
    bool store = !p->stack;
    for (const struct arg *f = p->stack ? p->stack->fields : NULL; f; f = f->next)
        store = store || (f->name.text && !strcmp(f->name.text, "store"));
    if (!store)
        buf_puts(b, "the store is the folder .bgc beside the file: one person's; a team sets "
                    "`store = \"s3://...\"`\n");
}

static int run(struct arena *a, const struct options *o)
{
    const char *error = NULL;
    const char *path = spec_find(a, o->path, &error);
    if (!path) {
        fprintf(stderr, "bgc check: %s\n", error);
        return 1;
    }
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct buf out, err;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    buf_init(&out, a);
    buf_init(&err, a);
    struct program *p = program_load(a, &names, &ds, path, NULL);
    program_check(p);
    if (!ds.errors) {
        struct schemas types;
        schemas_init(&types, p);
        schemas_check(&types);
    }
    struct graph *g = ds.errors ? NULL : evaluate(p, a, o);
    bool colour = !o->no_colour && !getenv("NO_COLOR") && isatty(STDERR_FILENO);
    if (o->evidence)
        evidence_print(p, &out);
    else if (!ds.errors && o->format == RENDER_TEXT && !o->quiet)
        put_summary(&out, p, g);
    render_diags(o->format == RENDER_TEXT ? &err : &out, &ds, o->format, colour);
    fputs(buf_text(&err), stderr);
    fputs(buf_text(&out), stdout);
    return ds.errors ? 1 : 0;
}

int cmd_check(int argc, char **argv)
{
    struct arena *a = arena_new("session");
    struct options o = {.format = RENDER_TEXT};
    o.flags = arena_array(a, const char *, argc > 0 ? argc : 1);
    int status = parse_options(argc, argv, &o) ? run(a, &o) : 1;
    arena_free(a);
    return status;
}
