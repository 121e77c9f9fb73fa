/* options.h - what stands behind a command's name, read by one table.
 *
 * Every option of every command is a row of one table; a command says with a
 * set of bits which rows it takes. `--name VALUE` and `--name=VALUE` are the
 * same; `--` ends the options. What is wrong is reported with what was probably
 * meant. Texts are those of argv and live as long.
 */
#ifndef BGC_CLI_OPTIONS_H
#define BGC_CLI_OPTIONS_H

#include "base/diag.h"

enum option_id {
    OPT_HELP,
    OPT_INPUT,
    OPT_ENV,
    OPT_SANDBOX,
    OPT_REGION,
    OPT_PROFILE,
    OPT_JSON,
    OPT_NO_COLOR,
    OPT_QUIET,
    OPT_VERBOSE,
    OPT_TRACE,
    OPT_SARIF,
    OPT_GITHUB,
    OPT_EVIDENCE,
    OPT_CHECK,
    OPT_FIX,
    OPT_OUT,
    OPT_MARKDOWN,
    OPT_HTML,
    OPT_EXIT_CODE,
    OPT_YES,
    OPT_EVENTS,
    OPT_PAUSE_AFTER,
    OPT_WAIT,
    OPT_ROLLOUT,
    OPT_RETRY,
    OPT_REBUILD,
    OPT_TO,
    OPT_STACK,
    OPT_SWEEP,
    OPT_NEW,
    OPT_AFTER,
    OPT_SEED,
    OPT_ONLY,
    OPT_STDIO,
    OPT_COUNT,
};

#define OPT(name) (1ull << OPT_##name)
/* What every command takes; what those take that read a spec; that ask an account. */
#define OPTS_ALL (OPT(HELP) | OPT(NO_COLOR) | OPT(QUIET) | OPT(VERBOSE))
#define OPTS_SPEC (OPTS_ALL | OPT(INPUT) | OPT(ENV))
#define OPTS_CLOUD (OPTS_SPEC | OPT(SANDBOX) | OPT(AFTER) | OPT(REGION) | OPT(PROFILE) | OPT(TRACE))

enum option_takes { TAKES_NOTHING, TAKES_VALUE, MAY_TAKE_VALUE /* only as --name=VALUE */ };

struct option_row {
    const char *name;  /* "--env", or "-i" for those that have only a letter */
    const char *brief; /* another spelling: "-h"; NULL */
    enum option_takes takes;
    const char *value; /* what the value is called in help */
    const char *help;
};
const struct option_row *option_row(enum option_id id);

struct options {
    uint64_t given;
    const char *value[OPT_COUNT]; /* the last one that was said; NULL */
    VEC(const char *) inputs;     /* of -i, in order */
    VEC(const char *) args;       /* what is no option */
};

/* false: reported; what could be read is in *out all the same. `allowed` are the
 * options that the command takes, `name` is the command's. */
bool options_read(struct arena *a, struct diags *ds, const char *name, uint64_t allowed, int argc,
                  char *const *argv, struct options *out);
static inline bool option_given(const struct options *o, enum option_id id)
{
    return o->given >> id & 1;
}
/* A duration as the language writes it (250ms 30s 20m 2h 1d), in ms. false: reported.
 * An option that was not given leaves *ms alone. */
bool option_duration(struct diags *ds, const struct options *o, enum option_id id, int64_t *ms);

#endif
