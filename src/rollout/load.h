/* load.h - world rule 5 at plan time: whether the gates of a rollout that is about
 * to begin can be decided by the requests that come.
 *
 * The load is what `traffic` says; when it says none, it is what the live world was
 * measured to get in the hours since it serves alone, six at most: what comes now is
 * what the rollout will meet. What shares of errors it had is measured in any case, when a
 * gate compares with them. That costs one call. A world that serves for less than
 * an hour is not judged by. Only rollouts that have not begun are refused: what is
 * under way goes on, or back.
 */
#ifndef BGC_ROLLOUT_LOAD_H
#define BGC_ROLLOUT_LOAD_H

#include "rollout/survey.h"

/* After the plan was made. false: reported. */
bool load_check(const struct survey_args *args, struct arena *a, const struct survey *s);

#endif
