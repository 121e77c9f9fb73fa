/* planfile.h - a saved plan: an assertion about what will be done, not a program.
 *
 * The file is the plan's JSON (review/json.h) with the inputs and the facts that
 * decided it. `apply` derives the plan anew and accepts it when it is the same or
 * a remainder: every action stands in the file with equal address, operation,
 * before and after, and each that is missing is done by now. Else it refuses and
 * shows the difference. What was not known when it was saved may be anything.
 */
#ifndef BGC_CLI_PLANFILE_H
#define BGC_CLI_PLANFILE_H

#include "cli/context.h"
#include "rollout/survey.h"

bool planfile_write(struct context *c, const struct survey *s, const char *path);
/* Reads a file and takes its inputs into the context, before context_inputs.
 * NULL: reported (no such file, truncated, no plan, of a newer format). */
const struct value *planfile_read(struct context *c, const char *path);
/* Whether the file is a plan of this stack with these options. false: reported. */
bool planfile_fits(struct context *c, const struct value *file);
/* Whether the plan is what the file says or a remainder of it. false: reported,
 * with the differences. */
bool planfile_accepts(struct context *c, const struct value *file, const struct plan *p);

#endif
