/* The table that main, `bgc help` and the completions read. */
#include <string.h>

#include "cli/cmd_check.h"
#include "cli/cmd_local.h"
#include "cli/cmd_plan.h"
#include "cli/cmd_types.h"
#include "cli/command.h"

#define WRITE "write"
#define LOOK "look"
#define KNOW "know"

/* clang-format off */
const struct command commands[] = {
    {
        .name = "check", .args = "[FILE|DIR]", .group = WRITE, .max_args = 1, .run = cmd_check,
        .summary = "compile and lint; needs no network and no credentials",
        .about = "Reports every mistake at once, with the place, what was expected and how to mend it, and\n"
                 "prints the id of each world: what `bgc apply` would build. Warnings do not fail it.",
        .options = OPTS_SPEC | OPT(JSON) | OPT(SARIF) | OPT(GITHUB) | OPT(EVIDENCE),
        .examples = "  bgc check                     the spec of this folder\n"
                    "  bgc check --github            annotations in GitHub Actions\n"
                    "  bgc check --evidence          which check has data at which step",
    },
    {
        .name = "fmt", .args = "[FILE|DIR]...", .group = WRITE, .max_args = -1, .run = cmd_fmt,
        .summary = "write .bg files in their one canonical form",
        .about = "Changes white space only. Without arguments: every .bg file in and below this folder.",
        .options = OPTS_ALL | OPT(CHECK),
        .examples = "  bgc fmt                       format what is here\n"
                    "  bgc fmt --check               for pipelines: exit 3 when a file would change",
    },
    {
        .name = "plan", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_plan,
        .summary = "show what would be done, in order, and why; changes nothing",
        .about = "Reads the account and prints every operation that `bgc apply` would do: what is created and in\n"
                 "what it differs from what serves, the timeline of the shift with its gates, and what is removed\n"
                 "at the end. The last line is the proof that the live world is not touched.",
        .options = OPTS_CLOUD | OPT(JSON) | OPT(OUT) | OPT(MARKDOWN) | OPT(HTML) | OPT(EXIT_CODE) |
                   OPT(ROLLOUT) | OPT(RETRY) | OPT(REBUILD),
        .examples = "  bgc plan -i size=t3.small             what a new instance type would do\n"
                    "  bgc plan --out shop.plan              save it, for `bgc apply shop.plan`\n"
                    "  bgc plan --exit-code                  exit 2 when something would be done\n"
                    "  bgc plan --sandbox                    in a simulated account",
    },
    {
        .name = "drift", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_drift,
        .summary = "show what somebody changed behind bgc's back; exit 2 when there is any",
        .options = OPTS_CLOUD | OPT(JSON),
    },
    {
        .name = "graph", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_graph,
        .summary = "print the resources and who needs whom, for Graphviz or as JSON",
        .options = OPTS_SPEC | OPT(JSON),
        .examples = "  bgc graph | dot -Tsvg > shop.svg",
    },
    {
        .name = "explain", .args = "[CODE]", .group = KNOW, .max_args = 1, .run = cmd_explain,
        .summary = "explain a diagnostic with a failing and a mended example",
        .options = OPTS_ALL,
        .examples = "  bgc explain BG3001\n  bgc explain                   list all codes",
    },
    {
        .name = "doc", .args = "TYPE", .group = KNOW, .max_args = -1, .raw = cmd_doc,
        .summary = "explain a type: fields, defaults, metrics",
    },
    {
        .name = "types", .args = "[check --models DIR]", .group = KNOW, .max_args = -1, .raw = cmd_types,
        .summary = "list the types; `types check` holds them against AWS's models",
    },
    {
        .name = "help", .args = "[COMMAND]", .group = KNOW, .max_args = 1, .run = cmd_help,
        .summary = "explain a command", .options = OPTS_ALL,
    },
    {
        .name = "completion", .args = "bash|zsh|fish", .group = KNOW, .max_args = 1, .run = cmd_completion,
        .summary = "print completions for a shell", .options = OPTS_ALL,
        .examples = "  source <(bgc completion bash)\n  bgc completion fish > ~/.config/fish/completions/bgc.fish",
    },
    {
        .name = "version", .args = "", .group = KNOW, .max_args = 0, .run = cmd_version,
        .summary = "print the version", .options = OPTS_ALL,
    },
};
/* clang-format on */
const size_t commands_n = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < commands_n; i++)
        if (!strcmp(name, commands[i].name))
            return &commands[i];
    return NULL;
}

const char *command_suggest(const char *word)
{
    const char *names[sizeof commands / sizeof *commands];
    for (size_t i = 0; i < commands_n; i++)
        names[i] = commands[i].name;
    return suggest(word, names, commands_n);
}
