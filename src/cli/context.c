#include "cli/context.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/spec.h"
#include "lang/check.h"
#include "lang/inputs.h"

const char *context_env(void *self, const char *name)
{
    (void)self;
    const char *v = getenv(name);
    return v && *v ? v : NULL;
}

static bool wants_colour(const struct context *c, int fd)
{
    const char *term = context_env(NULL, "TERM");
    return !option_given(&c->opt, OPT_NO_COLOR) && !context_env(NULL, "NO_COLOR") && isatty(fd) &&
           !(term && !strcmp(term, "dumb"));
}

void context_init(struct context *c, const struct command *cmd, const struct signals *s)
{
    *c = (struct context){
        .session = arena_new("session"), .command = cmd, .signals = s, .format = RENDER_TEXT,
        .sandbox_lock = {.fd = -1}};
    sources_init(&c->sources, c->session);
    diags_init(&c->ds, c->session, &c->sources);
    redact_init(&c->secrets, c->session);
    c->ds.secrets = &c->secrets;
    intern_init(&c->names, c->session);
    buf_init(&c->out, c->session);
}

/* The options are read between: what was said in them decides the rest. */
void context_begin(struct context *c)
{
    c->colour_out = wants_colour(c, STDOUT_FILENO);
    c->colour_err = wants_colour(c, STDERR_FILENO);
    c->terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* --stack: the emptiest spec there is. What the stack has is in the account. */
static bool load_bare(struct context *c, size_t skip)
{
    const char *name = c->opt.value[OPT_STACK], *region = c->opt.value[OPT_REGION];
    size_t n = strlen(name);
    if (c->opt.args.n > skip) {
        struct diag *d = diag_error(&c->ds, "BG0904", NO_SPAN, "`--stack` and the spec `%s` at once",
                                    c->opt.args.at[skip]);
        diag_help(&c->ds, d, "say the one or the other: `--stack` is for when there is no spec");
        return false;
    }
    if (n > 64 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != n || strchr("0123456789_", *name)) {
        diag_error(&c->ds, "BG0903", NO_SPAN, "`--stack %s`: no stack has such a name", name);
        return false;
    }
    if (region && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(region)) {
        diag_error(&c->ds, "BG0903", NO_SPAN, "`--region %s`: no region has such a name", region);
        return false;
    }
    const char *text = region ? arena_printf(c->session, "stack %s { region = \"%s\" }\n", name, region)
                              : arena_printf(c->session, "stack %s {}\n", name);
    c->program = program_load(c->session, &c->names, &c->ds, "(no spec)", text);
    schemas_init(&c->schemas, c->program);
    return program_check(c->program) && !c->ds.errors;
}

bool context_load(struct context *c, size_t skip)
{
    const char *error = NULL;
    if (c->program)
        return !c->ds.errors;
    if (c->opt.value[OPT_STACK])
        return load_bare(c, skip);
    if (!c->path) {
        const char *said = c->opt.args.n > skip ? c->opt.args.at[skip] : NULL;
        c->path = spec_find(c->session, said, &error);
        if (!c->path) {
            struct diag *d = diag_error(&c->ds, "BG0905", NO_SPAN, "%s", error);
            diag_help(&c->ds, d,
                      "name the file: `bgc %s shop.bg`; `bgc init --new NAME` writes a "
                      "first one",
                      c->command->name);
            return false;
        }
    }
    c->program = program_load(c->session, &c->names, &c->ds, c->path, NULL);
    if (c->command && c->command->tests)
        program_load_tests(c->program);
    schemas_init(&c->schemas, c->program);
    return program_check(c->program) && !c->ds.errors;
}

void context_forget(struct context *c)
{
    c->program = NULL;
    c->inputs = NULL;
    c->graph = NULL;
    sources_init(&c->sources, c->session);
    diags_init(&c->ds, c->session, &c->sources);
    c->ds.secrets = &c->secrets;
}

bool context_inputs(struct context *c)
{
    if (c->inputs)
        return true;
    VEC(const char *) flags = {0};
    for (size_t i = 0; i < c->saved_inputs.n; i++)
        vec_push(c->session, &flags, c->saved_inputs.at[i]);
    for (size_t i = 0; i < c->opt.inputs.n; i++)
        vec_push(c->session, &flags, c->opt.inputs.at[i]);
    struct inputs_args args = {flags.at, flags.n, c->opt.value[OPT_ENV], context_env, NULL};
    c->inputs = inputs_read(c->program, c->session, &args);
    if (!c->inputs)
        return false;
    for (size_t i = 0; i < c->inputs->n; i++)
        redact_value(&c->secrets, c->inputs->entries[i].value);
    c->eval = (struct eval_args){.inputs = c->inputs, .pins = program_pins(c->program)};
    return !c->ds.errors;
}

bool context_graph(struct context *c)
{
    if (c->graph)
        return true;
    if (!context_inputs(c))
        return false;
    c->graph = eval_program(c->program, c->session, &c->eval);
    return c->graph && !c->ds.errors;
}

bool context_stopped(const struct context *c)
{
    return c->signals && *c->signals->count > 0;
}

const char *context_ask(struct context *c, const char *question)
{
    char line[256];
    context_flush(c);
    fputs(question, stderr);
    fflush(stderr);
    if (context_stopped(c) || !fgets(line, sizeof line, stdin))
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return arena_strdup(c->session, line);
}

const char *context_who(struct context *c)
{
    static const char *const names[] = {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID",
                                        "LOGNAME", "USER"};
    char host[128] = "";
    const char *who = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !who; i++)
        who = context_env(NULL, names[i]);
    if (gethostname(host, sizeof host - 1) || !*host)
        strcpy(host, "localhost");
    return arena_printf(c->session, "%s@%s", who ? who : "somebody", host);
}

