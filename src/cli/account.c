#include "cli/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/aws.h"
#include "base/file.h"
#include "cli/command.h"
#include "cloud/ports.h"
#include "sandbox/sandbox.h"

/* A Monday morning: rehearsals begin when a week of work does. */
#define SANDBOX_START "2026-11-16T08:00:00Z"

/* ---- what is common --------------------------------------------------------- */

static bool open_trace(struct context *c)
{
    const char *path = c->opt.value[OPT_TRACE];
    if (path) {
        c->trace_file = fopen(path, "we");
        if (!c->trace_file) {
            diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write the trace to %s: %s", path,
                       strerror(errno));
            return false;
        }
    }
    c->trace = trace_new(c->session, c->trace_file);
    trace_secrets(c->trace, &c->secrets);
    return true;
}

static void open_ports(struct context *c, struct cloud *inner, bool metered)
{
    struct retry_config cfg = {.services = c->services,
                               .no_buckets = !metered,
                               .seed =
                                   c->sandboxed ? 1 : (uint64_t)clock_wall() ^ (uint64_t)getpid()};
    inner->trace = c->trace;
    c->root = retry_new(c->session, inner, &cfg);
    c->ports = ports_new(c->session, c->root);
    c->cloud = ports_open(c->ports);
    c->store_cloud = ports_open(c->ports);
}

struct cloud *context_port(struct context *c)
{
    return ports_open(c->ports);
}

/* ---- the simulated one -------------------------------------------------------- */

static const char *sandbox_path(struct context *c)
{
    if (c->opt.value[OPT_SANDBOX])
        return c->opt.value[OPT_SANDBOX];
    const char *dir = path_join(c->session, c->path ? path_dirname(c->session, c->path) : ".", ".bgc");
    mkdir(dir, 0700); /* what goes wrong shows when the file is written */
    return path_join(c->session, dir, "sandbox.json");
}

/* A whole rehearsed rollout takes less. */
enum { SANDBOX_PATIENCE_MS = 5000 };

/* The model lives through every second of it. */
static const int64_t LONGEST_AFTER = 366ll * 24 * 3600 * 1000;

/* Every command writes the file back, if only for its clock: two at once, and what
 * the first one did would be lost. */
static bool lock_sandbox(struct context *c)
{
    const char *me = arena_printf(c->session, "bgc %s of %s, process %ld", c->command->name,
                                  context_who(c), (long)getpid());
    const char *who = NULL;
    switch (file_lock_take(c->session, &c->sandbox_lock, c->sandbox_file, me, SANDBOX_PATIENCE_MS, &who)) {
    case FILE_LOCK_TAKEN: return true;
    case FILE_LOCK_HELD: {
        struct diag *d = diag_error(&c->ds, "BG6504", NO_SPAN, "the sandbox account %s is in use: %s",
                                    c->sandbox_file, who);
        diag_help(&c->ds, d, "wait for it, or take another account: `--sandbox=FILE`");
        c->busy = true;
        return false;
    }
    case FILE_LOCK_FAILED: break;
    }
    diag_error(&c->ds, "BG6503", NO_SPAN, "the sandbox account cannot be written to %s: %s",
               c->sandbox_file, who);
    return false;
}

