/* fuzz_local.c - any text as env/x.bg and as bgc.lock beside a program.
 *
 * What must hold: inputs and pins are read, or what is wrong is reported; an input
 * that is read has its type. See README.md for how to run it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lang/eval.h"
#include "lang/inputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static void remove_dir(void)
{
    char path[128];
    static const char *const files[] = {"env/x.bg", "bgc.lock"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/env", dir);
    rmdir(path);
    rmdir(dir);
}

static void make_dir(void)
{
    if (*dir)
        return;
    strcpy(dir, "/tmp/bgc-fuzz-XXXXXX");
    char path[128];
    if (!mkdtemp(dir))
        abort();
    snprintf(path, sizeof path, "%s/env", dir);
    if (mkdir(path, 0700))
        abort();
    atexit(remove_dir);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] =
        "stack s { region = \"eu-west-1\" }\ninput n: 1..50 = 3\ninput t: \"a\" | \"b\" = \"a\"\n"
        "input l: [string] = []\ninput d: duration? = none\ninput r: { a: int, b: map string } = "
        "{ a = 1, b = {} }\ninput s: secret string = \"x\"\noutput o = n\n"
        "shared { existing i: ec2.image { owner = \"self\", name = \"x\" } pin }\n";
    make_dir();
    put("env/x.bg", data, size);
    put("bgc.lock", data, size);
    struct arena *a = arena_new("fuzz");
    struct sources sources;
    struct diags ds;
    struct intern names;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    struct program *p = program_load(a, &names, &ds, arena_printf(a, "%s/main.bg", dir), text);
    if (ds.errors)
        abort();
    struct map *inputs = inputs_read(p, a, &(struct inputs_args){.env = "x"});
    if (!inputs && !ds.errors)
        abort();
    struct map *pins = program_pins(p);
    if (inputs && !ds.errors) {
        struct eval_args args = {.inputs = inputs, .pins = pins};
        if (!eval_program(p, a, &args))
            abort();
    }
    arena_free(a);
    return 0;
}
