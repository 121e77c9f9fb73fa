/* context.h - everything that a command works with.
 *
 * A command asks for as much as it needs, in this order: the program (files are
 * found, read and checked), the inputs, the bare graph (evaluated without an
 * account), the account (a cloud, its clock and a store). Each function returns
 * false when it has reported why not, and can be called when it was called
 * before.
 *
 * The environment, the terminal and the arguments are read here and nowhere
 * below. Everything lives until context_end, which writes the sandbox account
 * back, shows the diagnostics, and gives the exit code.
 */
#ifndef BGC_CLI_CONTEXT_H
#define BGC_CLI_CONTEXT_H

#include <signal.h>
#include <stdio.h>

#include "base/file_lock.h"
#include "base/render.h"
#include "cli/options.h"
#include "cloud/retry.h"
#include "cloud/store.h"
#include "cloud/trace.h"
#include "lang/eval.h"
#include "schema/schema.h"

struct command;
struct ports;
struct sandbox;

/* Of main: counts SIGINT, SIGTERM and SIGHUP for the commands that catch them. */
struct signals {
    const volatile sig_atomic_t *count;
};

struct context {
    struct arena *session;
    const struct command *command;
    struct options opt;
    const struct signals *signals;
    bool colour_out, colour_err; /* whether stdout and stderr want colours */
    bool terminal;               /* somebody can be asked */

    struct sources sources;
    struct diags ds;
    struct redact secrets; /* what must not be shown, as far as it is known */
    struct intern names;
    struct buf out;            /* for stdout; written by context_end or context_flush */
    enum render_format format; /* of the diagnostics */
    const char *last_word;     /* for stderr, behind the diagnostics in text; NULL */
    bool always;               /* a document of diagnostics is wanted, be there any or none */

    const char *path; /* of the root file; set by context_load, or before it; NULL: there is none */
    struct program *program;
    struct schemas schemas;
    struct map *inputs;
    VEC(const char *) saved_inputs; /* "name=value" of a plan file; -i is stronger */
    struct eval_args eval;
    struct graph *graph; /* without facts */

    bool refused; /* another region than the spec's was asked for: exit 7 */
    bool busy;    /* another process is at work on the sandbox account: exit 4 */
    bool sandboxed;
    const char *sandbox_file;
    struct file_lock sandbox_lock;
    struct sandbox *sandbox;
    size_t invented; /* how much of what it made up was said before */
    struct clock *clock;
    struct cloud *aws;  /* the real account behind it; NULL in the sandbox */
    struct cloud *root; /* what is freed at the end */
    struct ports *ports;
    struct cloud *cloud; /* the port of the run */
    struct cloud *store_cloud;
    struct store *store;
    FILE *trace_file;
    struct cloud_trace *trace;
    struct service_source services;
    void (*close)(struct context *c); /* of the account; NULL: none is open */
};

void context_init(struct context *c, const struct command *cmd, const struct signals *s);

/* After the options were read into c->opt. */
void context_begin(struct context *c);

/* Arguments but the first `skip` name the spec. */
bool context_load(struct context *c, size_t skip);
/* Forgets the program and everything said of it, so that it can be read again. */
void context_forget(struct context *c);
bool context_inputs(struct context *c);
bool context_graph(struct context *c);
/* Opens the account that the options choose (account.c). */
bool context_open(struct context *c);
/* A further port of the same account. */
struct cloud *context_port(struct context *c);

/* The environment; NULL for what is not set or empty. */
const char *context_env(void *self, const char *name);
/* Whether a signal asked to stop. */
bool context_stopped(const struct context *c);
/* Asks on the terminal; the answer without its line end, or NULL. */
const char *context_ask(struct context *c, const char *question);
/* Who is at work: "ci@host", for the lock and approvals. */
const char *context_who(struct context *c);
/* The page of the pipeline's job; NULL. */
const char *context_ci_url(struct context *c);

void context_flush(struct context *c);
/* Shows what is left to show and frees everything. `code` is what the command
 * came to; reported errors make a 0 a 1. */
int context_end(struct context *c, int code);

#endif
