/* implied.h - resources that a spec asks for without naming them.
 *
 * A kill switch needs a health check on its alarm; count(log, pattern, window)
 * needs a metric filter on the log. They belong to the world, are created and
 * removed with it, and are no part of its identity: they change nothing that
 * decides instances, code or reachability.
 */
#ifndef BGC_ROLLOUT_IMPLIED_H
#define BGC_ROLLOUT_IMPLIED_H

#include "lang/eval.h"

/* Adds nodes to the graph's worlds. false: reported. */
bool implied_add(struct arena *a, struct diags *ds, struct graph *g);
/* "web.kill_switch": the health check of a world's traffic; NULL: none. */
const char *implied_kill_switch(struct arena *a, const struct graph *g, const char *world);
/* "web.log-count-1f2e3d4c": the filter for a pattern on a log. */
const char *implied_filter(struct arena *a, const char *log, const char *pattern);

#endif