static bool open_sandbox(struct context *c)
{
    int64_t after = 0;
    if (!option_duration(&c->ds, &c->opt, OPT_AFTER, &after))
        return false;
    if (after > LONGEST_AFTER) {
        diag_error(&c->ds, "BG0903", NO_SPAN, "`--after %s` is too long: at most 366d",
                   c->opt.value[OPT_AFTER]);
        return false;
    }
    const char *region = c->opt.value[OPT_REGION] ? c->opt.value[OPT_REGION] : "eu-west-1";
    struct sandbox_config cfg = {
        .seed = 1,
        .start = clock_parse_iso(SANDBOX_START),
        .account_id = c->graph->account_id,
        .region = c->graph->region ? c->graph->region : region,
        .load = {200, 0},
        .invent = true,
    };
    c->sandbox_file = sandbox_path(c);
    if (!lock_sandbox(c))
        return false;
    c->sandbox = sandbox_load(c->session, &c->schemas, &c->ds, c->sandbox_file, &cfg);
    if (!c->sandbox)
        return false;
    open_ports(c, sandbox_cloud(c->sandbox, c->session), false);
    c->clock = sandbox_clock(c->sandbox);
    sandbox_program(c->sandbox, c->graph);
    const char *const *lines;
    c->invented = sandbox_invented(c->sandbox, &lines);
    c->store = store_memory(c->session, sandbox_objects(c->sandbox));
    c->store->where =
        arena_printf(c->session, "the sandbox account's own store (%s)", c->sandbox_file);
    if (after)
        cloud_sleep(c->cloud, clock_now(c->clock) + after);
    return true;
}

static void close_sandbox(struct context *c)
{
    const char *const *lines;
    size_t n = sandbox_invented(c->sandbox, &lines);
    if (n > c->invented && !option_given(&c->opt, OPT_QUIET) && !option_given(&c->opt, OPT_JSON)) {
        fprintf(stderr, "the sandbox account made up what the spec looks for:\n");
        for (size_t i = c->invented; i < n; i++)
            fprintf(stderr, "  %s\n", lines[i]);
    }
    sandbox_save(c->sandbox, &c->ds, c->sandbox_file);
    file_lock_release(&c->sandbox_lock);
    cloud_free(c->root);
    c->root = NULL;
    sandbox_free(c->sandbox);
}

/* ---- AWS ------------------------------------------------------------------------ */

/* One in the spec and another one asked for: nobody can tell which is meant. */
static bool same_region(struct context *c)
{
    const char *said = c->opt.value[OPT_REGION], *own = c->graph->region;
    if (!said || !own || !strcmp(said, own))
        return true;
    struct diag *d = diag_error(&c->ds, "BG6206", c->program->stack->name.span,
                                "the stack is of region %s, and --region says %s", own, said);
    diag_help(&c->ds, d, "leave --region out, or make the stack's region an input");
    c->refused = true;
    return false;
}

static bool on_loopback(void)
{
    const char *url = context_env(NULL, "AWS_ENDPOINT_URL");
    return url && (!strncmp(url, "http://127.", 11) || !strncmp(url, "http://localhost", 16) ||
                   !strncmp(url, "http://[::1]", 12));
}

static double clock_rate(struct context *c)
{
    const char *text = context_env(NULL, "BGC_CLOCK_SPEED");
    char *end = NULL;
    double speed = text ? strtod(text, &end) : 1;
    if (text && (*end || !(speed >= 1 && speed <= 1e6))) {
        diag_error(&c->ds, "BG0903", NO_SPAN, "BGC_CLOCK_SPEED=%s: no number from 1 to 1000000",
                   text);
        return 0;
    }
    return speed;
}

/* Accelerated processes that shall agree on the time are told when it began. */
static struct clock *schedule_clock(struct context *c, double speed)
{
    const char *from = context_env(NULL, "BGC_CLOCK_FROM");
    int64_t at = from ? clock_parse_iso(from) : 0;
    if (!from || speed == 1)
        return clock_real(c->session, speed);
    if (at >= 0)
        return clock_real_from(c->session, speed, at);
    diag_error(&c->ds, "BG0903", NO_SPAN, "BGC_CLOCK_FROM=%s: no time like 2026-11-16T08:00:00Z",
               from);
    return NULL;
}

static bool open_store(struct context *c)
{
    const char *store = c->graph->store;
    if (store && !strncmp(store, "s3://", 5)) {
        c->store = store_s3(c->session, &c->ds, c->store_cloud, store);
        return c->store != NULL;
    }
    if (store && (*store == '/' || strstr(store, "..") || strstr(store, "://"))) {
        struct diag *d = diag_error(&c->ds, "BG6201", c->program->stack->name.span,
                                    "\"%s\" is no place for a store", store);
        diag_help(&c->ds, d,
                  "a store is \"s3://bucket/prefix\", or a folder inside that of the spec");
        return false;
    }
    if (!c->path) { /* without a spec nobody knows where the store is, and safety does not need it */
        struct map *objects = arena_make(c->session, struct map);
        map_init(objects, c->session);
        c->store = store_memory(c->session, objects);
        return true;
    }
    const char *dir = path_dirname(c->session, c->path);
    c->store = store_folder(c->session, path_join(c->session, dir, store ? store : ".bgc"));
    return true;
}

