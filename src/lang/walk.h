/* walk.h - going over the parts of an expression, whatever kind it is. */
#ifndef BGC_LANG_WALK_H
#define BGC_LANG_WALK_H

#include "lang/ast.h"

/* Calls `see` for each expression directly inside `e`, in source order. */
void expr_each_child(const struct expr *e, void (*see)(void *self, const struct expr *child),
                     void *self);
/* Whether `name` is said anywhere in `e` as a name of its own. */
bool expr_says(const struct expr *e, const char *name);

#endif
