/* main.c - finds the command and runs it. Before the command is known nothing
 * is done. Here too is the one variable that outlives a call: how many signals
 * asked to stop. The first lets a run end in good order; the second ends the
 * process at once, which is safe as well, only less polite. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/value.h"
#include "cli/cmd_local.h"
#include "cli/command.h"

static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
    if (signals_seen)
        _exit(128 + number);
    signals_seen = 1;
}

static void catch_signals(void)
{
    /* No SA_RESTART: who waits for an answer on the terminal must wake up. */
    struct sigaction act = {.sa_handler = on_signal};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
}

static const struct signals signals = {&signals_seen};

/* `bgc CMD --help` is `bgc help CMD`. */
static int help_of(struct context *c, const char *name)
{
    c->opt.args.n = 0;
    if (name)
        vec_push(c->session, &c->opt.args, name);
    return cmd_help(c);
}

static bool enough(struct context *c, const struct command *cmd)
{
    if (cmd->max_args < 0 || c->opt.args.n <= (size_t)cmd->max_args)
        return true;
    struct diag *d = diag_error(&c->ds, "BG0904", NO_SPAN, "`%s` is one word too many for `bgc %s`",
                                c->opt.args.at[cmd->max_args], cmd->name);
    diag_help(&c->ds, d, "usage: bgc %s %s", cmd->name, cmd->args);
    return false;
}

static int run(const struct command *cmd, int argc, char **argv)
{
    struct context c;
    if (cmd->runs)
        catch_signals();
    context_init(&c, cmd, &signals);
    bool read = options_read(c.session, &c.ds, cmd->name, cmd->options, argc, argv, &c.opt);
    context_begin(&c);
    if (option_given(&c.opt, OPT_HELP)) {
        diags_rewind(&c.ds, 0);
        return context_end(&c, help_of(&c, cmd->name));
    }
    if (!read || !enough(&c, cmd))
        return context_end(&c, EXIT_ERROR);
    return context_end(&c, cmd->run(&c));
}

static int unknown(const char *word)
{
    struct context c;
    context_init(&c, command_find("help"), &signals);
    context_begin(&c);
    struct diag *d = diag_error(&c.ds, "BG0901", NO_SPAN, "there is no command `%s`", word);
    const char *meant = command_suggest(word);
    if (meant)
        diag_help(&c.ds, d, "did you mean `bgc %s`?", meant);
    else
        diag_help(&c.ds, d, "`bgc help` lists them");
    return context_end(&c, EXIT_ERROR);
}

int main(int argc, char **argv)
{
    /* A reader that left shows as an error of writing. */
    signal(SIGPIPE, SIG_IGN);
    value_json_memory();
    const char *name = argc > 1 ? argv[1] : "help";
    if (!strcmp(name, "--version") || !strcmp(name, "-V"))
        name = "version";
    if (!strcmp(name, "--help") || !strcmp(name, "-h"))
        name = "help";
    const struct command *cmd = command_find(name);
    if (!cmd)
        return unknown(name);
    int skip = argc > 1 ? 2 : 1;
    return cmd->raw ? cmd->raw(argc - 1, argv + 1) : run(cmd, argc - skip, argv + skip);
}
