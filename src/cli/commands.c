/* The table that main, `bgc help` and the completions read. */
#include <string.h>

#include "cli/cmd_check.h"
#include "cli/cmd_doc.h"
#include "cli/cmd_init.h"
#include "cli/cmd_local.h"
#include "cli/cmd_lock.h"
#include "cli/cmd_lsp.h"
#include "cli/cmd_output.h"
#include "cli/cmd_plan.h"
#include "cli/cmd_run.h"
#include "cli/cmd_status.h"
#include "cli/cmd_test.h"
#include "cli/cmd_types.h"
#include "cli/command.h"

#define WRITE "write"
#define LOOK "look"
#define KNOW "know"
#define ACT "act"
#define STEER "steer"

/* clang-format off */
const struct command commands[] = {
    {
        .name = "check", .args = "[FILE|DIR]", .group = WRITE, .max_args = 1, .run = cmd_check, .tests = true,
        .summary = "compile and lint; needs no network and no credentials",
        .about = "Reports every mistake at once, with the place, what was expected and how to mend it, and\n"
                 "prints the id of each world: what `bgc apply` would build. Warnings do not fail it.",
        .options = OPTS_SPEC | OPT(JSON) | OPT(SARIF) | OPT(GITHUB) | OPT(EVIDENCE) | OPT(FIX),
        .examples = "  bgc check                     the spec of this folder\n"
                    "  bgc check --fix               mend what can be mended in one way only\n"
                    "  bgc check --github            annotations in GitHub Actions\n"
                    "  bgc check --evidence          which check has data at which step",
    },
    {
        .name = "fmt", .args = "[FILE|DIR|-]...", .group = WRITE, .max_args = -1, .run = cmd_fmt,
        .summary = "write .bg files in their one canonical form",
        .about = "Changes white space only. Without arguments: every .bg file in and below this folder, but not in\n"
                 "hidden folders, node_modules, vendor, other repositories, and not through links. `-` reads stdin\n"
                 "and prints.",
        .options = OPTS_ALL | OPT(CHECK),
        .examples = "  bgc fmt                       format what is here\n"
                    "  bgc fmt --check               for pipelines: exit 3 when a file would change",
    },
    {
        .name = "init", .args = "[FILE|DIR]", .group = WRITE, .max_args = 1, .run = cmd_init,
        .summary = "make and harden the store; with --new: write a starter spec",
        .about = "The store of a team is a bucket in S3: it is made if it is not there, keeps old versions, is\n"
                 "encrypted, not public, and refuses plain HTTP. It can be run again at any time.",
        .options = OPTS_CLOUD | OPT(NEW) | OPT(YES),
        .examples = "  bgc init --new shop            writes shop.bg, to begin with\n"
                    "  bgc init                       makes the bucket that the stack names",
    },
    {
        .name = "test", .args = "[FILE|DIR]", .group = WRITE, .max_args = 1, .run = cmd_test, .tests = true,
        .summary = "run the spec's tests, and rehearse its scenarios in a simulated account",
        .about = "A `test` evaluates the spec with inputs and answers of its own and looks at what comes of it.\n"
                 "Tests stand in the spec, or beside shop.bg in shop.test.bg.\n\n"
                 "Each scenario builds the live world, runs the upgrade with the real executor on a virtual clock,\n"
                 "breaks what the scenario says, and judges what it expects. Two hours take milliseconds; the same\n"
                 "seed gives the same run. Exit 1 when an expectation does not hold.",
        .options = OPTS_SPEC | OPT(JSON) | OPT(SEED) | OPT(ONLY),
        .examples = "  bgc test                       all tests and scenarios of the spec\n"
                    "  bgc test --only errors -q      those with \"errors\" in their title, results only",
    },
    {
        .name = "lsp", .args = "", .group = WRITE, .max_args = 0, .run = cmd_lsp,
        .summary = "the language server: editors start it",
        .about = "Speaks the Language Server Protocol over its input and output: mistakes as you type, completion,\n"
                 "hover, definitions, references, renaming, formatting, outline and colours. docs/editors.md says\n"
                 "how VS Code, Vim, Neovim, Emacs and Helix are told of it.",
        .options = OPTS_ALL | OPT(STDIO),
    },
    {
        .name = "plan", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_plan,
        .summary = "show what would be done, in order, and why; changes nothing",
        .about = "Reads the account and prints every operation that `bgc apply` would do: what is created and in\n"
                 "what it differs from what serves, the timeline of the shift with its gates, and what is removed\n"
                 "at the end. The last line is the proof that the live world is not touched.",
        .options = OPTS_CLOUD | OPT(JSON) | OPT(OUT) | OPT(MARKDOWN) | OPT(HTML) | OPT(EXIT_CODE) |
                   OPT(ROLLOUT) | OPT(RETRY) | OPT(REBUILD) | OPT(SWEEP),
        .examples = "  bgc plan -i size=t3.small             what a new instance type would do\n"
                    "  bgc plan --out shop.plan              save it, for `bgc apply shop.plan`\n"
                    "  bgc plan --exit-code                  exit 2 when something would be done\n"
                    "  bgc plan --sandbox                    in a simulated account",
    },
    {
        .name = "status", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_status,
        .summary = "worlds, shares, phase, what is due, and the commands that roll back",
        .about = "With --stack it needs neither a spec nor a store: the worlds are found by their tags, and these say\n"
                 "where the traffic record is.",
        .options = OPTS_CLOUD | OPT(JSON) | OPT(STACK),
        .examples = "  bgc status\n  bgc status --stack shop --region eu-west-1\n  bgc status --json | jq .worlds.web.phase",
    },
    {
        .name = "drift", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_drift,
        .summary = "show what somebody changed behind bgc's back; exit 2 when there is any",
        .options = OPTS_CLOUD | OPT(JSON),
    },
    {
        .name = "output", .args = "[NAME] [FILE|DIR]", .group = LOOK, .max_args = 2, .run = cmd_output,
        .summary = "what the spec's outputs are worth in the account; of one name, for scripts",
        .about = "With a name, that value alone, text as it is: exit 1 when it is not known yet. What names a\n"
                 "world speaks of the version that the spec describes. Secret ones are never shown.",
        .options = OPTS_CLOUD | OPT(JSON),
        .examples = "  bgc output                     all, a line each\n"
                    "  bgc output url                 one, without quotes\n"
                    "  bgc output --json              {NAME: {value, known, secret}}",
    },
    {
        .name = "whoami", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_whoami,
        .summary = "identity, account and region of every account the spec uses, and where each came from",
        .options = OPTS_CLOUD | OPT(JSON),
    },
    {
        .name = "graph", .args = "[FILE|DIR]", .group = LOOK, .max_args = 1, .run = cmd_graph,
        .summary = "print the resources and who needs whom, for Graphviz or as JSON",
        .options = OPTS_SPEC | OPT(JSON),
        .examples = "  bgc graph | dot -Tsvg > shop.svg",
    },
    {
        .name = "apply", .args = "[PLANFILE] [FILE|DIR]", .group = ACT, .runs = true, .max_args = 2, .run = cmd_apply,
        .summary = "do it: build, test, shift step by step, and go back when a gate fails",
        .about = "Asks before it writes; without a terminal it needs --yes or a saved plan, of which it does exactly\n"
                 "what was reviewed, or refuses (exit 6). It returns when the last hold has passed and the bake\n"
                 "begins, and says until when the old world is kept. Killed at any point, the same command goes on.\n"
                 "Exit: 0 done, 1 error, 3 rolled back, 4 another run holds the lease, 5 paused, 6 the saved plan is\n"
                 "stale, 7 refused.",
        .options = OPTS_CLOUD | OPT(YES) | OPT(EVENTS) | OPT(PAUSE_AFTER) | OPT(WAIT) | OPT(ROLLOUT) |
                   OPT(RETRY) | OPT(REBUILD) | OPT(SWEEP),
        .examples = "  bgc apply                             shows the plan and asks\n"
                    "  bgc apply shop.plan --events run.ndjson\n"
                    "  bgc apply --yes --rollout hotfix      a fix that cannot wait\n"
                    "  bgc apply --sandbox --yes             in a simulated account, in milliseconds",
    },
    {
        .name = "tick", .args = "[FILE|DIR]", .group = ACT, .runs = true, .max_args = 1, .run = cmd_tick,
        .summary = "one step of whatever is due, under a minute: for schedulers",
        .about = "Goes on with a rollout that is under way: watches its gate, shifts when a hold is over, rolls back,\n"
                 "retires. It starts nothing. A scheduler may call it every minute.",
        .options = OPTS_CLOUD | OPT(YES) | OPT(EVENTS),
    },
    {
        .name = "retire", .args = "[FILE|DIR]", .group = ACT, .runs = true, .max_args = 1, .run = cmd_retire,
        .summary = "remove the old world, if it is due and measured idle",
        .options = OPTS_CLOUD | OPT(YES) | OPT(EVENTS),
    },
    {
        .name = "destroy", .args = "[WORLD] [FILE|DIR]", .group = ACT, .runs = true, .max_args = 2, .run = cmd_destroy,
        .summary = "remove a world, or everything of the stack; asks for its name",
        .options = OPTS_CLOUD | OPT(YES) | OPT(EVENTS),
    },
    {
        .name = "approve", .args = "[FILE|DIR]", .group = STEER, .max_args = 1, .run = cmd_approve,
        .summary = "approve what a rollout waits for",
        .about = "Writes who approved into the store; the run that waits, or the next one, goes on.",
        .options = OPTS_CLOUD | OPT(YES),
    },
    {
        .name = "abort", .args = "[FILE|DIR]", .group = STEER, .runs = true, .max_args = 1, .run = cmd_abort,
        .summary = "stop a rollout: the live world has everything again, this version is not tried again",
        .about = "With --stack it needs neither a spec nor a store, as `rollback` does.",
        .options = OPTS_CLOUD | OPT(YES) | OPT(EVENTS) | OPT(STACK),
    },
    {
        .name = "rollback", .args = "[FILE|DIR]", .group = STEER, .runs = true, .max_args = 1, .run = cmd_rollback,
        .summary = "give the world that served before everything again, in one batch",
        .about = "Works while traffic shifts and during the bake, also when the run that shifts is alive or dead:\n"
                 "the lease is taken from it, and its next write fails. Nobody is asked.\n"
                 "With --stack it needs neither a spec nor a store: worlds are found by their tags, and the traffic\n"
                 "record tells the rest. --to takes every world that still has records; of others it says why not.",
        .options = OPTS_CLOUD | OPT(YES) | OPT(TO) | OPT(EVENTS) | OPT(STACK),
        .examples = "  bgc rollback\n"
                    "  bgc rollback --to 7f3a2c91d0\n"
                    "  bgc rollback --stack shop --region eu-west-1      from an empty folder",
    },
    {
        .name = "lock", .args = "update ADDRESS|prune [FILE|DIR]", .group = STEER, .max_args = 3, .run = cmd_lock,
        .summary = "move a pin in bgc.lock, of an answer or a module; take out those that nothing uses",
        .options = OPTS_CLOUD,
        .examples = "  bgc lock update shared.image\n"
                    "  bgc lock update https://example.com/tier/1.2/tier.bg      into vendor/\n"
                    "  bgc lock prune",
    },
    {
        .name = "lease", .args = "show|break [FILE|DIR]", .group = STEER, .max_args = 2, .run = cmd_lease,
        .summary = "show who is at work on the stack, or take the lease from a dead run",
        .options = OPTS_CLOUD | OPT(JSON) | OPT(YES),
    },
    {
        .name = "explain", .args = "[CODE]", .group = KNOW, .max_args = 1, .run = cmd_explain,
        .summary = "explain a diagnostic with a failing and a mended example",
        .options = OPTS_ALL,
        .examples = "  bgc explain BG3001\n  bgc explain                   list all codes",
    },
    {
        .name = "doc", .args = "NAME | --html DIR", .group = KNOW, .max_args = -1, .raw = cmd_doc,
        .summary = "explain a type, a function or a module of the library, or all on web pages",
        .examples = "  bgc doc ec2.security_group\n  bgc doc --html reference      then open reference/index.html",
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
