/* What helps to type commands: `bgc help`, and completion for shells. All of it
 * is read from the tables of commands and options. */
#include <string.h>

#include "cli/cmd_local.h"
#include "cli/command.h"

static void bold(struct context *c, const char *s)
{
    buf_printf(&c->out, c->colour_out ? "\033[1m%s\033[0m" : "%s", s);
}

static void overview(struct context *c)
{
    const char *group = NULL;
    buf_puts(&c->out, "usage: bgc COMMAND [FILE|DIR] [options]\n\n"
                      "Without a file: the one .bg file with a `stack` in the current folder.\n");
    for (size_t i = 0; i < commands_n; i++) {
        const struct command *cmd = &commands[i];
        if (!group || strcmp(group, cmd->group) != 0) {
            group = cmd->group;
            buf_putc(&c->out, '\n');
            bold(c, group);
            buf_putc(&c->out, '\n');
        }
        buf_printf(&c->out, "  %-11s %s\n", cmd->name, cmd->summary);
    }
    buf_puts(&c->out, "\n`bgc help COMMAND` explains one; `bgc explain CODE` explains an error.\n"
                      "A first try without an account: bgc apply --sandbox\n");
}

static void put_options(struct context *c, uint64_t options)
{
    bool any = false;
    for (int i = 0; i < OPT_COUNT; i++) {
        if (!(options >> i & 1))
            continue;
        const struct option_row *r = option_row((enum option_id)i);
        if (!any) {
            buf_putc(&c->out, '\n');
            bold(c, "options");
            buf_putc(&c->out, '\n');
            any = true;
        }
        const char *value = !r->value ? ""
                            : r->takes == MAY_TAKE_VALUE
                                ? arena_printf(c->session, "[=%s]", r->value)
                                : arena_printf(c->session, " %s", r->value);
        buf_printf(&c->out, "  %-24s %s\n",
                   arena_printf(c->session, "%s%s%s%s", r->brief ? r->brief : "",
                                r->brief ? ", " : "", r->name, value),
                   r->help);
    }
}

static void about(struct context *c, const struct command *cmd)
{
    buf_printf(&c->out, "usage: bgc %s%s%s%s\n\n", cmd->name, *cmd->args ? " " : "", cmd->args,
               cmd->options ? " [options]" : "");
    buf_printf(&c->out, "%s\n", cmd->summary);
    if (cmd->about)
        buf_printf(&c->out, "\n%s\n", cmd->about);
    put_options(c, cmd->options);
    if (cmd->examples) {
        buf_putc(&c->out, '\n');
        bold(c, "examples");
        buf_printf(&c->out, "\n%s\n", cmd->examples);
    }
}

int cmd_help(struct context *c)
{
    if (!c->opt.args.n) {
        overview(c);
        return EXIT_DONE;
    }
    const char *name = c->opt.args.at[0];
    const struct command *cmd = command_find(name);
    if (cmd) {
        about(c, cmd);
        return EXIT_DONE;
    }
    struct diag *d = diag_error(&c->ds, "BG0901", NO_SPAN, "there is no command `%s`", name);
    const char *meant = command_suggest(name);
    if (meant)
        diag_help(&c->ds, d, "did you mean `%s`?", meant);
    return EXIT_ERROR;
}

/* ---- completion ------------------------------------------------------------------- */

static void put_words(struct buf *b, uint64_t options)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (options >> i & 1)
            buf_printf(b, " %s", option_row((enum option_id)i)->name);
}

