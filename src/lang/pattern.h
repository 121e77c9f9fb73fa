/* pattern.h - regular expressions with a leash.
 *
 * PCRE2, unanchored, UTF-8. A pattern that would run away on some text does not
 * match it: every match has a step and a memory limit (PCRE2's match and heap
 * limits), so neither a type nor a reply from AWS can hang bgc.
 */
#ifndef BGC_LANG_PATTERN_H
#define BGC_LANG_PATTERN_H

#include <stdbool.h>

#include "lang/program.h"

/* NULL when it is sound, else what is wrong with it, in words. */
const char *pattern_error(struct arena *a, const char *pattern);
/* Whether it matches anywhere in `text`. A broken pattern matches nothing. */
bool pattern_match(const char *pattern, const char *text);
/* The same; compiles each pattern once per session. When the matches of one evaluation
 * together cost too much, none matches any more (p->matching is what they cost). */
bool pattern_match_memo(struct program *p, const char *pattern, const char *text);

enum match { MATCH_NO, MATCH_YES, MATCH_RUNAWAY /* stopped by a limit */, MATCH_BROKEN };
/* The same, telling why not. Adds to *cost what it took, in steps of the evaluator. */
enum match pattern_try(struct program *p, const char *pattern, const char *text, uint64_t *cost);

#endif