static bool open_aws(struct context *c)
{
    const struct graph *g = c->graph;
    double speed = clock_rate(c);
    if (speed <= 0 || !same_region(c))
        return false;
    struct aws_account *accounts = arena_array(c->session, struct aws_account, g->accounts.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < g->accounts.n; i++)
        if (g->accounts.at[i].alias)
            accounts[n++] = (struct aws_account){g->accounts.at[i].alias, g->accounts.at[i].role,
                                                 g->accounts.at[i].region, NULL};
    c->clock = schedule_clock(c, speed);
    if (!c->clock)
        return false;
    struct aws_config cfg = {
        .services = c->services,
        .env = {context_env, NULL},
        .region = g->region ? g->region : c->opt.value[OPT_REGION],
        .region_span = c->program->stack ? c->program->stack->name.span : NO_SPAN,
        .profile = c->opt.value[OPT_PROFILE],
        .accounts = accounts,
        .naccounts = n,
        .clock = c->clock,
        .trace = c->trace,
        .connect_to = context_env(NULL, "BGC_CONNECT_TO"),
        .probe_ca_file = context_env(NULL, "BGC_CA_FILE"),
        .wake = c->signals ? c->signals->count : NULL,
    };
    struct cloud *aws = aws_cloud_new(c->session, &cfg, &c->ds);
    if (!aws)
        return false;
    c->aws = aws;
    open_ports(c, aws, !on_loopback());
    /* Who has no credentials hears it before anything is asked, with every place that was looked at. */
    return aws_check(aws, NULL, &c->ds, cfg.region_span) && open_store(c);
}

bool account_attended(struct context *c)
{
    bool folder = !c->sandboxed && !(c->graph->store && !strncmp(c->graph->store, "s3://", 5));
    if (!folder || c->terminal)
        return true;
    struct diag *d = diag_error(&c->ds, "BG6202", c->program->stack->name.span,
                                "the store is a folder, and nobody is at a terminal");
    diag_note(
        &c->ds, d,
        "a folder is one person's: another runner would not see its lock, verdicts and approvals");
    diag_help(&c->ds, d, "set `store = \"s3://bucket/prefix\"` in the stack and run `bgc init`");
    return false;
}

/* ---- in and out -------------------------------------------------------------------- */

static void account_close(struct context *c)
{
    if (c->sandbox)
        close_sandbox(c);
    file_lock_release(&c->sandbox_lock); /* of an account that could not be opened */
    cloud_free(c->root);
    if (c->trace_file && (ferror(c->trace_file) | fclose(c->trace_file)))
        diag_warn(&c->ds, "BG0906", NO_SPAN, "the trace is not complete: %s could not be written",
                  c->opt.value[OPT_TRACE]);
    c->close = NULL;
    c->root = c->cloud = NULL;
    c->sandbox = NULL;
    c->trace_file = NULL;
}

static bool account_open(struct context *c)
{
    c->services = service_source_of_program(c->session, c->program);
    c->sandboxed = option_given(&c->opt, OPT_SANDBOX);
    if (!c->sandboxed && option_given(&c->opt, OPT_AFTER)) {
        diag_error(&c->ds, "BG0908", NO_SPAN,
                   "`--after` goes only with `--sandbox`: real time passes by itself");
        return false;
    }
    c->close = account_close;
    return open_trace(c) && (c->sandboxed ? open_sandbox(c) : open_aws(c));
}

bool context_open(struct context *c)
{
    return c->cloud || (context_graph(c) && account_open(c));
}