const char *context_ci_url(struct context *c)
{
    const char *server = context_env(NULL, "GITHUB_SERVER_URL"),
               *run = context_env(NULL, "GITHUB_RUN_ID");
    const char *repo = context_env(NULL, "GITHUB_REPOSITORY");
    if (server && repo && run)
        return arena_printf(c->session, "%s/%s/actions/runs/%s", server, repo, run);
    const char *url = context_env(NULL, "CI_JOB_URL");
    return url ? url : context_env(NULL, "BUILD_URL");
}

void context_flush(struct context *c)
{
    if (c->out.len)
        fputs(redact_text(&c->secrets, c->session, buf_text(&c->out)), stdout);
    buf_clear(&c->out);
    fflush(stdout);
}

/* A command that prints JSON prints it also when it failed: one document that
 * says why. Diagnostics of a document that came to be stand inside it. */
static void show_diags(struct context *c)
{
    if (!c->ds.all.n && !(c->always && c->format != RENDER_TEXT))
        return;
    if (option_given(&c->opt, OPT_JSON) && c->format == RENDER_TEXT) {
        if (c->out.len || !c->ds.errors)
            return;
        struct value *doc = value_map(c->session);
        value_put(doc, "format", value_string(c->session, "1"));
        value_put(doc, "diagnostics", render_json(c->session, &c->ds));
        value_json(&c->out, doc, 2);
        buf_putc(&c->out, '\n');
        return;
    }
    if (c->format != RENDER_TEXT) {
        render_diags(&c->out, &c->ds, c->format, false);
        return;
    }
    struct buf err;
    buf_init(&err, c->session);
    render_text(&err, &c->ds, c->colour_err);
    context_flush(c);
    fputs(redact_text(&c->secrets, c->session, buf_text(&err)), stderr);
    if (c->last_word)
        fputs(c->last_word, stderr);
}

/* `bgc plan | head`: who read has seen enough. That is no error, and the command
 * has done all that it was asked for. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && out.revents & POLLERR;
}

int context_end(struct context *c, int code)
{
    if (c->close)
        c->close(c);
    show_diags(c);
    if (c->ds.errors && code == EXIT_DONE)
        code = EXIT_ERROR;
    if (c->refused && code == EXIT_ERROR)
        code = EXIT_REFUSED;
    if (c->busy && code == EXIT_ERROR)
        code = EXIT_LOCKED;
    context_flush(c);
    if (ferror(stdout) && !reader_left()) {
        fprintf(stderr, "bgc: cannot write the output: %s\n", strerror(errno));
        code = code == EXIT_DONE ? EXIT_ERROR : code;
    }
    arena_free(c->session);
    return code;
}
