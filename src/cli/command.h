/* command.h - the table of commands.
 *
 * One row says all about a command: what it is called, what it takes, how it is
 * explained, and what runs. main, `bgc help` and the completions read the same
 * table. Nothing is done before the command is known.
 *
 * A command's function returns the exit code (docs/guide.md lists them).
 */
#ifndef BGC_CLI_COMMAND_H
#define BGC_CLI_COMMAND_H

#include "cli/context.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_ERROR = 1,
    EXIT_DIFFERENT = 2,
    EXIT_ROLLED_BACK = 3,
    EXIT_LOCKED = 4,
    EXIT_PAUSED = 5,
    EXIT_STALE = 6,
    EXIT_REFUSED = 7,
};

struct command {
    const char *name;
    const char *args;     /* "[FILE|DIR]" */
    const char *group;    /* heading in `bgc help` */
    const char *summary;  /* one line, no full stop */
    const char *about;    /* paragraphs of `bgc help NAME`; NULL */
    const char *examples; /* lines of it: a command, two blanks, what it does; NULL */
    uint64_t options;
    int max_args;
    bool tests;           /* X.test.bg is read with X.bg */
    bool runs; /* it writes step by step: a signal ends it in good order, from its first moment on */
    int (*run)(struct context *c);
    /* For commands that read their own arguments; argv[0] is the command's name. */
    int (*raw)(int argc, char **argv);
};

extern const struct command commands[];
extern const size_t commands_n;

/* NULL: there is none. */
const struct command *command_find(const char *name);
/* The name of a command that was probably meant; NULL. */
const char *command_suggest(const char *word);

#endif
