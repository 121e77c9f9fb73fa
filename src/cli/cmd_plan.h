/* cmd_plan.h - looking at a stack without changing it: plan, drift.
 *
 * Only reads; the planner's answer is rendered by review/.
 */
#ifndef BGC_CLI_CMD_PLAN_H
#define BGC_CLI_CMD_PLAN_H

#include "cli/context.h"
#include "review/text.h"
#include "rollout/survey.h"

int cmd_plan(struct context *c);
int cmd_drift(struct context *c);

/* Options that shape a plan: --rollout, --retry, --rebuild. */
struct plan_args plan_options(struct context *c);
/* How plans are shown by this command. */
struct review_style plan_style(const struct context *c);
/* Opens the account and looks at everything. false: reported, *code is set. */
bool plan_survey(struct context *c, const struct plan_args *args, bool sweep, struct survey *out,
                 int *code);

#endif
