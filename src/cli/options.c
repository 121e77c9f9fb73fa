#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct option_row rows[OPT_COUNT] = {
    [OPT_HELP]        = {"--help", "-h", TAKES_NOTHING, NULL, "show this help"},
    [OPT_INPUT]       = {"-i", NULL, TAKES_VALUE, "NAME=VALUE", "value of an input; may be said again for others"},
    [OPT_ENV]         = {"--env", NULL, TAKES_VALUE, "NAME", "inputs from env/NAME.bg"},
    [OPT_SANDBOX]     = {"--sandbox", NULL, MAY_TAKE_VALUE, "FILE", "a simulated account on a virtual clock, kept in FILE (default: .bgc/sandbox.json beside the spec)"},
    [OPT_REGION]      = {"--region", NULL, TAKES_VALUE, "REGION", "region, when the stack does not say it"},
    [OPT_PROFILE]     = {"--profile", NULL, TAKES_VALUE, "NAME", "AWS profile to take credentials from"},
    [OPT_JSON]        = {"--json", NULL, TAKES_NOTHING, NULL, "print JSON"},
    [OPT_NO_COLOR]    = {"--no-color", NULL, TAKES_NOTHING, NULL, "no colours (also NO_COLOR, and off a terminal)"},
    [OPT_QUIET]       = {"--quiet", "-q", TAKES_NOTHING, NULL, "say only what is wrong and what was asked for"},
    [OPT_VERBOSE]     = {"--verbose", "-v", TAKES_NOTHING, NULL, "say more"},
    [OPT_TRACE]       = {"--trace", NULL, TAKES_VALUE, "FILE", "write every API call and its duration, as NDJSON"},
    [OPT_SARIF]       = {"--sarif", NULL, TAKES_NOTHING, NULL, "print diagnostics as SARIF 2.1.0"},
    [OPT_GITHUB]      = {"--github", NULL, TAKES_NOTHING, NULL, "print diagnostics as annotations of GitHub Actions"},
    [OPT_EVIDENCE]    = {"--evidence", NULL, TAKES_NOTHING, NULL, "print which check has which data at which step"},
    [OPT_CHECK]       = {"--check", NULL, TAKES_NOTHING, NULL, "change nothing; exit 3 when a file would change"},
    [OPT_FIX]         = {"--fix", NULL, TAKES_NOTHING, NULL, "mend in the files what can be mended in one way only, then check again"},
    [OPT_OUT]         = {"--out", "-o", TAKES_VALUE, "FILE", "save the plan, for `bgc apply FILE`"},
    [OPT_MARKDOWN]    = {"--markdown", NULL, TAKES_NOTHING, NULL, "print Markdown, for a comment in a review"},
    [OPT_HTML]        = {"--html", NULL, TAKES_VALUE, "FILE", "write the plan as a web page"},
    [OPT_EXIT_CODE]   = {"--exit-code", NULL, TAKES_NOTHING, NULL, "exit 2 when something would be done"},
    [OPT_YES]         = {"--yes", "-y", TAKES_NOTHING, NULL, "do not ask"},
    [OPT_EVENTS]      = {"--events", NULL, TAKES_VALUE, "FILE", "write what happens as NDJSON"},
    [OPT_PAUSE_AFTER] = {"--pause-after", NULL, TAKES_VALUE, "DURATION", "stop at the next safe point after this long (exit 5)"},
    [OPT_WAIT]        = {"--wait", NULL, TAKES_NOTHING, NULL, "stay until the old world is retired"},
    [OPT_ROLLOUT]     = {"--rollout", NULL, TAKES_VALUE, "NAME", "use the rollout of that name instead of the default one"},
    [OPT_RETRY]       = {"--retry", NULL, TAKES_NOTHING, NULL, "try a version again that was aborted"},
    [OPT_REBUILD]     = {"--rebuild", NULL, TAKES_NOTHING, NULL, "build the same version once more, as a new world"},
    [OPT_TO]          = {"--to", NULL, TAKES_VALUE, "ID", "the world to go back to"},
    [OPT_STACK]       = {"--stack", NULL, TAKES_VALUE, "NAME", "without a spec: the stack of this name, by what the account shows"},
    [OPT_SWEEP]       = {"--sweep", NULL, TAKES_NOTHING, NULL, "list every type there is, also where nothing hints at one"},
    [OPT_NEW]         = {"--new", NULL, TAKES_VALUE, "NAME", "write a starter spec NAME.bg"},
    [OPT_AFTER]       = {"--after", NULL, TAKES_VALUE, "DURATION", "in the sandbox: let that much virtual time pass first"},
    [OPT_SEED]        = {"--seed", NULL, TAKES_VALUE, "N", "the seed of everything that is left to chance in a rehearsal"},
    [OPT_ONLY]        = {"--only", NULL, TAKES_VALUE, "TEXT", "only tests and scenarios whose title contains this"},
    [OPT_STDIO]       = {"--stdio", NULL, TAKES_NOTHING, NULL, "over standard input and output, which is what it does anyway"},
};
/* clang-format on */

