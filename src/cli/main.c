/* main.c - finds the command and runs it. */
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "cli/cmd_check.h"
#include "cli/cmd_types.h"

struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

static int run_version(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("bgc %s\n", bgc_version());
    return 0;
}

static const struct command commands[] = {
    {"check", "compile and lint; needs no network and no credentials", cmd_check},
    {"doc", "explain a type: fields, defaults, metrics", cmd_doc},
    {"types", "list the types; `types check` holds them against AWS's models", cmd_types},
    {"version", "print the version", run_version},
};

static void usage(FILE *out)
{
    fprintf(out, "usage: bgc COMMAND [FILE|DIR] [options]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].summary);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";
    if (!strcmp(name, "--version"))
        name = "version";
    if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h")) {
        usage(stdout);
        return 0;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(name, commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "bgc: no command '%s'; try `bgc help`\n", name);
    return 1;
}