static void bash(struct buf *b)
{
    buf_puts(b, "_bgc() {\n    local cur=${COMP_WORDS[COMP_CWORD]} words=\n    COMPREPLY=()\n"
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='");
    for (size_t i = 0; i < commands_n; i++)
        buf_printf(b, "%s%s", i ? " " : "", commands[i].name);
    buf_puts(b, "'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < commands_n; i++) {
        buf_printf(b, "        %s) words='", commands[i].name);
        put_words(b, commands[i].options);
        buf_puts(b, "' ;;\n");
    }
    buf_puts(b, "        esac\n    fi\n"
                "    case $cur in\n"
                "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
                "    *)  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"$words\" -- "
                "\"$cur\"))\n"
                "        else COMPREPLY=($(compgen -f -X '!*.bg' -- \"$cur\") $(compgen -d -- "
                "\"$cur\")); fi ;;\n"
                "    esac\n}\ncomplete -o filenames -F _bgc bgc\n");
}

/* Inside single quotes, in brackets: what zsh would take for more than text. */
static void put_zsh(struct buf *b, const char *s)
{
    for (; *s; s++)
        if (*s == '\'')
            buf_puts(b, "'\\''");
        else if (*s == ':' || *s == '[' || *s == ']')
            buf_printf(b, "\\%c", *s);
        else
            buf_putc(b, *s);
}

static void zsh(struct buf *b)
{
    buf_puts(b, "#compdef bgc\n_bgc() {\n  local -a cmds\n  cmds=(\n");
    for (size_t i = 0; i < commands_n; i++) {
        buf_printf(b, "    '%s:", commands[i].name);
        put_zsh(b, commands[i].summary);
        buf_puts(b, "'\n");
    }
    buf_puts(b, "  )\n  if (( CURRENT == 2 )); then _describe command cmds; return; fi\n  case "
                "$words[2] in\n");
    for (size_t i = 0; i < commands_n; i++) {
        buf_printf(b, "    %s) _arguments '*:file:_files'", commands[i].name);
        for (int k = 0; k < OPT_COUNT; k++) {
            if (!(commands[i].options >> k & 1))
                continue;
            const struct option_row *r = option_row((enum option_id)k);
            buf_printf(b, " '%s%s[", r->name, r->takes == MAY_TAKE_VALUE ? "=-" : "");
            put_zsh(b, r->help);
            buf_printf(b, "]%s%s%s'", r->value ? (r->takes == MAY_TAKE_VALUE ? "::" : ":") : "",
                       r->value ? r->value : "", r->value ? ":_files" : "");
        }
        buf_puts(b, " ;;\n");
    }
    buf_puts(b, "  esac\n}\n_bgc \"$@\"\n");
}

static void fish(struct buf *b)
{
    for (size_t i = 0; i < commands_n; i++) {
        buf_printf(b, "complete -c bgc -n __fish_use_subcommand -a %s -d ", commands[i].name);
        buf_put_json(b, commands[i].summary);
        buf_putc(b, '\n');
        for (int k = 0; k < OPT_COUNT; k++) {
            if (!(commands[i].options >> k & 1))
                continue;
            const struct option_row *r = option_row((enum option_id)k);
            buf_printf(b, "complete -c bgc -n '__fish_seen_subcommand_from %s'", commands[i].name);
            if (r->name[1] == '-')
                buf_printf(b, " -l %s", r->name + 2);
            else
                buf_printf(b, " -s %s", r->name + 1);
            if (r->brief)
                buf_printf(b, " -s %s", r->brief + 1);
            buf_printf(b, "%s -d ", r->takes == TAKES_VALUE ? " -r" : "");
            buf_put_json(b, r->help);
            buf_putc(b, '\n');
        }
    }
}

int cmd_completion(struct context *c)
{
    const char *shell = c->opt.args.n ? c->opt.args.at[0] : "";
    if (!strcmp(shell, "bash"))
        bash(&c->out);
    else if (!strcmp(shell, "zsh"))
        zsh(&c->out);
    else if (!strcmp(shell, "fish"))
        fish(&c->out);
    else {
        struct diag *d = diag_error(&c->ds, "BG0904", NO_SPAN, "which shell: bash, zsh or fish?");
        diag_help(&c->ds, d, "for example: source <(bgc completion bash)");
        return EXIT_ERROR;
    }
    return EXIT_DONE;
}