const struct option_row *option_row(enum option_id id)
{
    return &rows[id];
}

/* `--name=value` is the option `--name`; *value is what stands behind the sign. */
static int find(struct arena *a, const char *word, const char **value)
{
    const char *eq = !strncmp(word, "--", 2) ? strchr(word, '=') : NULL;
    const char *name = eq ? arena_strndup(a, word, (size_t)(eq - word)) : word;
    *value = eq ? eq + 1 : NULL;
    for (int i = 0; i < OPT_COUNT; i++)
        if (!strcmp(rows[i].name, name) || (rows[i].brief && !strcmp(rows[i].brief, name)))
            return i;
    return -1;
}

static bool unknown(struct diags *ds, const char *command, uint64_t allowed, const char *word,
                    int id)
{
    const char *names[OPT_COUNT];
    size_t n = 0, len = strcspn(word, "=");
    for (int i = 0; i < OPT_COUNT; i++)
        if (allowed >> i & 1)
            names[n++] = rows[i].name;
    const char *name = arena_strndup(ds->arena, word, len);
    struct diag *d =
        id < 0 ? diag_error(ds, "BG0902", NO_SPAN, "there is no option `%s`", name)
               : diag_error(ds, "BG0902", NO_SPAN, "`bgc %s` takes no option `%s`", command, name);
    const char *meant = suggest(name, names, n);
    if (meant)
        diag_help(ds, d, "did you mean `%s`?", meant);
    else
        diag_help(ds, d, "`bgc help %s` lists its options", command);
    return false;
}

static bool take(struct arena *a, struct options *o, int id, const char *value)
{
    o->given |= 1ull << id;
    o->value[id] = value;
    if (id == OPT_INPUT)
        vec_push(a, &o->inputs, value);
    return true;
}

static bool bad_value(struct diags *ds, int id, bool missing)
{
    const struct option_row *r = &rows[id];
    if (missing) {
        struct diag *d =
            diag_error(ds, "BG0903", NO_SPAN, "a value is missing after `%s`", r->name);
        diag_help(ds, d, "write `%s%s%s`", r->name, r->name[1] == '-' ? "=" : " ", r->value);
    } else {
        diag_error(ds, "BG0903", NO_SPAN, "`%s` takes no value", r->name);
    }
    return false;
}

bool options_read(struct arena *a, struct diags *ds, const char *name, uint64_t allowed, int argc,
                  char *const *argv, struct options *out)
{
    bool ok = true, options = true;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value;
        if (!options || word[0] != '-' || !word[1]) {
            vec_push(a, &out->args, word);
            continue;
        }
        if (!strcmp(word, "--")) {
            options = false;
            continue;
        }
        int id = find(a, word, &value);
        if (id < 0 && word[1] == 'i' && word[2]) { /* -isize=t3.small */
            id = OPT_INPUT;
            value = word + 2;
        }
        if (id < 0 || !(allowed >> id & 1)) {
            ok = unknown(ds, name, allowed, word, id);
            /* Its value, if it has one, is no file. */
            if (id >= 0 && rows[id].takes == TAKES_VALUE && !value)
                i++;
            continue;
        }
        if (rows[id].takes == TAKES_VALUE && !value)
            value = i + 1 < argc ? argv[++i] : NULL;
        bool empty = value && !*value && id != OPT_INPUT && rows[id].takes != TAKES_NOTHING;
        if (empty)
            ok = bad_value(ds, id, true);
        else if (rows[id].takes == TAKES_VALUE ? !value : rows[id].takes == TAKES_NOTHING && value)
            ok = bad_value(ds, id, rows[id].takes == TAKES_VALUE);
        else
            take(a, out, id, value);
    }
    return ok;
}

bool option_duration(struct diags *ds, const struct options *o, enum option_id id, int64_t *ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    if (!option_given(o, id))
        return true;
    const char *text = o->value[id];
    size_t digits = strspn(text, "0123456789");
    if (digits && digits <= 9)
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (!strcmp(text + digits, units[i].name)) {
                *ms = strtoll(text, NULL, 10) * units[i].ms;
                return true;
            }
    struct diag *d =
        diag_error(ds, "BG0903", NO_SPAN, "`%s %s`: this is no duration", rows[id].name, text);
    diag_help(ds, d, "write a whole number with a unit: 250ms, 30s, 20m, 2h, 1d");
    return false;
}
