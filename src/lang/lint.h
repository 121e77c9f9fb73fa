/* lint.h - what is sound but probably not meant: codes BG7nnn, all warnings.
 *
 * Three sources: rules about the program (check_lint.c: unused, shadowing, a
 * rollout without bake), found by program_check; fields that a type calls
 * `deprecated`, found where they are written; and the `lint` items of types,
 * asked of every resource of an evaluated graph. A declaration takes a finding
 * of its own back with `allow BG7nnn because "..."`. Errors and the rules about
 * worlds have other codes and cannot be allowed.
 */
#ifndef BGC_LANG_LINT_H
#define BGC_LANG_LINT_H

#include "lang/eval.h"
#include "lang/graph.h"

/* Behind program_check and evaluation: asks the rules of the types and reports
 * what is allowed and never found. With `facts` (NULL: no account was asked) the rules
 * also see what was looked up. Does nothing when there are errors. */
void program_lint(struct program *p, const struct graph *g, const struct facts *facts);

/* For program_check: reports `allow`s that allow no finding of lint. */
void lint_check_allows(struct program *p);
/* Takes back what was reported since `from` and is allowed. */
void lint_allow(struct program *p, size_t from);

/* A warning with the hint that it can be allowed. */
struct diag *lint_warn(struct program *p, const char *code, struct span span, const char *message,
                       const char *help);

#endif
