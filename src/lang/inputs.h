/* inputs.h - where the values of inputs come from.
 *
 * In this order, the first that has one: `-i name=value` on the command line;
 * BGC_INPUT_name in the environment; the file of `--env stage`, env/stage.bg,
 * which holds `name = value` lines and nothing else; the input's default, which
 * is left to evaluation (eval.h), as is what has no value at all.
 *
 * Text becomes a value of the input's type: for a string it is taken as it is
 * (`-i size=t3.small`), for everything else it is read as the language writes it
 * (`-i fleet=3`, `-i zones='["a", "b"]'`). The environment is reached only
 * through `lookup`.
 */
#ifndef BGC_LANG_INPUTS_H
#define BGC_LANG_INPUTS_H

#include "lang/program.h"

struct inputs_args {
    const char *const *flags; /* "name=value", in order; a later one wins */
    size_t nflags;
    const char *env;          /* "stage"; NULL: none */
    /* The value of an environment variable, or NULL; may itself be NULL. */
    const char *(*lookup)(void *self, const char *name);
    void *self;
};

/* name -> struct value *, of the inputs' types, in the order of the program.
 * NULL: reported (unknown name, no such file, a value of another type). */
struct map *inputs_read(struct program *p, struct arena *a, const struct inputs_args *args);
/* The same for values that a scenario gives: `live { size = "t2.small" }`. Adds to
 * `into`; false: reported. */
bool inputs_add(struct program *p, struct arena *a, const struct arg *args, struct map *into);

#endif
